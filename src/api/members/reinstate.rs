//! `POST /v1/charters/{charter}/members/{id}/reinstatement`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use uuid::Uuid;

use super::{reasons::ReasonsBody, target};
use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        problem::{ApiError, problems},
        render,
        wire::decision::DecisionView,
    },
    desk::memberships::reinstate::{self, Reinstate},
    rules::text::Slug,
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    CHANGED,
    INVALID_BODY,
    RECUSED,
    SECOND_REGISTRAR_MISSING,
    ALREADY_PROPOSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Propose to end a suspension.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. A suspension whose term passes ends without one.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = ReasonsBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/reinstatement")]
pub async fn reinstate_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<ReasonsBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let command = Reinstate {
        target: target(&request, path),
        reasons: body.value.read()?,
        by: caller.operator()?,
    };
    let decision = service
        .run(async move { reinstate::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}
