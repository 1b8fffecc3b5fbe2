//! The fields of each kind of entry, in canonical order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::canonical::{Digest, InJcsOrder};
use crate::entry::{Kind, Previous, Status};
use crate::keys::{KeyList, PublicKey, Purpose};
use crate::whole_seconds;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogCreated {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) keys: KeyList,
    pub(super) kind: Kind,
    pub(super) origin: String,
    pub(super) previous: Option<Previous>,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CharterPublished {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) charter: String,
    pub(super) digest: Digest,
    pub(super) kind: Kind,
    pub(super) v: u8,
    pub(super) version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MemberChanged {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) charter: String,
    pub(super) claims: Vec<Digest>,
    pub(super) kind: Kind,
    pub(super) member: Uuid,
    pub(super) record: Digest,
    pub(super) status: Status,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ClaimReassigned {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) charter: String,
    pub(super) claim: Digest,
    pub(super) from: Uuid,
    pub(super) kind: Kind,
    pub(super) to: Uuid,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordRedacted {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) ground: String,
    pub(super) kind: Kind,
    pub(super) record: Digest,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyAnnounced {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) kind: Kind,
    pub(super) public_key_multibase: PublicKey,
    pub(super) purpose: Purpose,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyRotated {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) kind: Kind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) proofs: Option<[String; 2]>,
    pub(super) public_key_multibase: PublicKey,
    pub(super) purpose: Purpose,
    pub(super) replaces: PublicKey,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct KeyCompromised {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) kind: Kind,
    pub(super) public_key_multibase: PublicKey,
    pub(super) purpose: Purpose,
    pub(super) replaced_by: Option<PublicKey>,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct QuorumOverridden {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) kind: Kind,
    pub(super) reason: String,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct State {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) keys: Digest,
    pub(super) kind: Kind,
    pub(super) map: Digest,
    pub(super) size: u64,
    pub(super) v: u8,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AuditAnchored {
    #[serde(with = "whole_seconds")]
    pub(super) at: DateTime<Utc>,
    pub(super) head: Digest,
    pub(super) kind: Kind,
    pub(super) v: u8,
}

impl InJcsOrder for LogCreated {}
impl InJcsOrder for CharterPublished {}
impl InJcsOrder for MemberChanged {}
impl InJcsOrder for ClaimReassigned {}
impl InJcsOrder for RecordRedacted {}
impl InJcsOrder for KeyAnnounced {}
impl InJcsOrder for KeyRotated {}
impl InJcsOrder for KeyCompromised {}
impl InJcsOrder for QuorumOverridden {}
impl InJcsOrder for AuditAnchored {}
impl InJcsOrder for State {}
