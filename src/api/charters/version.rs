//! `GET /v1/charters/{charter}/versions/{version}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};

use super::get::unknown;
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        render::{self, Freshness},
        wire::charter::Charter,
    },
    rules::text::Slug,
    storage::charters::Published,
};

problems!(CHARTER_UNKNOWN, NOT_FOUND);

/// Get one version of a charter.
///
/// Members are bound by the version that they acceded to.
#[utoipa::path(
    tag = "charters",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("version" = u32, Path, description = "The version's number", example = 1),
    ),
    responses((status = OK, description = "The version", body = Charter), Problems),
)]
#[get("/v1/charters/{charter}/versions/{version}")]
pub async fn get_version(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, u32)>,
) -> Result<HttpResponse, ApiError> {
    let (database, (slug, number)) = (service.desk.database.clone(), path.into_inner());
    let published =
        service
            .run(async move {
                Published::find(&mut database.read().await?, slug.as_str(), number).await
            })
            .await?;
    let published = published.ok_or_else(unknown)?;
    render::json(
        &request,
        Freshness::Revalidate,
        None,
        &Charter::new(&published, service.desk.base()),
    )
}
