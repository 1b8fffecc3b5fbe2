//! `POST /v1/applications/{id}/erasure`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{
            ApiError,
            catalogue::{APPLICATION_STATE, APPLICATION_UNKNOWN},
            problems,
        },
        wire::application::{ApplicationView, stepped},
    },
    desk::personal_data::erase::{self, EraseError},
    rules::id::ApplicationId,
};

problems!(
    APPLICATION_STATE,
    APPLICATION_UNKNOWN,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND
);

impl From<EraseError> for ApiError {
    fn from(error: EraseError) -> Self {
        match error {
            EraseError::Unknown => Self::refused(&APPLICATION_UNKNOWN, &error),
            EraseError::StillOpen(_) => Self::refused(&APPLICATION_STATE, &error),
            EraseError::Failed(failure) => failure.into(),
        }
    }
}

/// Erase the persons of a closed application.
///
/// The contact person, the memorandum with its signatory, its file and the salt of its digest, comments, reasons and
/// whatever else was written about it in free text. Letters that still wait are called off, and the applicant's tokens
/// cease to be valid, so only the secretariat can repeat this. What is public stays and goes on verifying.
///
/// An application that is still open has to be withdrawn or rejected first. For one that led to a membership this is
/// possible at any time; the member then has nobody to whom letters go.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/erasure")]
pub async fn erase_persons(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    let id = ApplicationId(path.into_inner());
    stepped(
        &service
            .run(async move { erase::erase(&desk, call, id).await })
            .await?,
    )
}
