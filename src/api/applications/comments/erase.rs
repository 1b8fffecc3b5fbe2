//! `DELETE /v1/applications/{id}/comments/{comment}`

use actix_web::{
    HttpRequest, HttpResponse, delete,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
    },
    desk::applications::comment,
    rules::id::{ApplicationId, CommentId},
};

problems!(
    COMMENT_UNKNOWN,
    FORBIDDEN,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Erase a comment.
///
/// What it says goes, that there was one stays. For who wrote it and for registrars; to erase it twice is no error.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        ("comment" = Uuid, Path, description = "The comment's identifier"),
    ),
    responses((status = NO_CONTENT, description = "What it said is erased"), Problems),
)]
#[delete("/v1/applications/{id}/comments/{comment}")]
pub async fn erase_comment(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Uuid, Uuid)>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    let (application, id) = path.into_inner();
    service
        .run(async move {
            comment::erase_comment(&desk, call, ApplicationId(application), CommentId(id)).await
        })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
