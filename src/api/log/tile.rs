//! `GET /log/tile/{path}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use charter_proof::tile::{Row, Tile};

use crate::api::{
    Service,
    problem::{ApiError, catalogue::TILE_UNKNOWN, problems},
    render::{self, Freshness},
};

problems!(TILE_UNKNOWN, NOT_FOUND);

/// Get a tile of hashes or a bundle of entries.
///
/// C2SP tlog-tiles: `<level>/<index>` or `entries/<index>`, with `.p/<width>` where it is partial; the index in groups
/// of three digits, all but the last with an `x`. Tiles never change.
#[utoipa::path(
    tag = "log",
    params(("path" = String, Path, description = "The tile's address", example = "0/000.p/2")),
    responses(
        (status = OK, description = "The tile", body = Vec<u8>, content_type = "application/octet-stream"),
        Problems,
    ),
)]
#[get("/log/tile/{path:.*}")]
pub async fn get_tile(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let unknown = || {
        let detail = "there is no such tile, or the log does not reach it yet";
        ApiError::new(&TILE_UNKNOWN, detail)
    };
    let tile: Tile = format!("tile/{path}").parse().map_err(|_| unknown())?;
    let (database, log) = (
        service.desk.database.clone(),
        service.desk.signatory.log.clone(),
    );
    let bytes = service
        .run(async move { Ok::<_, ApiError>(log.tile(&mut database.read().await?, &tile).await?) })
        .await?;
    let (bytes, media_type) = (bytes.ok_or_else(unknown)?, "application/octet-stream");
    if tile.row() == Row::Entries {
        return render::packed(&request, Freshness::Immutable, media_type, bytes);
    }
    // Hashes do not compress.
    Ok(render::bytes(
        &request,
        Freshness::Immutable,
        None,
        media_type,
        bytes,
    ))
}
