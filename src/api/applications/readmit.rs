//! `POST /v1/applications/{id}/readmission`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        problem::{ApiError, catalogue::MEMBERSHIP_STATUS, problems},
        render,
        wire::decision::DecisionView,
    },
    desk::memberships::readmit::{self, Readmit, ReadmitError},
    rules::{
        id::{ApplicationId, MemberId},
        text::Invalid,
    },
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    MEMBERSHIP_STATUS,
    CHANGED,
    DOMAIN_MISSING,
    DOMAIN_PROOF_REQUIRED,
    KEY_MISSING,
    ALREADY_MEMBER,
    FORMER_MEMBER,
    NOTHING_TO_REASSIGN,
    RECUSED,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Which membership the application continues.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"member": "0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10", "domainAttested": true}))]
pub struct ReadmitBody {
    /// The former member.
    member: Uuid,
    /// Whether the registrar attests that it controls its domain; false when absent. Without it the domain does not
    /// become a key of the membership, and the record does not name it.
    #[serde(default)]
    domain_attested: bool,
    /// Another former member, whose keys the organisation takes over.
    #[serde(default)]
    reassign_from: Option<Uuid>,
}

/// Propose to readmit a former member.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. The application's memorandum must be signed. The membership goes on with its
/// number, its history and its day of admission; everything else is the application's, and keys that it no longer names
/// become free.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = ReadmitBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/applications/{id}/readmission")]
pub async fn readmit_applicant(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<ReadmitBody>,
) -> Result<HttpResponse, ApiError> {
    let command = Readmit {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        member: MemberId(body.value.member),
        domain_attested: body.value.domain_attested,
        reassign_from: body.value.reassign_from.map(MemberId),
        by: caller.operator()?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let decision = service
        .run(async move { readmit::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}

impl From<ReadmitError> for ApiError {
    fn from(error: ReadmitError) -> Self {
        match error {
            ReadmitError::Admit(refusal) => refusal.into(),
            ReadmitError::MemberUnknown => {
                let invalid = Invalid::new("unknown_member", error.to_string());
                Self::invalid_field("/member", invalid)
            }
            ReadmitError::NotNow(_) => Self::refused(&MEMBERSHIP_STATUS, &error),
            ReadmitError::Propose(refusal) => refusal.into(),
            ReadmitError::Failed(failure) => failure.into(),
        }
    }
}
