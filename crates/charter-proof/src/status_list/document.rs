//! The list's JSON, its fields declared in canonical order.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::StatusPurpose;
use crate::canonical::InJcsOrder;
use crate::record::Issuer;
use crate::secured::Proof;
use crate::whole_seconds;

/// A status list as it stands in JSON (Bitstring Status List 1.0 §2.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusListCredential {
    /// [`super::CONTEXTS`].
    #[serde(rename = "@context")]
    pub context: Vec<String>,
    /// The list itself.
    pub credential_subject: ListSubject,
    /// `BASE/status/<purpose>/<n>`.
    pub id: String,
    /// The registry.
    pub issuer: Issuer,
    /// The proof; none only before signing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// [`super::TYPES`].
    pub r#type: Vec<String>,
    /// As of when it is.
    #[serde(with = "whole_seconds")]
    pub valid_from: DateTime<Utc>,
    /// Until when it holds.
    #[serde(with = "whole_seconds")]
    pub valid_until: DateTime<Utc>,
}

impl InJcsOrder for StatusListCredential {}

/// The bits, and what they mean.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ListSubject {
    /// `u` and base64url of the compressed bits.
    pub encoded_list: String,
    /// The list's URL and `#list`.
    pub id: String,
    /// What a bit that is set means.
    pub status_purpose: StatusPurpose,
    /// For how long a verifier may keep it, in milliseconds.
    pub ttl: u32,
    /// [`super::SUBJECT_TYPE`].
    pub r#type: String,
}
