//! `POST /v1/charters/{charter}/members/{id}/exclusion`

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
    desk::memberships::exclude::{self, Exclude},
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

/// Propose to exclude a member.
///
/// Enters a decision; nothing changes until another registrar approves it with
/// `POST /v1/decisions/{id}/approval`. `If-Match` may name the state of the member that the proposal is about.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = ReasonsBody,
    responses((status = CREATED, description = "The decision, open", body = DecisionView), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/exclusion")]
pub async fn exclude_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<ReasonsBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let command = Exclude {
        target: target(&request, path),
        reasons: body.value.read()?,
        by: caller.operator()?,
    };
    let decision = service
        .run(async move { exclude::propose(&desk, call, command).await })
        .await?;
    let shown = DecisionView::new(&decision, service.desk.base());
    render::created(&format!("/v1/decisions/{}", decision.id), None, &shown)
}
