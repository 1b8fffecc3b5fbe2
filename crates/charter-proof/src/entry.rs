//! The events of the log, as the bytes of its leaves.
//!
//! An entry is the canonical JSON of a small event; documents stay outside and enter by digest.
//! To add a kind: a variant of [`Event`] and of [`Kind`], its name in `entry/kind.rs`, its fields and
//! an arm of both conversions in `entry/wire.rs`.

mod kind;
mod wire;

pub use kind::{Kind, MemberEventKind, Status};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::canonical::{Digest, StrictJsonError, parse_strict};
use crate::keys::{KeyList, PublicKey, Purpose, SecretKey};

/// The version of the entry format: the `v` of every entry.
pub const VERSION: u8 = 1;

/// The longest entry, in bytes: an entry bundle writes lengths in 16 bits (C2SP tlog-tiles).
pub const MAX_BYTES: usize = 65_535;

/// One event of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When it happened; written in whole seconds, a fraction is dropped.
    pub at: DateTime<Utc>,
    /// What happened.
    pub event: Event,
}

/// What an entry says happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The first entry of every log.
    LogCreated {
        /// `H/log`.
        origin: String,
        /// The keys the log starts with.
        keys: KeyList,
        /// The log this one succeeds, if any.
        previous: Option<Previous>,
    },
    /// A version of a charter was published.
    CharterPublished {
        /// The charter's slug.
        charter: String,
        /// The version's number.
        version: u32,
        /// The digest of the version's canonical document.
        digest: Digest,
    },
    /// A membership changed.
    Member {
        /// What changed.
        kind: MemberEventKind,
        /// The charter's slug.
        charter: String,
        /// The membership.
        member: Uuid,
        /// Its status afterwards.
        status: Status,
        /// The digest of the registry record.
        record: Digest,
        /// The hashes of the keys it holds (see [`crate::keys::claim_hash`]), `member:` not among
        /// them; sorted, none twice.
        claims: Vec<Digest>,
    },
    /// A key of one membership goes to another, whose own entry follows at once.
    ClaimReassigned {
        /// The charter's slug.
        charter: String,
        /// The key's hash (see [`crate::keys::claim_hash`]).
        claim: Digest,
        /// The member that held it.
        from: Uuid,
        /// The member that holds it from now on.
        to: Uuid,
    },
    /// A record's document was removed; its digest stays.
    RecordRedacted {
        /// The digest of the record.
        record: Digest,
        /// Why.
        ground: String,
    },
    /// A key will be used; the key list does not change yet.
    KeyAnnounced {
        /// What it will sign.
        purpose: Purpose,
        /// The key.
        key: PublicKey,
    },
    /// A key took the place of another: from this entry on the one signs, the other no longer.
    KeyRotated {
        /// What they sign.
        purpose: Purpose,
        /// The new key.
        key: PublicKey,
        /// The old key.
        replaces: PublicKey,
        /// The signatures of both, see [`Entry::rotation_message`].
        proofs: RotationProofs,
    },
    /// Others may have a key: what it signed in this entry or later does not count.
    KeyCompromised {
        /// What it signed.
        purpose: Purpose,
        /// The key.
        key: PublicKey,
        /// The key that signs from this entry on, if there is one.
        replaced_by: Option<PublicKey>,
    },
    /// An operator had a checkpoint published without the witnesses it was to wait for.
    QuorumOverridden {
        /// Why.
        reason: String,
    },
    /// The registry's own account of who did what was fixed by its newest digest.
    AuditAnchored {
        /// The head of the hash-chained audit table.
        head: Digest,
    },
    /// What everything before comes to. The last entry of every checkpoint is one.
    State {
        /// Its own index.
        size: u64,
        /// The root of the membership map.
        map: Digest,
        /// The digest of the key list.
        keys: Digest,
    },
}

/// The signatures by which the old and the new key both say that the new one takes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RotationProofs {
    /// By the old key.
    pub old: [u8; 64],
    /// By the new key.
    pub new: [u8; 64],
}

/// The log that a new log succeeds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Previous {
    /// Its last trusted checkpoint, a signed note.
    pub checkpoint: String,
    /// Its origin.
    pub origin: String,
}

impl Event {
    /// The event's kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::LogCreated { .. } => Kind::LogCreated,
            Self::CharterPublished { .. } => Kind::CharterPublished,
            Self::Member { kind, .. } => Kind::Member(*kind),
            Self::ClaimReassigned { .. } => Kind::ClaimReassigned,
            Self::RecordRedacted { .. } => Kind::RecordRedacted,
            Self::KeyAnnounced { .. } => Kind::KeyAnnounced,
            Self::KeyRotated { .. } => Kind::KeyRotated,
            Self::KeyCompromised { .. } => Kind::KeyCompromised,
            Self::QuorumOverridden { .. } => Kind::QuorumOverridden,
            Self::AuditAnchored { .. } => Kind::AuditAnchored,
            Self::State { .. } => Kind::State,
        }
    }
}

