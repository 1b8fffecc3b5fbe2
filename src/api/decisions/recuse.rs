//! `POST /v1/decisions/{id}/recusal`

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
        render,
        wire::recusal::RecusalView,
    },
    desk::decisions::recuse::{self, About, Recuse},
    rules::id::DecisionId,
};

problems!(
    DECISION_UNKNOWN,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Stand aside from what a decision is about.
///
/// From then on you neither propose nor approve nor decline anything about it, and an open proposal of your own about it
/// is taken back with this. It cannot be undone, and doing it twice does no more.
#[utoipa::path(
    tag = "decisions",
    params(("id" = Uuid, Path, description = "The decision's identifier")),
    responses((status = OK, description = "What you stand aside from", body = Vec<RecusalView>), Problems),
)]
#[post("/v1/decisions/{id}/recusal")]
pub async fn recuse_from_decision(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    let from = About::Decision(DecisionId(path.into_inner()));
    let by = caller.operator()?;
    let recusals = service
        .run(async move { recuse::recuse(&desk, call, Recuse { from, by }).await })
        .await?;
    let shown: Vec<_> = recusals.iter().map(RecusalView::from).collect();
    render::changed(StatusCode::OK, None, &shown)
}
