//! `POST /v1/charters/{charter}/members/{id}/merger`

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::target;
use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, catalogue::TOO_MANY_IDENTIFIERS, problems},
        render,
        wire::decision::DecisionView,
    },
    desk::memberships::merge::{self, Merge, MergeError},
    rules::{
        id::MemberId,
        text::{Invalid, Localized, Slug},
    },
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    CHANGED,
    INVALID_BODY,
    RECUSED,
    TOO_MANY_IDENTIFIERS,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Into which member it is to be merged.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "into": "0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10",
    "statement": {"ru": "Школы объединены по решению учредителя.", "en": "The schools were merged by their founder's decision."}
}))]
pub struct MergeBody {
    /// The member that goes on.
    into: Uuid,
    /// What the public record of the one that ceases will say, by language, without personal data.
    statement: BTreeMap<String, String>,
}

/// Propose to merge a member into another one.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. Then the member of this address withdraws on the ground `dissolved`, its keys are
/// reassigned to the other, whose `amended` record names them and keeps its names as aliases, as far as there is room.
/// A domain stays with the former member where the other has one already.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = MergeBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/merger")]
pub async fn merge_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<MergeBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let mut faults = Faults::default();
    let statement = faults.part("/statement", Localized::parse(&body.value.statement));
    let command = Merge {
        target: target(&request, path),
        into: MemberId(body.value.into),
        statement: faults.unless_any(statement)?,
        by: caller.operator()?,
    };
    let decision = service
        .run(async move { merge::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}

impl From<MergeError> for ApiError {
    fn from(error: MergeError) -> Self {
        let into = |code| Self::invalid_field("/into", Invalid::new(code, error.to_string()));
        match error {
            MergeError::Change(refusal) => refusal.into(),
            MergeError::Itself => into("same_member"),
            MergeError::IntoUnknown => into("unknown_member"),
            MergeError::TooMany(refusal) => Self::refused(&TOO_MANY_IDENTIFIERS, &refusal),
            MergeError::Failed(failure) => failure.into(),
        }
    }
}
