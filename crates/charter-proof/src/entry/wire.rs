//! The JSON of each kind of entry: flat objects whose fields stand in canonical order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::{Entry, Event, Kind, Previous, Status, VERSION};
use crate::canonical::{Digest, InJcsOrder};
use crate::keys::KeyList;
use crate::whole_seconds;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LogCreated {
    #[serde(with = "whole_seconds")]
    at: DateTime<Utc>,
    keys: KeyList,
    kind: Kind,
    origin: String,
    previous: Option<Previous>,
    v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CharterPublished {
    #[serde(with = "whole_seconds")]
    at: DateTime<Utc>,
    charter: String,
    digest: Digest,
    kind: Kind,
    v: u8,
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MemberChanged {
    #[serde(with = "whole_seconds")]
    at: DateTime<Utc>,
    charter: String,
    claims: Vec<Digest>,
    kind: Kind,
    member: Uuid,
    record: Digest,
    status: Status,
    v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimReassigned {
    #[serde(with = "whole_seconds")]
    at: DateTime<Utc>,
    charter: String,
    claim: Digest,
    from: Uuid,
    kind: Kind,
    to: Uuid,
    v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct AuditAnchored {
    #[serde(with = "whole_seconds")]
    at: DateTime<Utc>,
    head: Digest,
    kind: Kind,
    v: u8,
}

impl InJcsOrder for LogCreated {}
impl InJcsOrder for CharterPublished {}
impl InJcsOrder for MemberChanged {}
impl InJcsOrder for ClaimReassigned {}
impl InJcsOrder for AuditAnchored {}

/// The canonical bytes of an entry.
pub(super) fn write(entry: &Entry) -> Vec<u8> {
    let (at, kind, v) = (entry.at, entry.event.kind(), VERSION);
    match entry.event.clone() {
        Event::LogCreated {
            origin,
            keys,
            previous,
        } => LogCreated {
            at,
            keys,
            kind,
            origin,
            previous,
            v,
        }
        .to_ordered_bytes(),
        Event::CharterPublished {
            charter,
            version,
            digest,
        } => CharterPublished {
            at,
            charter,
            digest,
            kind,
            v,
            version,
        }
        .to_ordered_bytes(),
        Event::Member {
            kind: _,
            charter,
            member,
            status,
            record,
            claims,
        } => MemberChanged {
            at,
            charter,
            claims,
            kind,
            member,
            record,
            status,
            v,
        }
        .to_ordered_bytes(),
        Event::ClaimReassigned {
            charter,
            claim,
            from,
            to,
        } => ClaimReassigned {
            at,
            charter,
            claim,
            from,
            kind,
            to,
            v,
        }
        .to_ordered_bytes(),
        Event::AuditAnchored { head } => AuditAnchored { at, head, kind, v }.to_ordered_bytes(),
    }
}

/// The entry of this kind that a JSON object says.
pub(super) fn read(kind: Kind, object: Value) -> Result<Entry, serde_json::Error> {
    let (at, event) = match kind {
        Kind::LogCreated => {
            let wire: LogCreated = serde_json::from_value(object)?;
            let event = Event::LogCreated {
                origin: wire.origin,
                keys: wire.keys,
                previous: wire.previous,
            };
            (wire.at, event)
        }
        Kind::CharterPublished => {
            let wire: CharterPublished = serde_json::from_value(object)?;
            let event = Event::CharterPublished {
                charter: wire.charter,
                version: wire.version,
                digest: wire.digest,
            };
            (wire.at, event)
        }
        Kind::Member(kind) => {
            let wire: MemberChanged = serde_json::from_value(object)?;
            let event = Event::Member {
                kind,
                charter: wire.charter,
                member: wire.member,
                status: wire.status,
                record: wire.record,
                claims: wire.claims,
            };
            (wire.at, event)
        }
        Kind::ClaimReassigned => {
            let wire: ClaimReassigned = serde_json::from_value(object)?;
            let event = Event::ClaimReassigned {
                charter: wire.charter,
                claim: wire.claim,
                from: wire.from,
                to: wire.to,
            };
            (wire.at, event)
        }
        Kind::AuditAnchored => {
            let wire: AuditAnchored = serde_json::from_value(object)?;
            (wire.at, Event::AuditAnchored { head: wire.head })
        }
    };
    Ok(Entry { at, event })
}
