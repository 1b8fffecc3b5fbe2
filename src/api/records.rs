//! `GET /records/{id}`: the signed records, at the addresses that they carry; and how one is redacted.

pub mod redact;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use super::{
    Service,
    problem::{
        ApiError,
        catalogue::{RECORD_REDACTED, RECORD_UNKNOWN},
        problems,
    },
    render,
};
use crate::{directory::Document, rules::id::RecordId};

problems!(RECORD_UNKNOWN, RECORD_REDACTED, NOT_FOUND);

/// Get a record.
///
/// The exact bytes that were signed: a W3C Verifiable Credential (Data Model 2.0) secured with `eddsa-jcs-2022`.
/// It says what happened, not what holds today, and never changes; one that was redacted is gone.
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
    let record = unless_redacted(record.ok_or_else(unknown)?)?;
    Ok(render::document(&request, record))
}

/// The record's document, if it was not removed.
pub fn unless_redacted(record: Document) -> Result<Document, ApiError> {
    if record.bytes.is_empty() {
        let detail = "the record's document was removed; the log keeps its digest and says why";
        return Err(ApiError::new(&RECORD_REDACTED, detail));
    }
    Ok(record)
}
