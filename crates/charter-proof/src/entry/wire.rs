//! The JSON of each kind of entry: flat objects whose fields stand in canonical order.

pub(super) mod at_once;
mod fields;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Entry, Event, Kind, RotationProofs, VERSION};
use crate::canonical::InJcsOrder as _;
use crate::keys::{PublicKey, Purpose};
use fields::{
    AuditAnchored, CharterPublished, ClaimReassigned, KeyAnnounced, KeyCompromised, KeyRotated,
    LogCreated, MemberChanged, QuorumOverridden, RecordRedacted, State,
};

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
        Event::RecordRedacted { record, ground } => RecordRedacted {
            at,
            ground,
            kind,
            record,
            v,
        }
        .to_ordered_bytes(),
        Event::QuorumOverridden { reason } => QuorumOverridden {
            at,
            kind,
            reason,
            v,
        }
        .to_ordered_bytes(),
        Event::AuditAnchored { head } => AuditAnchored { at, head, kind, v }.to_ordered_bytes(),
        Event::State { size, map, keys } => State {
            at,
            keys,
            kind,
            map,
            size,
            v,
        }
        .to_ordered_bytes(),
        event => write_of_keys(at, event),
    }
}

/// The same of an event about a key.
fn write_of_keys(at: DateTime<Utc>, event: Event) -> Vec<u8> {
    let (kind, v) = (event.kind(), VERSION);
    match event {
        Event::KeyAnnounced { purpose, key } => KeyAnnounced {
            at,
            kind,
            public_key_multibase: key,
            purpose,
            v,
        }
        .to_ordered_bytes(),
        Event::KeyRotated {
            purpose,
            key,
            replaces,
            proofs,
        } => {
            let proofs = [proofs.old, proofs.new].map(|proof| STANDARD.encode(proof));
            rotated(at, Some(proofs), purpose, key, replaces)
        }
        Event::KeyCompromised {
            purpose,
            key,
            replaced_by,
        } => KeyCompromised {
            at,
            kind,
            public_key_multibase: key,
            purpose,
            replaced_by,
            v,
        }
        .to_ordered_bytes(),
        // Every other kind is written above.
        _ => Vec::new(),
    }
}

/// The canonical bytes of a rotation, without what is signed over them.
pub(super) fn unsigned_rotation(
    at: DateTime<Utc>,
    purpose: Purpose,
    key: PublicKey,
    replaces: PublicKey,
) -> Vec<u8> {
    rotated(at, None, purpose, key, replaces)
}

fn rotated(
    at: DateTime<Utc>,
    proofs: Option<[String; 2]>,
    purpose: Purpose,
    key: PublicKey,
    replaces: PublicKey,
) -> Vec<u8> {
    KeyRotated {
        at,
        kind: Kind::KeyRotated,
        proofs,
        public_key_multibase: key,
        purpose,
        replaces,
        v: VERSION,
    }
    .to_ordered_bytes()
}

/// The signatures of a rotation in their one spelling.
fn rotation_proofs(proofs: Option<[String; 2]>) -> Result<RotationProofs, serde_json::Error> {
    let decoded = proofs.map(|proofs| {
        proofs.map(|proof| {
            let bytes = STANDARD.decode(proof).ok()?;
            <[u8; 64]>::try_from(bytes).ok()
        })
    });
    match decoded {
        Some([Some(old), Some(new)]) => Ok(RotationProofs { old, new }),
        _ => Err(serde_json::Error::custom(
            "expected two signatures of 64 bytes in standard base64",
        )),
    }
}

/// What the bytes say if they are an entry's, whose kind and version come late in its object. Whether they are its
/// canonical bytes is the caller's to compare.
pub(super) fn read_canonical(bytes: &[u8]) -> Option<Entry> {
    #[derive(Deserialize)]
    struct Head {
        kind: Kind,
        v: u8,
    }
    let head: Head = serde_json::from_slice(bytes).ok()?;
    if head.v != VERSION {
        return None;
    }
    read_from(head.kind, &mut serde_json::Deserializer::from_slice(bytes)).ok()
}

/// The entry of this kind that a JSON object says.
pub(super) fn read(kind: Kind, object: Value) -> Result<Entry, serde_json::Error> {
    read_from(kind, object)
}

fn read_from<'de, D>(kind: Kind, object: D) -> Result<Entry, serde_json::Error>
where
    D: Deserializer<'de, Error = serde_json::Error>,
{
    let (at, event) = match kind {
        Kind::LogCreated => {
            let wire: LogCreated = Deserialize::deserialize(object)?;
            let event = Event::LogCreated {
                origin: wire.origin,
                keys: wire.keys,
                previous: wire.previous,
            };
            (wire.at, event)
        }
        Kind::CharterPublished => {
            let wire: CharterPublished = Deserialize::deserialize(object)?;
            let event = Event::CharterPublished {
                charter: wire.charter,
                version: wire.version,
                digest: wire.digest,
            };
            (wire.at, event)
        }
        Kind::Member(kind) => {
            let wire: MemberChanged = Deserialize::deserialize(object)?;
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
            let wire: ClaimReassigned = Deserialize::deserialize(object)?;
            let event = Event::ClaimReassigned {
                charter: wire.charter,
                claim: wire.claim,
                from: wire.from,
                to: wire.to,
            };
            (wire.at, event)
        }
        Kind::RecordRedacted => {
            let wire: RecordRedacted = Deserialize::deserialize(object)?;
            let event = Event::RecordRedacted {
                record: wire.record,
                ground: wire.ground,
            };
            (wire.at, event)
        }
        Kind::KeyAnnounced => {
            let wire: KeyAnnounced = Deserialize::deserialize(object)?;
            let event = Event::KeyAnnounced {
                purpose: wire.purpose,
                key: wire.public_key_multibase,
            };
            (wire.at, event)
        }
        Kind::KeyRotated => {
            let wire: KeyRotated = Deserialize::deserialize(object)?;
            let event = Event::KeyRotated {
                purpose: wire.purpose,
                key: wire.public_key_multibase,
                replaces: wire.replaces,
                proofs: rotation_proofs(wire.proofs)?,
            };
            (wire.at, event)
        }
        Kind::KeyCompromised => {
            let wire: KeyCompromised = Deserialize::deserialize(object)?;
            let event = Event::KeyCompromised {
                purpose: wire.purpose,
                key: wire.public_key_multibase,
                replaced_by: wire.replaced_by,
            };
            (wire.at, event)
        }
        Kind::QuorumOverridden => {
            let wire: QuorumOverridden = Deserialize::deserialize(object)?;
            let event = Event::QuorumOverridden {
                reason: wire.reason,
            };
            (wire.at, event)
        }
        Kind::AuditAnchored => {
            let wire: AuditAnchored = Deserialize::deserialize(object)?;
            (wire.at, Event::AuditAnchored { head: wire.head })
        }
        Kind::State => {
            let wire: State = Deserialize::deserialize(object)?;
            let event = Event::State {
                size: wire.size,
                map: wire.map,
                keys: wire.keys,
            };
            (wire.at, event)
        }
    };
    Ok(Entry { at, event })
}
