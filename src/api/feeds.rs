//! Atom feeds of what happened to a charter's members.

pub mod charter;
pub mod member;

use actix_web::{HttpRequest, HttpResponse, web::Data};
use serde::Deserialize;
use utoipa::IntoParams;

use super::{
    Service, charters, log, members,
    problem::ApiError,
    render::{self, Freshness},
    wire::atom::{Entry, Feed, MEDIA_TYPE, in_first},
};
use crate::{
    rules::{id::MemberId, text::Slug},
    storage::{charters::Published, memberships::Membership, records::Record},
};

/// How many entries a page has.
const PAGE: usize = 50;

/// Which page.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// Only what happened before this index of the log; `next` in the feed leads there.
    before: Option<u64>,
}

/// A page of what happened, and whether older ones follow.
struct Read {
    /// The charter, in its current version.
    charter: Published,
    entries: Vec<Entry>,
    more: bool,
}

async fn answer(
    request: &HttpRequest,
    service: &Data<Service>,
    charter: Slug,
    member: Option<MemberId>,
    FeedQuery { before }: FeedQuery,
) -> Result<HttpResponse, ApiError> {
    let reading = read(service.clone(), charter.clone(), member, before);
    let Read {
        charter: published,
        entries,
        more,
    } = service.run(reading).await?;
    let about = match member {
        None => format!("/v1/charters/{charter}"),
        Some(member) => format!("/v1/charters/{charter}/members/{member}"),
    };
    let version = &published.version;
    let title = in_first(version.title(), version.languages());
    let (_, title) = title.unwrap_or_default();
    let feed = Feed {
        base: service.desk.base(),
        author: &service.desk.signatory.name,
        licence: service.directory.licence(),
        path: format!("{about}/events.atom"),
        title: match member {
            None => title,
            Some(member) => format!("{title}: member {member}"),
        },
        about,
        before,
        since: published.published_at,
        entries,
        more,
    };
    let xml = feed.to_xml().into_bytes();
    render::packed(request, Freshness::Revalidate, MEDIA_TYPE, xml)
}

async fn read(
    service: Data<Service>,
    charter: Slug,
    member: Option<MemberId>,
    before: Option<u64>,
) -> Result<Read, ApiError> {
    let desk = &service.desk;
    let newest = desk.signatory.log.newest().ok_or_else(log::unpublished)?;
    let before = before.map_or(newest.checkpoint.size, |before| {
        before.min(newest.checkpoint.size)
    });
    let (mut conn, slug) = (desk.database.read().await?, charter.as_str());
    let versions = Published::versions(&mut conn, slug).await?;
    let current = versions.first().ok_or_else(charters::get::unknown)?.clone();
    let languages = current.version.languages();
    let mut entries: Vec<Entry> = match member {
        Some(member) => {
            let found = Membership::find(&mut conn, slug, member).await?;
            found.ok_or_else(members::unknown)?;
            Vec::new()
        }
        None => versions
            .iter()
            .filter(|version| version.log_index < before)
            .map(|version| Entry::of_version(version, desk.base()))
            .collect(),
    };
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let records = Record::told_before(&mut conn, slug, member, before, limit).await?;
    let told = records.iter();
    entries.extend(told.map(|record| Entry::of_record(record, languages, desk.base())));
    entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.index));
    let more = entries.len() > PAGE;
    entries.truncate(PAGE);
    Ok(Read {
        charter: current,
        entries,
        more,
    })
}
