//! `GET /v1/events`

use actix_web::{HttpRequest, HttpResponse, get, http::header, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::api::{
    Service,
    page::{DEFAULT_LIMIT, MAX_LIMIT},
    problem::{ApiError, problems},
    query::Query,
    render::{self, Freshness},
    wire::event::{Events, LogEvent},
};

problems!(BUSY);

/// Which entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// Only entries after the one of this index; from the first when absent.
    after: Option<u64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u8>,
}

/// List what happened.
///
/// The log for people: its entries in their order, as far as a checkpoint was published, with links to what they are
/// about. `next` is the `after` of the next page, null on the last; whoever follows the log asks again after the last
/// index that was seen.
#[utoipa::path(
    tag = "log",
    params(EventsQuery),
    responses((status = OK, description = "The entries", body = Events), Problems),
)]
#[get("/v1/events")]
pub async fn list_events(
    request: HttpRequest,
    service: Data<Service>,
    query: Query<EventsQuery>,
) -> Result<HttpResponse, ApiError> {
    let (from, limit) = window(&query.0)?;
    let desk = service.desk.clone();
    let events = service
        .run(async move {
            let mut conn = desk.database.read().await?;
            let (told, more) = desk.signatory.log.told(&mut conn, from, limit).await?;
            let base = desk.base();
            let items = told.iter().map(|told| LogEvent::new(told, base));
            Ok::<_, ApiError>(Events::new(items.collect::<Result<_, _>>()?, more))
        })
        .await?;
    let body = serde_json::to_vec(&events).map_err(ApiError::internal)?;
    let next = events.next;
    let mut response = render::packed(&request, Freshness::Revalidate, "application/json", body)?;
    if let Some(next) = next {
        let link = format!("</v1/events?after={next}&limit={limit}>; rel=\"next\"");
        if let Ok(link) = header::HeaderValue::from_str(&link) {
            response.headers_mut().insert(header::LINK, link);
        }
    }
    Ok(response)
}

/// The index of the first entry, and how many at most.
fn window(query: &EventsQuery) -> Result<(u64, u32), ApiError> {
    let limit = query.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        let detail = format!("expected 1 to {MAX_LIMIT}");
        return Err(ApiError::invalid_query("limit", "out_of_range", detail));
    }
    let from = query.after.map_or(0, |after| after.saturating_add(1));
    Ok((from, limit.into()))
}
