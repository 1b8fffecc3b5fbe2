//! `GET /members/{id}` and `GET /charters/{charter}`: the permanent addresses that records carry.

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Data, Path},
};
use uuid::Uuid;

use super::unknown;
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
    },
    rules::{id::MemberId, text::Slug},
};

problems!(MEMBER_UNKNOWN, NOT_FOUND);

/// Find a member by the address in its records.
///
/// Leads to where the API shows the member: `/v1/charters/{charter}/members/{id}`.
#[utoipa::path(
    tag = "members",
    params(("id" = Uuid, Path, description = "The member's identifier")),
    responses((status = SEE_OTHER, description = "Where the member is shown"), Problems),
)]
#[get("/members/{id}")]
pub async fn find_member(
    service: Data<Service>,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let id = MemberId(path.into_inner());
    let charter = service.directory.charter_of(id).ok_or_else(unknown)?;
    Ok(see(&format!("/v1/charters/{charter}/members/{id}")))
}

/// Find a charter by the address in records.
///
/// Leads to where the API shows the charter: `/v1/charters/{charter}`.
#[utoipa::path(
    tag = "charters",
    params(("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood")),
    responses((status = SEE_OTHER, description = "Where the charter is shown"), Problems),
)]
#[get("/charters/{charter}")]
pub async fn find_charter(path: Path<Slug>) -> Result<HttpResponse, ApiError> {
    Ok(see(&format!("/v1/charters/{path}")))
}

fn see(location: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, location))
        .finish()
}
