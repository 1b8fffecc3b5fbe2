//! `POST /v1/applications/{id}/matches/acknowledgement`

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
        problem::{ApiError, catalogue::NOTHING_TO_ACKNOWLEDGE, problems},
        render,
        wire::application::{ApplicationView, stepped_at_desk},
    },
    desk::applications::acknowledge_matches::{self, AcknowledgeError, AcknowledgeMatches},
    rules::{id::ApplicationId, text::Prose},
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    NOTHING_TO_ACKNOWLEDGE,
    CHANGED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Why the application may go on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Две школы с одним названием в разных регионах."}))]
pub struct AcknowledgeBody {
    /// Why, for whoever decides after you.
    reason: String,
}

/// Acknowledge whom an application resembles.
///
/// Says that you looked at every member that it resembles, as `matches` of the application lists them, and why it may
/// go on. Without that nobody can propose to admit it. What it comes to resemble later must be acknowledged anew.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = AcknowledgeBody,
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/matches/acknowledgement")]
pub async fn acknowledge_application_matches(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<AcknowledgeBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let reason = faults.field("/reason", Prose::parse(&body.value.reason));
    let command = AcknowledgeMatches {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        reason: faults.unless_any(reason)?,
        by: caller.operator()?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    stepped_at_desk(
        &service
            .run(
                async move { acknowledge_matches::acknowledge_matches(&desk, call, command).await },
            )
            .await?,
    )
}

impl From<AcknowledgeError> for ApiError {
    fn from(error: AcknowledgeError) -> Self {
        match error {
            AcknowledgeError::Step(refusal) => refusal.into(),
            AcknowledgeError::Nothing => Self::refused(&NOTHING_TO_ACKNOWLEDGE, &error),
            AcknowledgeError::Failed(failure) => failure.into(),
        }
    }
}
