//! `GET /log/charters/{digest}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use charter_proof::canonical::Digest;

use crate::api::{
    Service,
    problem::{ApiError, catalogue::CHARTER_UNKNOWN, problems},
    render::{self, Freshness},
};

problems!(CHARTER_UNKNOWN, NOT_FOUND);

/// Get a charter's canonical document.
///
/// The exact bytes whose digest stands in the log and in records. They never change.
#[utoipa::path(
    tag = "log",
    params(
        ("digest" = String, Path, description = "The document's SHA-256, 64 hexadecimal digits",
            example = "bce8cbc36fed3068621ca6670a9db29017e4125e5187c8d60aa928b590a5b73b"),
    ),
    responses(
        (status = OK, description = "The document", body = serde_json::Value, content_type = "application/json"),
        Problems,
    ),
)]
#[get("/log/charters/{digest}")]
pub async fn get_charter_document(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let unknown = || {
        let detail = "no published version of a charter has this digest";
        ApiError::new(&CHARTER_UNKNOWN, detail)
    };
    let digest: Digest = path.parse().map_err(|_| unknown())?;
    let desk = service.desk.clone();
    let document = service
        .run(async move {
            let mut conn = desk.database.read().await?;
            Ok::<_, ApiError>(desk.signatory.log.charter(&mut conn, digest).await?)
        })
        .await?;
    let document = document.ok_or_else(unknown)?;
    render::packed(&request, Freshness::Immutable, "application/json", document)
}
