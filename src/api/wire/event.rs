//! An entry of the log in JSON, for people.

use charter_proof::{
    entry::{Entry, Event},
    identity::Base,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::{api::problem::ApiError, log::Told};

/// A page of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct Events {
    /// The entries, in the log's order.
    items: Vec<LogEvent>,
    /// The `after` of the next page; null on the last.
    pub next: Option<u64>,
}

/// An entry of the log.
#[derive(Debug, Serialize, ToSchema)]
pub struct LogEvent {
    /// Its place in the log.
    index: u64,
    /// When it happened.
    at: DateTime<Utc>,
    /// What happened.
    #[schema(example = "member.included")]
    kind: String,
    /// The further fields of the entry, as the log has them.
    #[schema(value_type = Object, example = json!({"charter": "digital-ethics-of-childhood", "status": "active"}))]
    details: Map<String, Value>,
    /// Where to read on.
    links: Links,
}

/// Where to read on about an entry.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct Links {
    /// The charter.
    #[serde(skip_serializing_if = "Option::is_none")]
    charter: Option<String>,
    /// The charter's canonical document.
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<String>,
    /// The member.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<String>,
    /// The member whom a key was taken from.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The signed record.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<String>,
}

impl Events {
    /// The page of these entries; whether others follow.
    pub fn new(items: Vec<LogEvent>, more: bool) -> Self {
        let last = items.last().map(|item| item.index);
        Self {
            next: last.filter(|_| more),
            items,
        }
    }
}

impl LogEvent {
    /// The entry as the registry at `base` shows it.
    pub fn new(told: &Told, base: &Base) -> Result<Self, ApiError> {
        let entry = Entry::parse(&told.entry).map_err(ApiError::internal)?;
        let mut details: Map<String, Value> =
            serde_json::from_slice(&told.entry).map_err(ApiError::internal)?;
        for field in ["at", "kind", "v"] {
            details.remove(field);
        }
        let mut links = Links::of(&entry.event, base);
        links.record = told.record.as_ref().map(|it| base.record_url(it.id.0));
        Ok(Self {
            index: told.index,
            at: entry.at,
            kind: entry.event.kind().to_string(),
            details,
            links,
        })
    }
}

impl Links {
    fn of(event: &Event, base: &Base) -> Self {
        match event {
            Event::CharterPublished {
                charter, digest, ..
            } => Self {
                charter: Some(base.charter_url(charter)),
                document: Some(format!("{}/log/charters/{digest}", base.url())),
                ..Self::default()
            },
            Event::Member {
                charter, member, ..
            } => Self {
                charter: Some(base.charter_url(charter)),
                member: Some(base.member_url(*member)),
                ..Self::default()
            },
            Event::ClaimReassigned {
                charter, from, to, ..
            } => Self {
                charter: Some(base.charter_url(charter)),
                member: Some(base.member_url(*to)),
                from: Some(base.member_url(*from)),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}
