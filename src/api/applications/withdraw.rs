//! `POST /v1/applications/{id}/withdrawal`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::withdraw::{self, Withdraw},
    rules::id::ApplicationId,
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Take an application back.
///
/// For the applicant, the partner that brought it, or a clerk on the applicant's word. A proposal to admit it
/// grows stale.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/withdrawal")]
pub async fn withdraw_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    let command = Withdraw {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
    };
    stepped(
        &service
            .run(async move { withdraw::withdraw(&desk, call, command).await })
            .await?,
    )
}
