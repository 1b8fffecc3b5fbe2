//! Trust registry queries (TRQP 2.0): whether an organisation is a member of a charter, now or at a time.

pub mod authorization;
pub mod recognition;

use std::collections::BTreeMap;

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use url::Url;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Service,
    problem::{ApiError, catalogue::TRUST_QUERY_UNKNOWN},
    render,
};
use crate::{
    desk::{
        Desk,
        past::{self, PastError},
    },
    rules::{
        claim::Claim,
        id::MemberId,
        membership::Status,
        moment::Moment,
        organisation::{Domain, Website},
        text::{Invalid, Slug},
    },
    storage::{Connection, memberships::Membership},
};

/// The one action that is asked about here.
const MEMBER_OF: &str = "member-of";

/// A trust registry query.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "entity_id": "domain:school.example",
    "authority_id": "did:web:registry.example",
    "action": "member-of",
    "resource": "https://registry.example/charters/digital-ethics-of-childhood",
    "context": {"time": "2026-11-22T10:00:00Z"}
}))]
pub struct TrustQuery {
    /// The organisation: a key (`domain:…`, `RU-OGRN:…`, `member:<uuid>`), the member's address, or its website.
    entity_id: String,
    /// This registry: its DID or its address.
    authority_id: String,
    /// `member-of`.
    action: String,
    /// The charter's address.
    resource: String,
    /// `time`, as of when it is asked (RFC 3339 with `Z`); the rest is given back as it came.
    #[serde(default)]
    context: Option<BTreeMap<String, String>>,
}

/// What both kinds of query are answered with, beside their verdict.
#[derive(Debug, Serialize, ToSchema)]
struct TrustAnswer {
    /// As it was asked.
    entity_id: String,
    /// As it was asked.
    authority_id: String,
    /// As it was asked.
    action: String,
    /// As it was asked.
    resource: String,
    /// The time that was asked about, if one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    time_requested: Option<String>,
    /// When this was answered.
    time_evaluated: String,
    /// The same for people.
    message: String,
    /// As it was asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<BTreeMap<String, String>>,
    /// The address of the proof of how the member stands now, for whoever trusts no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    proof: Option<String>,
    /// The address of the signed record that told how it stood.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
}

/// Who is asked about.
enum Entity {
    Member(MemberId),
    Key(String),
    /// The key of its domain, and where its pages are among those of others.
    Website(String, String),
    Nobody,
}

/// Whether the organisation is a member, and the answer that says so.
async fn answer(
    service: &Data<Service>,
    query: TrustQuery,
) -> Result<(bool, TrustAnswer), ApiError> {
    let desk = service.desk.clone();
    let charter = charter_asked(&desk, &query)?;
    let entity = Entity::of(&query.entity_id, desk.base().url());
    let requested = query
        .context
        .as_ref()
        .and_then(|it| it.get("time").cloned());
    let moment = requested.as_deref().map(moment).transpose()?;
    let reading = async move {
        let mut conn = desk.database.read().await?;
        let now = Moment::At(desk.now());
        let size = past::size_at(&desk, &mut conn, moment.unwrap_or(now)).await;
        let size = size.map_err(of_time)?;
        if !past::has_charter(&mut conn, charter.as_str(), size).await? {
            let what = "there was no such charter at that time";
            return Err(ApiError::new(
                &TRUST_QUERY_UNKNOWN,
                format!("resource: {what}"),
            ));
        }
        let found = find(&mut conn, charter.as_str(), entity, size).await?;
        Ok(found.map(|member| (member, desk.base().clone())))
    };
    let found = service.run(reading).await?;
    let is_member = matches!(&found, Some((member, _)) if member.status == Status::Active);
    let proof = found.as_ref().map(|(member, base)| {
        let (charter, id) = (&member.charter, member.id);
        format!("{}/v1/charters/{charter}/members/{id}/proof", base.url())
    });
    let answer = TrustAnswer {
        message: told(found.as_ref().map(|(member, _)| member)),
        record: found
            .as_ref()
            .map(|(member, base)| base.record_url(member.record.0)),
        proof,
        entity_id: query.entity_id,
        authority_id: query.authority_id,
        action: query.action,
        resource: query.resource,
        time_requested: requested,
        time_evaluated: written(service.desk.now()),
        context: query.context,
    };
    Ok((is_member, answer))
}

