//! An entry that is about to be taken in, and what follows of it alone.

use crate::canonical::Digest;
use crate::entry::{Entry, Event};
use crate::keys::claim_hash;
use crate::merkle::leaf_hash;

/// An entry with the hash of its leaf and the key of its member: whoever replays much computes them where there is time.
#[derive(Debug, Clone, Copy)]
pub struct Next<'e> {
    entry: &'e Entry,
    leaf: Digest,
    key: Option<Digest>,
}

impl<'e> Next<'e> {
    /// The entry that was parsed from these bytes.
    pub fn of(entry: &'e Entry, bytes: &[u8]) -> Self {
        Self::with_leaf(entry, leaf_hash(bytes))
    }

    /// The same where the hash of its leaf ([`leaf_hash`]) is known.
    pub fn with_leaf(entry: &'e Entry, leaf: Digest) -> Self {
        Self {
            entry,
            leaf,
            key: key_of(entry),
        }
    }

    /// What it says.
    pub const fn entry(&self) -> &'e Entry {
        self.entry
    }

    /// The hash of its leaf.
    pub const fn leaf(&self) -> Digest {
        self.leaf
    }

    /// Under which key the map has the member whose membership it changes; none where it changes none.
    pub const fn key(&self) -> Option<Digest> {
        self.key
    }

    /// The claims that it names.
    pub(super) fn claims(&self) -> &'e [Digest] {
        match &self.entry.event {
            Event::Member { claims, .. } => claims,
            _ => &[],
        }
    }
}

/// See [`Next::key`].
pub(super) fn key_of(entry: &Entry) -> Option<Digest> {
    match &entry.event {
        Event::Member {
            charter, member, ..
        } => Some(claim_hash(charter, &format!("member:{member}"))),
        _ => None,
    }
}
