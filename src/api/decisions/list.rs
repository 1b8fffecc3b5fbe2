//! `GET /v1/decisions`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{
        Service,
        page::{Instant, Page, Window},
        problem::ApiError,
        query::{self, Query},
        render::{self, Freshness},
        wire::decision::DecisionView,
    },
    rules::{id::DecisionId, text::Slug},
    storage::decisions::{Decision, Filter},
};

/// Which decisions.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListDecisions {
    /// Only in this state: `proposed`, `approved` or `declined`.
    #[param(example = "proposed")]
    state: Option<String>,
    /// Only of this kind: `admission` or `exclusion`.
    #[param(example = "exclusion")]
    kind: Option<String>,
    /// Only of this charter.
    #[param(example = "digital-ethics-of-childhood")]
    charter: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List decisions, oldest first.
#[utoipa::path(
    tag = "decisions",
    description = "What registrars proposed, and what became of it.",
    params(ListDecisions),
    responses((status = OK, description = "A page of decisions", body = Page<DecisionView>)),
)]
#[get("/v1/decisions")]
pub async fn list_decisions(
    request: HttpRequest,
    service: Data<Service>,
    query: Query<ListDecisions>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let filter = Filter {
        state: query::word("state", query.state.as_deref())?,
        kind: query::word("kind", query.kind.as_deref())?,
        charter: query::canonical("charter", query.charter.as_deref(), Slug::parse)?,
    };
    let window =
        Window::<(Instant, DecisionId)>::parse(query.limit.as_deref(), query.cursor.as_deref())?;
    let (database, after, rows) = (
        service.desk.database.clone(),
        window.after.map(|(at, id)| (at.0, id)),
        window.rows(),
    );
    let found = service
        .run(async move { Decision::page(&mut database.read().await?, &filter, after, rows).await })
        .await?;
    let base = service.desk.base();
    let page = window.page(
        found,
        |item| (Instant(item.proposed_at), item.id),
        |item| DecisionView::new(&item, base),
    );
    render::page(&request, Freshness::Private, &page)
}
