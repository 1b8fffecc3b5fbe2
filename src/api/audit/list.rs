//! `GET /v1/audit`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use chrono::{DateTime, Utc};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        page::{Instant, Page, Window},
        problem::ApiError,
        query::{self, Query},
        render::{self, Freshness},
        wire::audit::AuditRow,
    },
    rules::text::Slug,
    storage::audit::{self, Filter},
};

/// Which rows of the audit.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListAudit {
    /// Only of this action.
    #[param(example = "contact.viewed")]
    action: Option<String>,
    /// Only by this operator, partner, or applicant (by the application's identifier).
    #[param(value_type = Option<Uuid>)]
    actor: Option<String>,
    /// Only about this subject: the identifier of an application, member, decision or account, or a charter's slug.
    #[param(example = "digital-ethics-of-childhood")]
    subject: Option<String>,
    /// Only from this time on.
    #[param(value_type = Option<DateTime<Utc>>, example = "2026-11-22T00:00:00Z")]
    from: Option<String>,
    /// Only before this time.
    #[param(value_type = Option<DateTime<Utc>>, example = "2026-11-23T00:00:00Z")]
    until: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List the audit, oldest first.
#[utoipa::path(
    tag = "secretariat",
    description = "Every change, and every look at personal data: who, what, when, by which request, and the digest of \
                   the state before and after. Each row's hash covers the row before it.",
    params(ListAudit),
    responses((status = OK, description = "A page of the audit", body = Page<AuditRow>)),
)]
#[get("/v1/audit")]
pub async fn list_audit(
    request: HttpRequest,
    service: Data<Service>,
    query: Query<ListAudit>,
) -> Result<HttpResponse, ApiError> {
    let query = query.0;
    let window = Window::<i64>::parse(query.limit.as_deref(), query.cursor.as_deref())?;
    let filter = filter(&query)?;
    let (database, after, rows) = (service.desk.database.clone(), window.after, window.rows());
    let found = service
        .run(async move { audit::page(&mut database.read().await?, &filter, after, rows).await })
        .await?;
    let place = |row: &audit::Entry| i64::try_from(row.body.seq).unwrap_or(i64::MAX);
    let page = window.page(found, place, AuditRow::from);
    render::page(&request, Freshness::Private, &page)
}

fn filter(query: &ListAudit) -> Result<Filter, ApiError> {
    let subject = |text: &str| match Uuid::parse_str(text) {
        Ok(id) => Ok(id.to_string()),
        Err(_) => Slug::parse(text).map(|slug| slug.to_string()),
    };
    let actor = query.actor.as_deref().map(Uuid::parse_str).transpose();
    Ok(Filter {
        action: query::word("action", query.action.as_deref())?,
        actor: actor.map_err(|_| {
            ApiError::invalid_query("actor", "invalid_identifier", "expected a UUID")
        })?,
        subject: query::canonical("subject", query.subject.as_deref(), subject)?,
        from: instant("from", query.from.as_deref())?,
        until: instant("until", query.until.as_deref())?,
    })
}

fn instant(name: &str, text: Option<&str>) -> Result<Option<DateTime<Utc>>, ApiError> {
    let parse = |text: &str| {
        let at: DateTime<Utc> = text.parse().ok()?;
        Instant::try_from(at).ok()
    };
    text.map(|text| {
        parse(text).map(|at| at.0).ok_or_else(|| {
            let detail =
                "expected an instant such as 2026-11-22T09:00:00Z, in a year of four digits";
            ApiError::invalid_query(name, "invalid_instant", detail)
        })
    })
    .transpose()
}
