//! `GET /v1/charters/{charter}/members`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{
        Service,
        charters::get::unknown,
        page::{Page, Text, Window},
        problem::{ApiError, problems},
        query::{self, Query},
        render::{self, Freshness},
        wire::member::Member,
    },
    rules::{
        day::Day,
        organisation::Category,
        region::{Country, Region},
        search,
        text::Slug,
    },
    storage::{
        charters::Published,
        memberships::{After, Filter, Membership, Order},
    },
};

problems!(CHARTER_UNKNOWN);

/// Which members, and in which order.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListMembers {
    /// Only these statuses, separated by commas: `active`, `suspended`, `excluded`, `withdrawn`. All when absent.
    #[param(example = "active,suspended")]
    status: Option<String>,
    /// Only this category.
    #[param(example = "educational_institution")]
    category: Option<String>,
    /// Only this country, ISO 3166-1 alpha-2.
    #[param(example = "RU")]
    country: Option<String>,
    /// Only this region, ISO 3166-2.
    #[param(example = "RU-AMU")]
    region: Option<String>,
    /// Only founders, or only others.
    #[param(value_type = Option<bool>)]
    founder: Option<String>,
    /// Only members since this day (RFC 3339 full-date).
    #[param(value_type = Option<chrono::NaiveDate>)]
    since: Option<String>,
    /// Only members in whose names, aliases, identifiers or domain each of these words begins a word; in
    /// Cyrillic or Latin, whichever the name has. At most 8 words count.
    #[param(example = "yandex")]
    q: Option<String>,
    /// The order: `number`, `name` or `since`, with `-` before it for descending.
    #[param(example = "-since", default = "number")]
    sort: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
}

/// List members.
///
/// Present and former members, of all statuses unless asked otherwise: that a member was excluded is public, too.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ListMembers,
    ),
    responses((status = OK, description = "A page of members", body = Page<Member>), Problems),
)]
#[get("/v1/charters/{charter}/members")]
pub async fn list_members(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
    query: Query<ListMembers>,
) -> Result<HttpResponse, ApiError> {
    let (filter, (order, descending)) = (filter(&query.0)?, order(query.0.sort.as_deref())?);
    let window = window(&query.0, order)?;
    let (database, charter) = (service.desk.database.clone(), path.into_inner());
    let (after, rows) = (
        window
            .after
            .clone()
            .map(|(key, number)| After { key: key.0, number }),
        window.rows(),
    );
    let members = service
        .run(async move {
            let mut conn = database.read().await?;
            if Published::current(&mut conn, charter.as_str())
                .await?
                .is_none()
            {
                return Err(unknown());
            }
            Ok(Membership::page(
                &mut conn,
                charter.as_str(),
                &filter,
                order,
                descending,
                after.as_ref(),
                rows,
            )
            .await?)
        })
        .await?;
    let place = |member: &Membership| (Text(member.place(order).key), member.number);
    let page = window.page(members, place, |member| {
        Member::new(&member, service.desk.base())
    });
    render::page(&request, Freshness::Revalidate, &page)
}

fn filter(query: &ListMembers) -> Result<Filter, ApiError> {
    let terms = query
        .q
        .as_deref()
        .map(search::query_terms)
        .unwrap_or_default();
    if query.q.is_some() && terms.is_empty() {
        return Err(ApiError::invalid_query(
            "q",
            "empty",
            "expected at least one letter or digit",
        ));
    }
    Ok(Filter {
        statuses: query::words("status", query.status.as_deref())?,
        category: query::canonical("category", query.category.as_deref(), Category::parse)?,
        country: query::canonical("country", query.country.as_deref(), Country::parse)?,
        region: query::canonical("region", query.region.as_deref(), Region::parse)?,
        founder: parsed("founder", query.founder.as_deref(), "true or false")?,
        since: parsed::<Day>("since", query.since.as_deref(), "a date such as 2026-11-22")?
            .map(|day| day.0),
        terms,
    })
}

fn parsed<T: std::str::FromStr>(
    name: &str,
    raw: Option<&str>,
    expected: &str,
) -> Result<Option<T>, ApiError> {
    raw.map(str::parse)
        .transpose()
        .map_err(|_| ApiError::invalid_query(name, "invalid_value", format!("expected {expected}")))
}

fn order(sort: Option<&str>) -> Result<(Order, bool), ApiError> {
    let sort = sort.unwrap_or("number");
    let (name, descending) = sort
        .strip_prefix('-')
        .map_or((sort, false), |name| (name, true));
    let order = match name {
        "number" => Order::Number,
        "name" => Order::Name,
        "since" => Order::Since,
        _ => {
            let detail = "expected number, name or since, with `-` before it for descending";
            return Err(ApiError::invalid_query("sort", "unknown_value", detail));
        }
    };
    Ok((order, descending))
}

/// The page asked for. A cursor of a list by date holds a date, or it is none of this list.
fn window(query: &ListMembers, order: Order) -> Result<Window<(Text, i64)>, ApiError> {
    let window = Window::<(Text, i64)>::parse(query.limit.as_deref(), query.cursor.as_deref())?;
    let fits = |(Text(key), _): &(Text, i64)| match order {
        Order::Number => key.is_empty(),
        Order::Name => true,
        Order::Since => Day::parse(key).is_ok(),
    };
    if window.after.as_ref().is_some_and(|after| !fits(after)) {
        return Err(ApiError::invalid_query(
            "cursor",
            "invalid_cursor",
            "this is a cursor of another order",
        ));
    }
    Ok(window)
}
