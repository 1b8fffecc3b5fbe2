//! `GET /v1/charters/{charter}/versions`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};

use super::get::unknown;
use crate::{
    api::{
        Service,
        page::Page,
        problem::{ApiError, problems},
        render::{self, Freshness},
        wire::charter::CharterItem,
    },
    rules::text::Slug,
    storage::charters::Published,
};

problems!(CHARTER_UNKNOWN);

/// List a charter's versions.
///
/// All of them, newest first. A published version never changes.
#[utoipa::path(
    tag = "charters",
    params(("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood")),
    responses((status = OK, description = "The versions", body = Page<CharterItem>), Problems),
)]
#[get("/v1/charters/{charter}/versions")]
pub async fn list_versions(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
) -> Result<HttpResponse, ApiError> {
    let (database, slug) = (service.desk.database.clone(), path.into_inner());
    let versions = service
        .run(async move { Published::versions(&mut database.read().await?, slug.as_str()).await })
        .await?;
    if versions.is_empty() {
        return Err(unknown());
    }
    let base = service.desk.base();
    let items = versions
        .iter()
        .map(|published| CharterItem::new(published, base))
        .collect();
    render::page(&request, Freshness::Revalidate, &Page { items, next: None })
}
