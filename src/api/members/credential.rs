//! `GET /v1/charters/{charter}/members/{id}/credential`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use charter_proof::{credential::jwt, record};
use uuid::Uuid;

use crate::{
    api::{
        Service, forms, mirror,
        problem::{
            ApiError,
            catalogue::{MEMBER_UNKNOWN, NOT_A_MEMBER},
            problems,
        },
        render,
    },
    desk::memberships::credential::{CredentialError, Form, give, known},
    rules::{id::MemberId, text::Slug},
};

problems!(
    MIRROR_CANNOT_SIGN,
    MEMBER_UNKNOWN,
    NOT_A_MEMBER,
    NOT_FOUND,
    BUSY,
    LOG_CONTRADICTED,
    SIGNING_KEY_MISSING
);

/// Get a member's credential.
///
/// A W3C Verifiable Credential that says that the membership holds now and for some hours to come, for wallets and web
/// pages; with `Accept: application/vc+jwt` as a JSON Web Token. Only active and suspended members have one. Verifiers
/// look at `validUntil`, and at the two lists that `credentialStatus` names.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    responses(
        (status = OK, description = "The credential", content(
            (serde_json::Value = "application/vc"),
            (String = "application/vc+jwt"),
        )),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members/{id}/credential")]
pub async fn get_credential(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
) -> Result<HttpResponse, ApiError> {
    mirror::check_signs(&service, request.path())?;
    let (charter, member) = path.into_inner();
    let member = MemberId(member);
    let (form, media_type) = if forms::prefers(&request, jwt::MEDIA_TYPE, record::MEDIA_TYPE) {
        (Form::Token, jwt::MEDIA_TYPE)
    } else {
        (Form::Document, record::MEDIA_TYPE)
    };
    let bytes = if let Some(bytes) = known(&service.desk, charter.as_str(), member, form) {
        bytes
    } else {
        let desk = service.desk.clone();
        let giving = async move { give(&desk, charter.as_str(), member, form).await };
        service.run(giving).await?
    };
    Ok(render::never_kept(media_type, bytes))
}

impl From<CredentialError> for ApiError {
    fn from(error: CredentialError) -> Self {
        match error {
            CredentialError::Unknown => Self::refused(&MEMBER_UNKNOWN, &error),
            CredentialError::NotAMember { .. } => Self::refused(&NOT_A_MEMBER, &error),
            CredentialError::Failed(failure) => failure.into(),
        }
    }
}
