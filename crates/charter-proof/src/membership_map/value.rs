//! What the map says of a key.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::canonical::{Digest, InJcsOrder};
use crate::entry::Status;

/// The value of `member:<uuid>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberValue {
    /// The charter's slug.
    pub charter: String,
    /// The index of the entry that last changed this value.
    pub event: u64,
    /// The key's hash.
    pub key_hash: Digest,
    /// The digest of the member's newest record.
    pub record: Digest,
    /// The member's status.
    pub status: Status,
}

/// The value of a domain or an identifier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClaimValue {
    /// The charter's slug.
    pub charter: String,
    /// The index of the entry that last changed who holds it.
    pub event: u64,
    /// The key's hash.
    pub key_hash: Digest,
    /// Who holds it; none once it is released.
    pub member: Option<Uuid>,
}

impl InJcsOrder for MemberValue {}
impl InJcsOrder for ClaimValue {}

impl MemberValue {
    /// The digest of the value's canonical bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_ordered_bytes())
    }
}

impl ClaimValue {
    /// The digest of the value's canonical bytes.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_ordered_bytes())
    }
}
