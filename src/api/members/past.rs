//! Members as they were: `?asOf=` of a member and of the list.

use actix_web::{HttpRequest, HttpResponse};

use super::unknown;
use crate::{
    api::{
        Service, charters,
        log::unpublished,
        page::{self, Page, Text},
        problem::ApiError,
        render::{self, Freshness},
        wire::member::Member,
    },
    desk::past::{self, PastError},
    directory::{Listing, Order},
    rules::{id::MemberId, moment::Moment, text::Slug},
};

/// The query parameter.
const AS_OF: &str = "asOf";

impl From<PastError> for ApiError {
    fn from(error: PastError) -> Self {
        let detail = error.to_string();
        match error {
            PastError::Future { .. } => Self::invalid_query(AS_OF, "in_the_future", detail),
            PastError::BeforeTheLog(_) => Self::invalid_query(AS_OF, "before_the_log", detail),
            PastError::Unpublished => unpublished(),
            PastError::Failed(failure) => failure.into(),
        }
    }
}

/// The moment that is asked for.
pub fn moment(raw: &str) -> Result<Moment, ApiError> {
    Moment::parse(raw).map_err(|it| ApiError::invalid_query(AS_OF, it.code, it.detail))
}

/// A member as it was.
pub async fn member(
    request: &HttpRequest,
    service: &Service,
    charter: Slug,
    id: MemberId,
    moment: Moment,
) -> Result<HttpResponse, ApiError> {
    let desk = service.desk.clone();
    let found = service.run(async move {
        let mut conn = desk.database.read().await?;
        let size = past::size_at(&desk, &mut conn, moment).await?;
        let found = past::member(&mut conn, charter.as_str(), id, size).await?;
        found.ok_or_else(unknown)
    });
    let member = Member::new(&found.await?, service.desk.base());
    render::json(request, Freshness::Revalidate, None, &member)
}

/// A page of members as they were, by number.
pub async fn list(
    request: &HttpRequest,
    service: &Service,
    charter: Slug,
    listing: Listing,
    limit: usize,
    moment: Moment,
) -> Result<HttpResponse, ApiError> {
    if listing.order != Order::Number || listing.descending || !listing.filter.words.is_empty() {
        let detail = "as of a moment members are listed by number, and not searched";
        return Err(ApiError::invalid_query(AS_OF, "not_with_this", detail));
    }
    let desk = service.desk.clone();
    let found = service.run(async move {
        let (mut conn, slug) = (desk.database.read().await?, charter.as_str());
        let size = past::size_at(&desk, &mut conn, moment).await?;
        if !past::has_charter(&mut conn, slug, size).await? {
            return Err(charters::get::unknown());
        }
        let after = listing.after.map_or(0, |after| after.number);
        let filter = &listing.filter;
        Ok(past::members(&mut conn, slug, size, filter, after, limit).await?)
    });
    let (found, base) = (found.await?, service.desk.base());
    let items = found.members.iter().map(|member| Member::new(member, base));
    let page = Page {
        items: items.collect(),
        next: found
            .next
            .map(|number| page::cursor(&(Text(String::new()), number))),
    };
    render::page(request, Freshness::Revalidate, &page)
}
