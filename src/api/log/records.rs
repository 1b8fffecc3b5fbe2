//! `GET /log/records/{path}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use charter_proof::tile::Tile;

use crate::api::{
    Service,
    problem::{ApiError, catalogue::TILE_UNKNOWN, problems},
    render::{self, Freshness},
};

problems!(TILE_UNKNOWN, NOT_FOUND);

/// Get the records of a bundle of entries.
///
/// Lines of JSON, one for each entry of the bundle `/log/tile/entries/{path}`: the record as it was signed, `null` where
/// the entry has none, and `{"redacted":"<digest>"}` where its document was removed. A redaction changes it, so ask again
/// with `If-None-Match`.
#[utoipa::path(
    tag = "log",
    params(("path" = String, Path, description = "The bundle's address", example = "000.p/2")),
    responses(
        (status = OK, description = "The records", body = String, content_type = "application/x-ndjson"),
        Problems,
    ),
)]
#[get("/log/records/{path:.*}")]
pub async fn get_log_records(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let unknown = || {
        let detail = "there is no such bundle, or the log does not reach it yet";
        ApiError::new(&TILE_UNKNOWN, detail)
    };
    let bundle: Tile = format!("tile/entries/{path}")
        .parse()
        .map_err(|_| unknown())?;
    let desk = service.desk.clone();
    let stage = service
        .mirror
        .as_ref()
        .and_then(|mirror| mirror.stage().cloned());
    let lines = service
        .run(async move {
            let log = &desk.signatory.log;
            // Before the tables, which tell what does not wait any more.
            if let Some(stage) = stage
                && log.has(&bundle)
                && let Some(lines) = stage.lines(&bundle).map_err(ApiError::internal)?
            {
                return Ok(Some(lines));
            }
            let mut conn = desk.database.read().await?;
            Ok::<_, ApiError>(log.records(&mut conn, &bundle).await?)
        })
        .await?;
    let lines = lines.ok_or_else(unknown)?;
    render::packed(
        &request,
        Freshness::Revalidate,
        "application/x-ndjson",
        lines,
    )
}
