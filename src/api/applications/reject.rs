//! `POST /v1/applications/{id}/rejection`

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
        faults::Faults,
        problem::{ApiError, catalogue::RECUSED, problems},
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::reject::{self, Reject, RejectError},
    rules::{id::ApplicationId, text::Prose},
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
    RECUSED,
);

impl From<RejectError> for ApiError {
    fn from(error: RejectError) -> Self {
        match error {
            RejectError::Recused => Self::refused(&RECUSED, &error),
            RejectError::Step(step) => step.into(),
            RejectError::Failed(failure) => failure.into(),
        }
    }
}

/// Why the application is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Заявитель не подтвердил полномочия."}))]
pub struct RejectBody {
    /// What the applicant is told.
    reason: String,
}

/// Reject an application.
///
/// From any open state. The applicant sees the reason; nothing becomes public.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = RejectBody,
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/rejection")]
pub async fn reject_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<RejectBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let reason = faults.field("/reason", Prose::parse(&body.value.reason));
    let command = Reject {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        reason: faults.unless_any(reason)?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    stepped(
        &service
            .run(async move { reject::reject(&desk, call, command).await })
            .await?,
    )
}
