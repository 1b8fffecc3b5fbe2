//! `POST /v1/decisions/{id}/approval`

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use charter_proof::canonical::Digest;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        problem::{
            ApiError,
            catalogue::{DECISION_STATE, DECISION_UNKNOWN, PROPOSAL_STALE, RECUSED, SAME_PERSON},
            problems,
        },
        render,
        wire::{decision::DecisionView, member::Member},
    },
    desk::{
        decisions::approve::{self, Approve, ApproveError},
        memberships::suspend::SuspendError,
    },
    rules::id::DecisionId,
};

problems!(
    DECISION_UNKNOWN,
    DECISION_STATE,
    SAME_PERSON,
    PROPOSAL_STALE,
    APPLICATION_STATE,
    MEMBERSHIP_STATUS,
    ALREADY_MEMBER,
    FORMER_MEMBER,
    NOTHING_TO_REASSIGN,
    SEVERAL_HOLDERS,
    TOO_MANY_IDENTIFIERS,
    RECUSED,
    UNREVIEWED_MATCH,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
    RECORD_REDACTED,
);

/// What is approved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"digest": "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"}))]
pub struct ApproveBody {
    /// The decision's `digest`, as the approver read it.
    #[schema(value_type = String, pattern = "^[0-9a-f]{64}$")]
    digest: Digest,
}

/// A decision carried out.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApprovedView {
    /// The decision, approved.
    decision: DecisionView,
    /// The member as it stands by it.
    member: Member,
}

/// Approve a decision.
///
/// By another registrar than the one who proposed it. It is carried out at once: the record is signed and its
/// event appended to the log, in one transaction. The digest binds the approval to the proposal, and the
/// proposal binds itself to its subject as it stood.
#[utoipa::path(
    tag = "decisions",
    params(("id" = Uuid, Path, description = "The decision's identifier")),
    request_body = ApproveBody,
    responses((status = OK, description = "The decision, carried out", body = ApprovedView), Problems),
)]
#[post("/v1/decisions/{id}/approval")]
pub async fn approve_decision(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<ApproveBody>,
) -> Result<HttpResponse, ApiError> {
    let command = Approve {
        decision: DecisionId(path.into_inner()),
        digest: body.value.digest,
        by: caller.operator()?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let approved = service
        .run(async move { approve::approve(&desk, call, command).await })
        .await?;
    let base = service.desk.base();
    let shown = ApprovedView {
        decision: DecisionView::new(&approved.decision, base),
        member: Member::new(&approved.membership, base),
    };
    render::changed(StatusCode::OK, None, &shown)
}

impl From<ApproveError> for ApiError {
    fn from(error: ApproveError) -> Self {
        match error {
            ApproveError::Unknown => Self::refused(&DECISION_UNKNOWN, &error),
            ApproveError::NotOpen(_) => Self::refused(&DECISION_STATE, &error),
            ApproveError::SamePerson => Self::refused(&SAME_PERSON, &error),
            ApproveError::Recused => Self::refused(&RECUSED, &error),
            ApproveError::Stale => Self::refused(&PROPOSAL_STALE, &error),
            ApproveError::Admit(refusal) => refusal.into(),
            ApproveError::Change(refusal) => refusal.into(),
            // The body of an approval has no term that could be mended.
            ApproveError::Suspend(refusal @ SuspendError::TermPassed(_)) => {
                Self::refused(&PROPOSAL_STALE, &refusal)
            }
            ApproveError::Suspend(refusal) => refusal.into(),
            ApproveError::Readmit(refusal) => refusal.into(),
            ApproveError::Reassign(refusal) => refusal.into(),
            ApproveError::Merge(refusal) => refusal.into(),
            ApproveError::Redact(refusal) => refusal.into(),
            ApproveError::Failed(failure) => failure.into(),
        }
    }
}