/// Answers with a verdict, whose proof `Link` leads to as well.
fn rendered(view: &impl Serialize, proof: Option<&str>) -> Result<HttpResponse, ApiError> {
    let mut response = render::changed(StatusCode::OK, None, view)?;
    let link = proof.map(|proof| format!("<{proof}>; rel=\"describedby\""));
    let link = link.and_then(|link| header::HeaderValue::from_str(&link).ok());
    let headers = response.headers_mut();
    if let Some(link) = link {
        headers.insert(header::LINK, link);
    }
    headers.insert(
        header::CACHE_CONTROL,
        header::HeaderValue::from_static("no-store"),
    );
    Ok(response)
}

/// The charter that is asked about, provided that it is asked of this registry.
fn charter_asked(desk: &Desk, query: &TrustQuery) -> Result<Slug, ApiError> {
    let base = desk.base();
    let unknown = |field: &str, expected: String| {
        ApiError::new(
            &TRUST_QUERY_UNKNOWN,
            format!("{field}: expected {expected}"),
        )
    };
    let authority = query.authority_id.as_str();
    if authority != base.did() && authority.trim_end_matches('/') != base.url() {
        return Err(unknown("authority_id", base.did()));
    }
    if query.action != MEMBER_OF {
        return Err(unknown("action", MEMBER_OF.to_owned()));
    }
    let charters = base.charter_url("");
    let slug = query.resource.strip_prefix(&charters);
    let slug = slug.and_then(|slug| Slug::parse(slug).ok());
    slug.ok_or_else(|| unknown("resource", format!("{charters}…")))
}

impl Entity {
    fn of(raw: &str, base: &str) -> Self {
        let address = raw.strip_prefix(base);
        let member = address.and_then(|path| path.strip_prefix("/members/"));
        let member = member.or_else(|| raw.strip_prefix("member:"));
        if let Some(member) = member {
            let member = member.parse::<Uuid>();
            return member.map_or(Self::Nobody, |id| Self::Member(MemberId(id)));
        }
        if raw.starts_with("https://") || raw.starts_with("http://") {
            let url = Url::parse(raw).ok();
            let host = url.as_ref().and_then(Url::host_str);
            let host = host.and_then(|host| Domain::parse(host).ok());
            let place = Website::parse(raw).ok().and_then(|site| site.place());
            return match (host, place) {
                (Some(host), Some(place)) => Self::Website(host.key(), place),
                _ => Self::Nobody,
            };
        }
        let claim = Claim::parse(raw);
        claim.map_or(Self::Nobody, |claim| Self::Key(claim.key()))
    }
}

async fn find(
    conn: &mut Connection,
    charter: &str,
    entity: Entity,
    size: u64,
) -> Result<Option<Membership>, ApiError> {
    Ok(match entity {
        Entity::Nobody => None,
        Entity::Member(id) => past::member(conn, charter, id, size).await?,
        Entity::Key(key) => past::holder(conn, charter, &key, size).await?,
        Entity::Website(key, place) => match past::holder(conn, charter, &key, size).await? {
            Some(holder) => Some(holder),
            None => past::at_website(conn, charter, &place, size).await?,
        },
    })
}

fn told(member: Option<&Membership>) -> String {
    let Some(member) = member else {
        return "The registry knows no such member at that time.".to_owned();
    };
    let (status, id) = (member.status.as_str(), member.id);
    format!(
        "Member {id} is {status} by entry {} of the log, of {}.",
        member.log_index,
        written(member.updated_at)
    )
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// The time that is asked about; TRQP takes `Z` alone.
fn moment(raw: &str) -> Result<Moment, ApiError> {
    let parsed = Moment::parse(raw).ok();
    let at = parsed.filter(|moment| matches!(moment, Moment::At(_)) && raw.ends_with('Z'));
    at.ok_or_else(|| {
        let detail = "A time such as \"2026-11-22T10:00:00Z\" is expected.";
        ApiError::invalid_field("/context/time", Invalid::new("malformed_moment", detail))
    })
}

fn of_time(error: PastError) -> ApiError {
    let code = match error {
        PastError::Future { .. } => "in_the_future",
        PastError::BeforeTheLog(_) => "before_the_log",
        other => return other.into(),
    };
    ApiError::invalid_field("/context/time", Invalid::new(code, error.to_string()))
}
