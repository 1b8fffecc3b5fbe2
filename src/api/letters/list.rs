//! `GET /v1/letters`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        page::{Instant, Page, Window},
        problem::ApiError,
        query::{self, Query},
        render::{self, Freshness},
        wire::letter::LetterView,
    },
    rules::id::{ApplicationId, LetterId},
    storage::letters::{Filter, Letter},
};

/// Which letters.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListLetters {
    /// Only in this state: `queued`, `sending`, `sent`, `failed`, `bounced` or `cancelled`.
    #[param(example = "bounced")]
    state: Option<String>,
    /// Only about this application.
    #[param(value_type = Option<Uuid>)]
    application: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List letters, oldest first.
#[utoipa::path(
    tag = "letters",
    description = "What was to be told to whom, and what became of it. There are no addresses and no texts here.",
    params(ListLetters),
    responses((status = OK, description = "A page of letters", body = Page<LetterView>)),
)]
#[get("/v1/letters")]
pub async fn list_letters(
    request: HttpRequest,
    service: Data<Service>,
    query: Query<ListLetters>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let filter = Filter {
        state: query::word("state", query.state.as_deref())?,
        application: application(query.application.as_deref())?,
    };
    let window =
        Window::<(Instant, LetterId)>::parse(query.limit.as_deref(), query.cursor.as_deref())?;
    let (database, after, rows) = (
        service.desk.database.clone(),
        window.after.map(|(at, id)| (at.0, id)),
        window.rows(),
    );
    let found = service
        .run(async move { Letter::page(&mut database.read().await?, &filter, after, rows).await })
        .await?;
    let page = window.page(
        found,
        |letter| (Instant(letter.created_at), letter.id),
        |letter| LetterView::from(&letter),
    );
    render::page(&request, Freshness::Private, &page)
}

fn application(text: Option<&str>) -> Result<Option<ApplicationId>, ApiError> {
    let parsed = text.map(Uuid::parse_str).transpose();
    let parsed = parsed
        .map_err(|_| ApiError::invalid_query("application", "invalid_value", "expected a UUID"))?;
    Ok(parsed.map(ApplicationId))
}
