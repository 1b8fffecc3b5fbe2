//! `POST /v1/letters/{id}/retry`

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
        wire::letter::LetterView,
    },
    desk::letters::retry,
    rules::id::LetterId,
};

problems!(
    LETTER_UNKNOWN,
    LETTER_STATE,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Send a letter again.
///
/// A letter that was given up, came back, had nobody to go to or did not reach its reader is queued anew, with all its
/// attempts before it. Its text and its address are made anew when it is sent.
#[utoipa::path(
    tag = "letters",
    params(("id" = Uuid, Path, description = "The letter's identifier")),
    responses((status = OK, description = "The letter, queued", body = LetterView), Problems),
)]
#[post("/v1/letters/{id}/retry")]
pub async fn retry_letter(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let id = LetterId(path.into_inner());
    let (desk, call) = (service.desk.clone(), caller.request(&request, &[])?);
    let letter = service
        .run(async move { retry::retry(&desk, call, id).await })
        .await?;
    render::changed(StatusCode::OK, None, &LetterView::from(&letter))
}
