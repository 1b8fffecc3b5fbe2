//! `GET /v1/partners`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};

use crate::{
    api::{
        Service,
        page::{Page, PageQuery, Text, Window},
        problem::ApiError,
        query::Query,
        render::{self, Freshness},
        wire::account::PartnerView,
    },
    storage::people::Partner,
};

/// List partners.
///
/// Every site that has or had a key, by name.
#[utoipa::path(
    tag = "people",
    params(PageQuery),
    responses((status = OK, description = "A page of partners", body = Page<PartnerView>)),
)]
#[get("/v1/partners")]
pub async fn list_partners(
    request: HttpRequest,
    service: Data<Service>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let window: Window<Text> = query.0.window()?;
    let (database, after, rows) = (
        service.desk.database.clone(),
        window.after.clone().map(|name| name.0),
        window.rows(),
    );
    let found = service
        .run(
            async move { Partner::page(&mut database.read().await?, after.as_deref(), rows).await },
        )
        .await?;
    let page = window.page(
        found,
        |partner| Text(partner.name.clone()),
        PartnerView::from,
    );
    render::page(&request, Freshness::Private, &page)
}
