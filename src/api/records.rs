//! `GET /records/{id}`: the signed records, at the addresses that they carry.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use super::{
    Service,
    problem::{ApiError, catalogue::RECORD_UNKNOWN, problems},
    render,
};
use crate::rules::id::RecordId;

problems!(RECORD_UNKNOWN, NOT_FOUND);

/// Get a record.
///
/// The exact bytes that were signed: a W3C Verifiable Credential (Data Model 2.0) secured with `eddsa-jcs-2022`.
/// It says what happened, not what holds today, and never changes.
#[utoipa::path(
    tag = "records",
    params(("id" = Uuid, Path, description = "The record's identifier")),
    responses(
        (status = OK, description = "The record", body = serde_json::Value, content_type = "application/vc"),
        Problems,
    ),
)]
#[get("/records/{id}")]
pub async fn get_record(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let record = service.directory.record(RecordId(path.into_inner()))?;
    let unknown = || {
        ApiError::new(
            &RECORD_UNKNOWN,
            "the registry never signed a record of this identifier",
        )
    };
    Ok(render::document(&request, record.ok_or_else(unknown)?))
}
