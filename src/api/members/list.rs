//! `GET /v1/charters/{charter}/members`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::IntoParams;

use super::past;
use crate::{
    api::{
        Service,
        charters::get::unknown,
        page::{self, Page, Text, Window},
        problem::{ApiError, problems},
        query::{self, Query},
        render,
        wire::member::Member,
    },
    directory::{After, Filter, Listing, Order},
    rules::{
        day::Day,
        organisation::Category,
        region::{Country, Region},
        search,
        text::Slug,
    },
};

problems!(CHARTER_UNKNOWN, BUSY);

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
    /// Only members in whose names, aliases, identifiers, number or domain each of these words is or begins a
    /// word; in Cyrillic or Latin, whichever the name has. Words of five letters or more may have a typing
    /// error, of nine or more two. At most 8 words count.
    #[param(example = "yandex")]
    q: Option<String>,
    /// The order: `number`, `name` or `since`, with `-` before it for descending; with `q`, also `relevance`:
    /// whole words before beginnings, and these before typing errors. `relevance` with `q` and `number` without
    /// it, when absent.
    #[param(example = "-since")]
    sort: Option<String>,
    /// How many at most.
    #[param(value_type = Option<u8>, minimum = 1, maximum = 100, default = 50)]
    limit: Option<String>,
    /// `next` of the page before.
    cursor: Option<String>,
    /// The members as they were at this time (RFC 3339), or once the log's entry of this index was appended; by number
    /// and without `q`.
    #[serde(rename = "asOf")]
    #[param(example = "2026-11-22T10:00:00Z")]
    as_of: Option<String>,
}

/// List members.
///
/// Present and former members, of all statuses unless asked otherwise: that a member was excluded is public, too. As of
/// a moment of the past (`asOf`) a page may have fewer members than asked for and others still follow.
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
    let listing = listing(&query.0)?;
    let window = window(&query.0, listing.order)?;
    let after = window
        .after
        .map(|(Text(key), number)| After { key, number });
    let listing = Listing { after, ..listing };
    if let Some(as_of) = &query.0.as_of {
        let moment = past::moment(as_of)?;
        let charter = path.into_inner();
        return past::list(&request, &service, charter, listing, window.limit, moment).await;
    }
    let found = service
        .directory
        .page(path.as_str(), &listing, window.limit)?;
    let found = found.ok_or_else(unknown)?;
    let last = found.last.as_ref();
    let next = last.map(|last| page::cursor(&(&last.key, last.number)));
    render::page_of_members(&request, &found, next.as_deref())
}

/// The list asked for, from its beginning.
fn listing(query: &ListMembers) -> Result<Listing, ApiError> {
    let filter = filter(query)?;
    let (order, descending) = order(query.sort.as_deref(), !filter.words.is_empty())?;
    Ok(Listing {
        filter,
        order,
        descending,
        after: None,
    })
}

fn filter(query: &ListMembers) -> Result<Filter, ApiError> {
    let words = query
        .q
        .as_deref()
        .map(search::query_terms)
        .unwrap_or_default();
    if query.q.is_some() && words.is_empty() {
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
        words,
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

fn order(sort: Option<&str>, searches: bool) -> Result<(Order, bool), ApiError> {
    let unless_asked = if searches { "relevance" } else { "number" };
    let sort = sort.unwrap_or(unless_asked);
    let (name, descending) = sort
        .strip_prefix('-')
        .map_or((sort, false), |name| (name, true));
    let order = match name {
        "number" => Order::Number,
        "name" => Order::Name,
        "since" => Order::Since,
        "relevance" if searches && !descending => Order::Relevance,
        _ => {
            let detail = "expected number, name or since, with `-` before it for descending; or, with q, relevance";
            return Err(ApiError::invalid_query("sort", "unknown_value", detail));
        }
    };
    Ok((order, descending))
}

/// The page asked for. A cursor of a list by date holds a date, of one by relevance a score, or it is none of this list.
fn window(query: &ListMembers, order: Order) -> Result<Window<(Text, i64)>, ApiError> {
    let window = Window::<(Text, i64)>::parse(query.limit.as_deref(), query.cursor.as_deref())?;
    let fits = |(Text(key), _): &(Text, i64)| match order {
        Order::Number => key.is_empty(),
        Order::Name => true,
        Order::Since => Day::parse(key).is_ok(),
        Order::Relevance => key.parse::<u16>().is_ok(),
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
