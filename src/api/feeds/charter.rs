//! `GET /v1/charters/{charter}/events.atom`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};

use super::{FeedQuery, answer};
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        query::Query,
    },
    rules::text::Slug,
};

problems!(CHARTER_UNKNOWN, NOT_FOUND, INVALID_QUERY, BUSY);

/// Subscribe to what happens to a charter's members.
///
/// An Atom feed (RFC 4287): each change of a membership, with its signed record, and each version of the charter, the
/// newest first. `next` leads to older ones (RFC 5005 §3). Readers ask with `If-None-Match` and are told whether anything
/// is new.
#[utoipa::path(
    tag = "charters",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        FeedQuery,
    ),
    responses(
        (status = OK, description = "The feed", body = String, content_type = "application/atom+xml; charset=utf-8"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/events.atom")]
pub async fn get_charter_feed(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(&request, &service, path.into_inner(), None, query.0).await
}
