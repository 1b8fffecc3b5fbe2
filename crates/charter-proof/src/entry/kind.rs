//! What an entry can be about: kinds of events, changes of a membership, its status.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::EntryError;

/// The kind of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Kind {
    /// `log.created`
    LogCreated,
    /// `charter.published`
    CharterPublished,
    /// `member.included` and the like.
    Member(MemberEventKind),
    /// `claim.reassigned`
    ClaimReassigned,
    /// `record.redacted`
    RecordRedacted,
    /// `key.announced`
    KeyAnnounced,
    /// `key.rotated`
    KeyRotated,
    /// `key.compromised`
    KeyCompromised,
    /// `quorum.overridden`
    QuorumOverridden,
    /// `audit.anchored`
    AuditAnchored,
    /// `state`
    State,
}

const MEMBER: &str = "member.";

impl Kind {
    /// Every kind that is not a change of a membership, with its name.
    const NAMES: [(Self, &'static str); 10] = [
        (Self::LogCreated, "log.created"),
        (Self::CharterPublished, "charter.published"),
        (Self::ClaimReassigned, "claim.reassigned"),
        (Self::RecordRedacted, "record.redacted"),
        (Self::KeyAnnounced, "key.announced"),
        (Self::KeyRotated, "key.rotated"),
        (Self::KeyCompromised, "key.compromised"),
        (Self::QuorumOverridden, "quorum.overridden"),
        (Self::AuditAnchored, "audit.anchored"),
        (Self::State, "state"),
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Self::Member(change) = self {
            return write!(f, "{MEMBER}{change}");
        }
        let named = Self::NAMES.iter().find(|(kind, _)| kind == self);
        f.write_str(named.map_or("", |(_, name)| name))
    }
}

impl FromStr for Kind {
    type Err = EntryError;

    fn from_str(name: &str) -> Result<Self, EntryError> {
        let named = Self::NAMES.iter().find(|(_, known)| *known == name);
        let change = || {
            let change = name.strip_prefix(MEMBER)?;
            let mut all = MemberEventKind::ALL.into_iter();
            all.find(|kind| kind.as_str() == change).map(Self::Member)
        };
        named
            .map(|(kind, _)| *kind)
            .or_else(change)
            .ok_or_else(|| EntryError::UnknownKind(name.to_owned()))
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A change of a membership.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MemberEventKind {
    /// Admitted for the first time.
    Included,
    /// Its particulars changed.
    Amended,
    /// Suspended by a decision.
    Suspended,
    /// Suspended no longer.
    Reinstated,
    /// Excluded by a decision.
    Excluded,
    /// Left of its own accord.
    Withdrew,
    /// Admitted again after it left or was excluded.
    Readmitted,
}

impl MemberEventKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Included,
        Self::Amended,
        Self::Suspended,
        Self::Reinstated,
        Self::Excluded,
        Self::Withdrew,
        Self::Readmitted,
    ];

    /// The name in a record: `included`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Included => "included",
            Self::Amended => "amended",
            Self::Suspended => "suspended",
            Self::Reinstated => "reinstated",
            Self::Excluded => "excluded",
            Self::Withdrew => "withdrew",
            Self::Readmitted => "readmitted",
        }
    }
}

impl fmt::Display for MemberEventKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a membership is after a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// A member.
    Active,
    /// A member whose rights rest.
    Suspended,
    /// No longer a member, by decision.
    Excluded,
    /// No longer a member, by its own wish.
    Withdrawn,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [
        Self::Active,
        Self::Suspended,
        Self::Excluded,
        Self::Withdrawn,
    ];

    /// The name in records and entries: `active`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::Excluded => "excluded",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
