//! A member in JSON.

use std::collections::BTreeMap;

use charter_proof::{
    canonical::Digest,
    entry::{MemberEventKind, Status},
    identity::Base,
    record::RegistryRecord,
};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::organisation::OrganisationBody;
use crate::{
    rules::{memorandum::SigningForm, search},
    storage::{memberships::Membership, records::Record},
};

/// A present or former member of a charter.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// The member's identifier.
    pub id: Uuid,
    /// The charter's slug.
    #[schema(example = "digital-ethics-of-childhood")]
    pub charter: String,
    /// The version of the charter that the member acceded to.
    pub charter_version: u32,
    /// The number in the charter's registry.
    #[schema(example = "000123")]
    pub number: String,
    /// `active`, `suspended`, `excluded` or `withdrawn`.
    #[schema(example = "active")]
    pub status: &'static str,
    /// Whether it founded the charter.
    pub founder: bool,
    /// The day of admission.
    pub since: NaiveDate,
    /// Who it is.
    #[serde(flatten)]
    pub organisation: OrganisationBody,
    /// The signed memorandum; it tells nothing about who signed.
    pub memorandum: MemorandumDigest,
    /// The address of the newest signed record.
    pub record: String,
    /// The index of that record's entry in the log.
    pub log_index: u64,
    /// When the membership last changed.
    pub updated_at: DateTime<Utc>,
    /// When the suspension ends by itself, within minutes; absent without a term.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended_until: Option<DateTime<Utc>>,
    /// The member that it was merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_into: Option<Uuid>,
}

/// What is public of a memorandum.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemorandumDigest {
    /// SHA-256 of a secret salt and the signed bytes.
    #[schema(example = "sha-256:8c2d5b1f4c0b7b0a7a1a5d3a4f4e1f0e9f5b1d2c3a4b5c6d7e8f9a0b1c2d3e4f")]
    pub digest: String,
    /// How it was signed.
    pub form: SigningForm,
    /// When it was signed.
    pub signed_on: NaiveDate,
}

impl Member {
    /// The member as the registry at `base` shows it.
    pub fn new(membership: &Membership, base: &Base) -> Self {
        Self {
            id: membership.id.0,
            charter: membership.charter.clone(),
            charter_version: membership.charter_version,
            number: format!("{:06}", membership.number),
            status: membership.status.as_str(),
            founder: membership.founder,
            since: membership.since,
            organisation: OrganisationBody::from(&membership.organisation),
            memorandum: MemorandumDigest {
                digest: membership.memorandum.digest.prefixed(),
                form: membership.memorandum.form,
                signed_on: membership.memorandum.signed_on,
            },
            record: base.record_url(membership.record.0),
            log_index: membership.log_index,
            updated_at: membership.updated_at,
            suspended_until: membership.suspended_until,
            merged_into: membership.merged_into.map(|member| member.0),
        }
    }
}

/// The bytes of the public answer about a member.
pub fn shown(membership: &Membership, base: &Base) -> Option<Vec<u8>> {
    serde_json::to_vec(&Member::new(membership, base)).ok()
}

/// What the bytes of these answers, and the way to find them, depend on.
///
/// The API's document says what a member looks like; how terms are made has a revision of its own.
pub fn fingerprint(base: &Base) -> [u8; 32] {
    let document = crate::api::openapi().to_json().unwrap_or_default();
    let version = env!("CARGO_PKG_VERSION");
    let all = format!("{version} {} {base} {document}", search::REVISION);
    *Digest::of(all.as_bytes()).as_bytes()
}

/// The revision of a membership that `If-Match` names: the index of its newest log entry.
pub fn revision(membership: &Membership) -> Option<i64> {
    i64::try_from(membership.log_index).ok()
}

/// The index that a revision from `If-Match` names; one that no entry has, for what is no index.
pub fn index(revision: i64) -> u64 {
    u64::try_from(revision).unwrap_or(u64::MAX)
}

/// One event of a membership.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemberEvent {
    /// What happened: `included`, `amended`, `excluded`, `withdrew`, …
    #[schema(example = "included")]
    pub event: &'static str,
    /// The status that followed.
    #[schema(example = "active")]
    pub status: &'static str,
    /// When.
    pub at: DateTime<Utc>,
    /// The address of the signed record.
    pub record: String,
    /// The SHA-256 of the record's bytes, as its log entry has it.
    #[schema(value_type = String)]
    pub digest: Digest,
    /// The index of its log entry.
    pub log_index: u64,
    /// What the member was called from then on, by language; empty once the record was redacted.
    pub name: BTreeMap<String, String>,
    /// The index of the log entry by which the record was redacted: only its digest is left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redacted: Option<u64>,
    /// The other member whom it concerned: the one that it merged with, or the former holder of keys that it took over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<Uuid>,
}

impl MemberEvent {
    /// The event that a record tells.
    pub fn new(record: &Record, base: &Base) -> Self {
        let (event, status): (MemberEventKind, Status) = (record.kind, record.status);
        Self {
            event: event.as_str(),
            status: status.as_str(),
            at: record.at,
            record: base.record_url(record.id.0),
            digest: record.digest,
            log_index: record.log_index,
            name: record.document.as_deref().map(names).unwrap_or_default(),
            redacted: record.redacted,
            other: record.other.map(|member| member.0),
        }
    }
}

/// What a record calls the member, by language.
fn names(document: &[u8]) -> BTreeMap<String, String> {
    let record: Option<RegistryRecord> = serde_json::from_slice(document).ok();
    let names = record.map(|record| record.credential_subject.name);
    let tagged = names.into_iter().flatten();
    tagged.map(|name| (name.language, name.value)).collect()
}