/// Why some bytes are not an entry, or an event cannot be one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Longer than [`MAX_BYTES`].
    #[error("the entry has {0} bytes; the log takes at most {MAX_BYTES}")]
    TooLong(usize),
    /// Not strict JSON.
    #[error("the entry is not valid JSON: {0}")]
    Json(#[from] StrictJsonError),
    /// Another version of the format than [`VERSION`].
    #[error("the entry's version (v) is not {VERSION}; a newer verifier may know it")]
    UnknownVersion,
    /// A kind this version of the verifier does not know.
    #[error("the entry's kind {0:?} is not known; a newer verifier may know it")]
    UnknownKind(String),
    /// Fields missing, unknown or of the wrong type.
    #[error("the entry does not have the fields of its kind: {0}")]
    Fields(#[source] serde_json::Error),
    /// The claims are not sorted, or one stands twice.
    #[error("the entry's claims must be sorted and each stand once")]
    UnsortedClaims,
    /// Valid JSON, and not the canonical bytes of what it says.
    #[error("the entry's bytes are not the canonical JSON of what they say")]
    NotCanonical,
}

impl Entry {
    /// The entry's bytes: canonical JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EntryError> {
        if let Event::Member { claims, .. } = &self.event
            && !claims.is_sorted_by(|one, next| one < next)
        {
            return Err(EntryError::UnsortedClaims);
        }
        let bytes = wire::write(self);
        if bytes.len() > MAX_BYTES {
            return Err(EntryError::TooLong(bytes.len()));
        }
        Ok(bytes)
    }

    /// The digest of the record that the bytes of a member's entry name, without reading anything else of them.
    ///
    /// None where the bytes do not end as those of such an entry do. They are an entry's, or this says nothing.
    pub(crate) fn record_digest_in(bytes: &[u8]) -> Option<Digest> {
        let rest = bytes.strip_suffix(b"\",\"v\":1}")?;
        let mut all = Status::ALL.into_iter();
        let rest = all.find_map(|status| {
            let rest = rest.strip_suffix(status.as_str().as_bytes())?;
            rest.strip_suffix(b"\",\"status\":\"")
        })?;
        let (rest, digest) = rest.split_last_chunk::<64>()?;
        let digest = std::str::from_utf8(digest).ok()?.parse().ok()?;
        rest.ends_with(b",\"record\":\"").then_some(digest)
    }

    /// What both keys sign of a rotation: `charter-key-rotation/v1`, a newline, and the entry without its proofs.
    ///
    /// None of any other event.
    pub fn rotation_message(&self) -> Option<Vec<u8>> {
        let Event::KeyRotated {
            purpose,
            key,
            replaces,
            ..
        } = &self.event
        else {
            return None;
        };
        let unsigned = wire::unsigned_rotation(self.at, *purpose, *key, *replaces);
        Some([b"charter-key-rotation/v1\n".as_slice(), &unsigned].concat())
    }

    /// The entry by which a key takes the place of another, signed by both.
    pub fn rotation(at: DateTime<Utc>, purpose: Purpose, old: &SecretKey, new: &SecretKey) -> Self {
        let (key, replaces) = (new.public(), old.public());
        let unsigned = wire::unsigned_rotation(at, purpose, key, replaces);
        let message = [b"charter-key-rotation/v1\n".as_slice(), &unsigned].concat();
        let proofs = RotationProofs {
            old: old.sign(&message),
            new: new.sign(&message),
        };
        let event = Event::KeyRotated {
            purpose,
            key,
            replaces,
            proofs,
        };
        Self { at, event }
    }

    /// Whether both keys signed the rotation; false of any other event.
    pub fn is_rotation_signed(&self) -> bool {
        let Event::KeyRotated {
            key,
            replaces,
            proofs,
            ..
        } = &self.event
        else {
            return false;
        };
        let message = self.rotation_message().unwrap_or_default();
        replaces.verify_strict(&message, &proofs.old) && key.verify_strict(&message, &proofs.new)
    }

    /// Reads an entry's bytes; they must be exactly those [`Entry::to_bytes`] writes.
    pub fn parse(bytes: &[u8]) -> Result<Self, EntryError> {
        if bytes.len() > MAX_BYTES {
            return Err(EntryError::TooLong(bytes.len()));
        }
        if let Some(entry) = wire::at_once::member(bytes) {
            return Ok(entry);
        }
        if let Some(entry) = wire::read_canonical(bytes)
            && entry.to_bytes().is_ok_and(|canonical| canonical == bytes)
        {
            return Ok(entry);
        }
        // It is none: why, says a closer look.
        let value = parse_strict(bytes)?;
        if value.get("v").and_then(Value::as_u64) != Some(VERSION.into()) {
            return Err(EntryError::UnknownVersion);
        }
        let kind = value
            .get("kind")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let kind = kind.parse()?;
        let entry = wire::read(kind, value).map_err(EntryError::Fields)?;
        if entry.to_bytes()? == bytes {
            Ok(entry)
        } else {
            Err(EntryError::NotCanonical)
        }
    }
}

#[cfg(test)]
mod tests;
