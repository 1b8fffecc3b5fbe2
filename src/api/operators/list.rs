//! `GET /v1/operators`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};

use crate::{
    api::{
        Service,
        page::{Page, PageQuery, Text, Window},
        problem::ApiError,
        query::Query,
        render::{self, Freshness},
        wire::account::OperatorView,
    },
    storage::people::Operator,
};

/// List operators.
///
/// Everybody who has or had an account in the secretariat, by name.
#[utoipa::path(
    tag = "people",
    params(PageQuery),
    responses((status = OK, description = "A page of operators", body = Page<OperatorView>)),
)]
#[get("/v1/operators")]
pub async fn list_operators(
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
    let found =
        service
            .run(async move {
                Operator::page(&mut database.read().await?, after.as_deref(), rows).await
            })
            .await?;
    let page = window.page(
        found,
        |operator| Text(operator.name.clone()),
        OperatorView::from,
    );
    render::page(&request, Freshness::Private, &page)
}
