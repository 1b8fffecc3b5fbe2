//! The credential's JSON, its fields declared in canonical order.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::ENTRY_TYPE;
use crate::canonical::{Digest, InJcsOrder, prefixed};
use crate::entry::Status;
use crate::identity::Base;
use crate::record::{
    CharterReference, Identifier, Issuer, LanguageTagged, Memorandum, RegistryRecord,
};
use crate::secured::Proof;
use crate::status_list::{Place, StatusPurpose};
use crate::whole_seconds;

/// A membership credential as it stands in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MembershipCredential {
    /// [`crate::record::CONTEXTS`].
    #[serde(rename = "@context")]
    pub context: Vec<String>,
    /// Its places in the lists: of revoked credentials, then of suspended ones.
    pub credential_status: Vec<StatusEntry>,
    /// The member and the charter.
    pub credential_subject: MemberSubject,
    /// `BASE/v1/charters/<slug>/members/<uuid>/credential`, where the newest one is.
    pub id: String,
    /// The registry.
    pub issuer: Issuer,
    /// The proof; none before signing, and in a JSON Web Token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// [`super::TYPES`].
    pub r#type: Vec<String>,
    /// From when on it is valid.
    #[serde(with = "whole_seconds")]
    pub valid_from: DateTime<Utc>,
    /// Until when.
    #[serde(with = "whole_seconds")]
    pub valid_until: DateTime<Utc>,
}

impl InJcsOrder for MembershipCredential {}

/// Whom a credential is about: what the newest record says of the member, without the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemberSubject {
    /// Other names of the organisation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Its category, one the charter accepts.
    pub category: String,
    /// The charter, as of which version.
    pub charter: CharterReference,
    /// Its country, ISO 3166-1 alpha-2; an international organisation has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The domain whose control was proven or attested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Whether it is one of the charter's founders.
    pub founder: bool,
    /// `BASE/members/<uuid>`.
    pub id: String,
    /// Its registration numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<Identifier>,
    /// Its number among the members, at least six digits.
    pub member_number: String,
    /// The memorandum that was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memorandum: Option<Memorandum>,
    /// Its names by language.
    pub name: Vec<LanguageTagged>,
    /// The record that led to this status.
    pub record: RecordReference,
    /// Its region, ISO 3166-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The date of its first admission.
    pub since: NaiveDate,
    /// `active` or `suspended`.
    pub status: Status,
    /// [`crate::record::SUBJECT_TYPE`].
    pub r#type: String,
    /// Its website's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// The record that a credential rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordReference {
    /// The digest of its bytes, by which the log names it.
    #[serde(with = "prefixed")]
    pub digest: Digest,
    /// `BASE/records/<uuid>`.
    pub id: String,
}

/// A credential's place in a status list (Bitstring Status List 1.0 §2.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusEntry {
    /// The list's URL, `#` and the index.
    pub id: String,
    /// `BASE/status/<purpose>/<n>`.
    pub status_list_credential: String,
    /// The index in the list, decimal.
    pub status_list_index: String,
    /// What it means when it is set.
    pub status_purpose: StatusPurpose,
    /// [`super::ENTRY_TYPE`].
    pub r#type: String,
}

impl StatusEntry {
    /// This place in the registry's list of this purpose.
    pub(super) fn at(place: Place, purpose: StatusPurpose, base: &Base) -> Self {
        let list = base.status_list_url(purpose.as_str(), place.list);
        Self {
            id: format!("{list}#{}", place.index),
            status_list_credential: list,
            status_list_index: place.index.to_string(),
            status_purpose: purpose,
            r#type: ENTRY_TYPE.to_owned(),
        }
    }
}

impl MemberSubject {
    /// What a record says of its member, the status that it led to included.
    pub(super) fn of(record: &RegistryRecord, digest: Digest) -> Self {
        let subject = record.credential_subject.clone();
        Self {
            aliases: subject.aliases,
            category: subject.category,
            charter: subject.charter,
            country: subject.country,
            domain: subject.domain,
            founder: subject.founder,
            id: subject.id,
            identifiers: subject.identifiers,
            member_number: subject.member_number,
            memorandum: subject.memorandum,
            name: subject.name,
            record: RecordReference {
                digest,
                id: record.id.clone(),
            },
            region: subject.region,
            since: subject.since,
            status: subject.event.resulting_status,
            r#type: subject.r#type,
            website: subject.website,
        }
    }
}
