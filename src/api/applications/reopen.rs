//! `POST /v1/applications/{id}/reopening`

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
        wire::application::{ApplicationView, stepped_at_desk},
    },
    desk::applications::reopen::{self, Reopen},
    rules::id::ApplicationId,
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    CONTACT_ERASED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Reopen a lapsed or withdrawn application.
///
/// It is back where it stood, with a new term. One whose persons were erased stays closed. What was rejected stays so: the organisation applies anew.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/reopening")]
pub async fn reopen_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    let command = Reopen {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
    };
    stepped_at_desk(
        &service
            .run(async move { reopen::reopen(&desk, call, command).await })
            .await?,
    )
}
