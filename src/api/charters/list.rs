//! `GET /v1/charters`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};

use crate::{
    api::{
        Service,
        page::{Page, PageQuery, Window},
        problem::ApiError,
        query::Query,
        render::{self, Freshness},
        wire::charter::CharterItem,
    },
    rules::text::Slug,
    storage::charters::Published,
};

/// List charters.
///
/// Every charter in the registry, in its current version, by slug.
#[utoipa::path(
    tag = "charters",
    params(PageQuery),
    responses((status = OK, description = "A page of charters", body = Page<CharterItem>)),
)]
#[get("/v1/charters")]
pub async fn list_charters(
    request: HttpRequest,
    service: Data<Service>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let window: Window<Slug> = query.0.window()?;
    let (database, after, rows) = (
        service.desk.database.clone(),
        window.after.as_ref().map(Slug::to_string),
        window.rows(),
    );
    let charters =
        service
            .run(async move {
                Published::page(&mut database.read().await?, after.as_deref(), rows).await
            })
            .await?;
    let base = service.desk.base();
    let page = window.page(
        charters,
        |published| published.version.slug().clone(),
        |published| CharterItem::new(&published, base),
    );
    render::page(&request, Freshness::Revalidate, &page)
}
