//! `GET /status/{purpose}/{n}`: the status lists, at the addresses that credentials name.

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use charter_proof::{record::MEDIA_TYPE, status_list::StatusPurpose};

use super::{
    Service,
    problem::{ApiError, catalogue::STATUS_LIST_UNKNOWN, problems},
    render::{self, Freshness},
};
use crate::storage::status_lists;

problems!(STATUS_LIST_UNKNOWN, NOT_FOUND);

/// Get a status list.
///
/// W3C Bitstring Status List 1.0: which credentials were revoked (for good) or are suspended, before their time. Signed
/// again with every change, and valid for at most 48 hours; a verifier may keep it for five minutes (`ttl`).
#[utoipa::path(
    tag = "records",
    params(
        ("purpose" = String, Path, description = "`revocation` or `suspension`", example = "revocation"),
        ("n" = String, Path, description = "The list's number, from 1", example = "1"),
    ),
    responses(
        (status = OK, description = "The list", body = serde_json::Value, content_type = "application/vc"),
        Problems,
    ),
)]
#[get("/status/{purpose}/{n}")]
pub async fn get_status_list(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let unknown = || ApiError::new(&STATUS_LIST_UNKNOWN, "no credential names such a list");
    let (purpose, number) = named(&path.into_inner()).ok_or_else(unknown)?;
    let database = service.desk.database.clone();
    let list = service
        .run(async move {
            let mut conn = database.read().await?;
            Ok::<_, ApiError>(status_lists::document(&mut conn, purpose, number).await?)
        })
        .await?;
    let list = list.ok_or_else(unknown)?;
    Ok(render::bytes(
        &request,
        Freshness::Minutes,
        None,
        MEDIA_TYPE,
        list,
    ))
}

/// The list of an address in its one spelling.
fn named((purpose, written): &(String, String)) -> Option<(StatusPurpose, u32)> {
    let number: u32 = written.parse().ok()?;
    let is_canonical = number.to_string() == *written;
    StatusPurpose::from_word(purpose)
        .filter(|_| is_canonical)
        .map(|purpose| (purpose, number))
}
