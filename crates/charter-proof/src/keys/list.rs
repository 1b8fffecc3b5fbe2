//! The key list: which key signs for which purpose from which entry of the log to which.

use serde::{Deserialize, Serialize};

use super::PublicKey;
use crate::canonical::{Digest, InJcsOrder};

/// What a key of the registry signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Cosignatures of checkpoints, with a time.
    Clock,
    /// Checkpoints.
    Log,
    /// Records, credentials and status lists.
    Record,
}

impl Purpose {
    /// The name in the key list.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Clock => "clock",
            Self::Log => "log",
            Self::Record => "record",
        }
    }
}

/// A key and the entries of the log for which it signs: those with index in `[from, to)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct KeyRange {
    /// The index of the first entry.
    pub from: u64,
    /// The key.
    pub public_key_multibase: PublicKey,
    /// What it signs.
    pub purpose: Purpose,
    /// The index after the last entry; none while the key is in use.
    pub to: Option<u64>,
}

impl KeyRange {
    /// Whether the entry with this index lies in the range.
    pub fn holds(&self, index: u64) -> bool {
        self.from <= index && self.to.is_none_or(|to| index < to)
    }

    fn rank(&self) -> (Purpose, u64, &[u8; 32]) {
        (
            self.purpose,
            self.from,
            self.public_key_multibase.as_bytes(),
        )
    }
}

/// Every key the registry ever had, sorted by purpose, then by first entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<KeyRange>")]
pub struct KeyList(Vec<KeyRange>);

/// A key list that stands in another order than the one its digest is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the key list is not sorted by purpose, then by first entry")]
pub struct KeyListError;

impl InJcsOrder for KeyList {}

impl KeyList {
    /// A list of these ranges, sorted.
    pub fn new(mut ranges: Vec<KeyRange>) -> Self {
        ranges.sort_by(|one, other| one.rank().cmp(&other.rank()));
        Self(ranges)
    }

    /// The ranges, in order.
    pub fn ranges(&self) -> &[KeyRange] {
        &self.0
    }

    /// The range of the key that signs for this purpose at this entry.
    pub fn covering(&self, purpose: Purpose, index: u64) -> Option<&KeyRange> {
        self.0
            .iter()
            .find(|range| range.purpose == purpose && range.holds(index))
    }

    /// The first range of a key.
    pub fn find(&self, purpose: Purpose, key: &PublicKey) -> Option<&KeyRange> {
        self.0
            .iter()
            .find(|range| range.purpose == purpose && range.public_key_multibase == *key)
    }

    /// The list's canonical JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.to_ordered_bytes()
    }

    /// The digest of the list's canonical JSON, as state entries name it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }
}

impl TryFrom<Vec<KeyRange>> for KeyList {
    type Error = KeyListError;

    fn try_from(ranges: Vec<KeyRange>) -> Result<Self, KeyListError> {
        ranges
            .is_sorted_by(|one, other| one.rank() <= other.rank())
            .then_some(Self(ranges))
            .ok_or(KeyListError)
    }
}
