//! `GET /v1/applications`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{
        Service,
        auth::Caller,
        page::{Instant, Page, Window},
        problem::ApiError,
        query::{self, Query},
        render::{self, Freshness},
        wire::application::ApplicationView,
    },
    desk::Actor,
    rules::{id::ApplicationId, text::Slug},
    storage::applications::{Application, Filter},
};

/// Which applications.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListApplications {
    /// Only of this charter.
    #[param(example = "digital-ethics-of-childhood")]
    charter: Option<String>,
    /// Only in these states, separated by commas.
    #[param(example = "received,memorandum_signed")]
    state: Option<String>,
    /// Only by this channel.
    #[param(example = "partner")]
    channel: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List applications.
///
/// The secretariat's queue, oldest first; a partner sees what it brought. Contact persons are not listed.
#[utoipa::path(
    tag = "applications",
    params(ListApplications),
    responses((status = OK, description = "A page of applications", body = Page<ApplicationView>)),
)]
#[get("/v1/applications")]
pub async fn list_applications(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    query: Query<ListApplications>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let filter = Filter {
        states: query::words("state", query.state.as_deref())?,
        channel: query::word("channel", query.channel.as_deref())?,
        charter: query::canonical("charter", query.charter.as_deref(), Slug::parse)?,
        partner: if let Actor::Partner(partner) = caller.actor {
            Some(partner)
        } else {
            None
        },
    };
    let window =
        Window::<(Instant, ApplicationId)>::parse(query.limit.as_deref(), query.cursor.as_deref())?;
    let (database, after, rows) = (
        service.desk.database.clone(),
        window.after.map(|(at, id)| (at.0, id)),
        window.rows(),
    );
    let found =
        service
            .run(async move {
                Application::page(&mut database.read().await?, &filter, after, rows).await
            })
            .await?;
    let page = window.page(
        found,
        |item| (Instant(item.received_at), item.id),
        |item| ApplicationView::from(&item),
    );
    render::page(&request, Freshness::Private, &page)
}
