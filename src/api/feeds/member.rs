//! `GET /v1/charters/{charter}/members/{id}/events.atom`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use super::{FeedQuery, answer};
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        query::Query,
    },
    rules::{id::MemberId, text::Slug},
};

problems!(
    CHARTER_UNKNOWN,
    MEMBER_UNKNOWN,
    NOT_FOUND,
    INVALID_QUERY,
    BUSY
);

/// Subscribe to what happens to a member.
///
/// An Atom feed (RFC 4287) of the membership's changes, each with its signed record; as the charter's.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
        FeedQuery,
    ),
    responses(
        (status = OK, description = "The feed", body = String, content_type = "application/atom+xml; charset=utf-8"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members/{id}/events.atom")]
pub async fn get_member_feed(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
    query: Query<FeedQuery>,
) -> Result<HttpResponse, ApiError> {
    let (charter, id) = path.into_inner();
    answer(&request, &service, charter, Some(MemberId(id)), query.0).await
}
