//! `GET /v1/applications`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use chrono::{DateTime, NaiveTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

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
    rules::{
        id::{ApplicationId, OperatorId},
        text::Slug,
    },
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
    /// Only those that this operator sees to: an identifier, or `self`.
    #[param(example = "self")]
    assignee: Option<String>,
    /// Whether only those whose day to act by is past, the most urgent first.
    #[param(value_type = Option<bool>)]
    overdue: Option<String>,
    /// `received`, which is also what is meant when absent, or `due`: by the day to act by, those without one left out.
    #[param(value_type = Option<String>, example = "due")]
    sort: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List applications.
///
/// The secretariat's queue, oldest first, or by the day to act by; a partner sees what it brought. Contact persons are
/// not listed.
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
    let overdue = flag("overdue", query.overdue.as_deref())?;
    let filter = Filter {
        assignee: assignee(caller.actor, query.assignee.as_deref())?,
        due_before: overdue.then(|| service.desk.now().date_naive()),
        by_due_day: overdue || by_due_day(query.sort.as_deref())?,
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
    let by_due_day = filter.by_due_day;
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
    let is_operator = matches!(caller.actor, Actor::Operator(..));
    let page = window.page(
        found,
        |item| (Instant(place(item, by_due_day)), item.id),
        |item| {
            if is_operator {
                ApplicationView::at_desk(&item)
            } else {
                ApplicationView::from(&item)
            }
        },
    );
    render::page(&request, Freshness::Private, &page)
}

/// The place of an application in the list: when it arrived, or the beginning of the day it is due.
fn place(application: &Application, by_due_day: bool) -> DateTime<Utc> {
    let due = application.due_on.filter(|_| by_due_day);
    due.map_or(application.received_at, |day| {
        day.and_time(NaiveTime::MIN).and_utc()
    })
}

/// Whether the list is sorted by the day to act by.
fn by_due_day(sort: Option<&str>) -> Result<bool, ApiError> {
    match sort {
        None | Some("received") => Ok(false),
        Some("due") => Ok(true),
        Some(_) => Err(ApiError::invalid_query(
            "sort",
            "unknown_value",
            "expected received or due",
        )),
    }
}

fn flag(parameter: &str, value: Option<&str>) -> Result<bool, ApiError> {
    match value {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(ApiError::invalid_query(
            parameter,
            "unknown_value",
            "expected true or false",
        )),
    }
}

/// The operator whose applications are asked for.
fn assignee(actor: Actor, value: Option<&str>) -> Result<Option<OperatorId>, ApiError> {
    match (actor, value) {
        (_, None) => Ok(None),
        (Actor::Operator(own, _), Some("self")) => Ok(Some(own)),
        (_, Some(value)) => {
            let id = Uuid::parse_str(value).map_err(|_| {
                let detail = "expected an operator's identifier, or self";
                ApiError::invalid_query("assignee", "invalid_value", detail)
            })?;
            Ok(Some(OperatorId(id)))
        }
    }
}
