//! `POST /v1/decisions/{id}/refusal`

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
        problem::{
            ApiError,
            catalogue::{DECISION_STATE, DECISION_UNKNOWN, RECUSED},
            problems,
        },
        render,
        wire::decision::DecisionView,
    },
    desk::decisions::decline::{self, Decline, DeclineError},
    rules::id::DecisionId,
};

problems!(
    DECISION_UNKNOWN,
    DECISION_STATE,
    RECUSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND
);

/// Decline a decision.
///
/// By any registrar; the one who proposed it takes it back so. Nothing else changes.
#[utoipa::path(
    tag = "decisions",
    params(("id" = Uuid, Path, description = "The decision's identifier")),
    responses((status = OK, description = "The decision, declined", body = DecisionView), Problems),
)]
#[post("/v1/decisions/{id}/refusal")]
pub async fn decline_decision(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let command = Decline {
        decision: DecisionId(path.into_inner()),
        by: caller.operator()?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    let declined = service
        .run(async move { decline::decline(&desk, call, command).await })
        .await?;
    render::changed(
        StatusCode::OK,
        None,
        &DecisionView::new(&declined, service.desk.base()),
    )
}

impl From<DeclineError> for ApiError {
    fn from(error: DeclineError) -> Self {
        match error {
            DeclineError::Unknown => Self::refused(&DECISION_UNKNOWN, &error),
            DeclineError::Recused => Self::refused(&RECUSED, &error),
            DeclineError::NotOpen(_) => Self::refused(&DECISION_STATE, &error),
            DeclineError::Failed(failure) => failure.into(),
        }
    }
}
