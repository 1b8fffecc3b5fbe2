//! `GET /records/{id}`: the signed records, at the addresses that they carry.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use charter_proof::record::MEDIA_TYPE;
use uuid::Uuid;

use super::{
    Service,
    problem::{ApiError, catalogue::RECORD_UNKNOWN, problems},
    render::{self, Freshness},
};
use crate::{rules::id::RecordId, storage::records::Record};

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
    let (database, id) = (service.desk.database.clone(), RecordId(path.into_inner()));
    let record = service
        .run(async move { Record::find(&mut database.read().await?, id).await })
        .await?;
    let unknown = || {
        ApiError::new(
            &RECORD_UNKNOWN,
            "the registry never signed a record of this identifier",
        )
    };
    let document = record.ok_or_else(unknown)?.document;
    Ok(render::bytes(
        &request,
        Freshness::Revalidate,
        None,
        MEDIA_TYPE,
        document,
    ))
}
