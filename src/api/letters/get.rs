//! `GET /v1/letters/{id}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        render::{self, Freshness},
        wire::letter::LetterView,
    },
    desk::letters::LetterError,
    rules::id::LetterId,
    storage::letters::Letter,
};

problems!(LETTER_UNKNOWN, NOT_FOUND);

/// Get a letter.
///
/// What became of it: where it stands, how often it was tried, what went wrong last.
#[utoipa::path(
    tag = "letters",
    params(("id" = Uuid, Path, description = "The letter's identifier")),
    responses((status = OK, description = "The letter", body = LetterView), Problems),
)]
#[get("/v1/letters/{id}")]
pub async fn get_letter(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (database, id) = (service.desk.database.clone(), LetterId(path.into_inner()));
    let letter = service
        .run(async move { Letter::find(&mut database.read().await?, id).await })
        .await?;
    let letter = letter.ok_or(LetterError::Unknown)?;
    let view = LetterView::from(&letter);
    render::json(&request, Freshness::Private, None, &view)
}
