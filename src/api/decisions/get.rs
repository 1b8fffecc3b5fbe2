//! `GET /v1/decisions/{id}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        problem::{ApiError, catalogue::DECISION_UNKNOWN, problems},
        render::{self, Freshness},
        wire::decision::DecisionView,
    },
    rules::id::DecisionId,
    storage::decisions::Decision,
};

problems!(DECISION_UNKNOWN, NOT_FOUND);

/// Get a decision.
///
/// Its `digest` is what an approval must repeat.
#[utoipa::path(
    tag = "decisions",
    params(("id" = Uuid, Path, description = "The decision's identifier")),
    responses((status = OK, description = "The decision", body = DecisionView), Problems),
)]
#[get("/v1/decisions/{id}")]
pub async fn get_decision(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (database, id) = (service.desk.database.clone(), DecisionId(path.into_inner()));
    let decision = service
        .run(async move { Decision::find(&mut database.read().await?, id).await })
        .await?;
    let decision =
        decision.ok_or_else(|| ApiError::new(&DECISION_UNKNOWN, "there is no such decision"))?;
    render::json(
        &request,
        Freshness::Private,
        None,
        &DecisionView::new(&decision, service.desk.base()),
    )
}
