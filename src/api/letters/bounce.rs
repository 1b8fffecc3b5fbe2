//! `POST /v1/letters/{id}/bounce`

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
    desk::letters::note_bounce::{self, NoteBounce},
    rules::id::LetterId,
};

problems!(
    LETTER_UNKNOWN,
    LETTER_STATE,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Note that a letter came back.
///
/// For a clerk who got the notice that it could not be delivered. The application then says that its contact person is
/// unreachable, until a later letter arrives.
#[utoipa::path(
    tag = "letters",
    params(("id" = Uuid, Path, description = "The letter's identifier")),
    responses((status = OK, description = "The letter, bounced", body = LetterView), Problems),
)]
#[post("/v1/letters/{id}/bounce")]
pub async fn bounce_letter(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let command = NoteBounce {
        letter: LetterId(path.into_inner()),
        status: None,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &[])?);
    let letter = service
        .run(async move { note_bounce::note_bounce(&desk, call, command).await })
        .await?;
    render::changed(StatusCode::OK, None, &LetterView::from(&letter))
}
