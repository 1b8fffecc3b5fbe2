//! `GET /v1/charters/{charter}/members/{id}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use super::unknown;
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        render::{self, Freshness},
        wire::member::Member,
    },
    rules::{id::MemberId, text::Slug},
};

problems!(MEMBER_UNKNOWN, NOT_FOUND);

/// Get a member.
///
/// A present or former member as it stands. What proves it is the signed record at `record`, which says what
/// happened; the `ETag` serves `If-Match` of a change.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    responses((status = OK, description = "The member", body = Member), Problems),
)]
#[get("/v1/charters/{charter}/members/{id}")]
pub async fn get_member(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
) -> Result<HttpResponse, ApiError> {
    let (charter, id) = path.into_inner();
    let member = service.directory.member(charter.as_str(), MemberId(id))?;
    let member = member.ok_or_else(unknown)?;
    let mut tag = render::revision_tag(member.log_index);
    if member.is_withheld {
        tag = render::revision_tag(format!("{}-withheld", member.log_index));
    }
    Ok(render::tagged(
        &request,
        Freshness::Revalidate,
        tag,
        "application/json",
        member.json,
    ))
}
