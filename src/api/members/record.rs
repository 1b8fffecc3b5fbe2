//! `GET /v1/charters/{charter}/members/{id}/record`

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
        records::unless_redacted,
        render,
    },
    rules::{id::MemberId, text::Slug},
};

problems!(MEMBER_UNKNOWN, RECORD_REDACTED, NOT_FOUND);

/// Get a member's newest record.
///
/// The signed document's exact bytes: a W3C Verifiable Credential secured with `eddsa-jcs-2022`. It says what
/// happened, not what holds today.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    responses(
        (status = OK, description = "The record", body = serde_json::Value, content_type = "application/vc"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members/{id}/record")]
pub async fn get_member_record(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
) -> Result<HttpResponse, ApiError> {
    let (charter, id) = path.into_inner();
    let record = service
        .directory
        .newest_record(charter.as_str(), MemberId(id))?;
    let record = unless_redacted(record.ok_or_else(unknown)?)?;
    Ok(render::document(&request, record))
}
