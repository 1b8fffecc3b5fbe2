//! The record's JSON, its fields declared in canonical order.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::canonical::{Digest, InJcsOrder, prefixed};
use crate::entry::{MemberEventKind, Status};
use crate::secured::Proof;
use crate::whole_seconds;

/// A registry record as it stands in JSON.
///
/// Members that are absent are not written; reading one that is `null` or unknown fails, or does
/// not give the same bytes again. Texts are not judged here: see [`mod@crate::verify`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RegistryRecord {
    /// [`super::CONTEXTS`].
    #[serde(rename = "@context")]
    pub context: Vec<String>,
    /// The member, the charter and the change.
    pub credential_subject: Subject,
    /// `BASE/records/<uuid>`.
    pub id: String,
    /// The registry.
    pub issuer: Issuer,
    /// The proof; none only before signing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// [`super::TYPES`].
    pub r#type: Vec<String>,
    /// When the change took effect.
    #[serde(with = "whole_seconds")]
    pub valid_from: DateTime<Utc>,
}

impl InJcsOrder for RegistryRecord {}

/// The registry, as issuer of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Issuer {
    /// `did:web:H`.
    pub id: String,
    /// The registry's name.
    pub name: String,
}

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Subject {
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
    /// The decision behind the change, if one was taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The domain whose control was proven or attested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// What happened.
    pub event: RecordedEvent,
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
    /// `BASE/records/<uuid>` of the membership's record before this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Its region, ISO 3166-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The date of its first admission.
    pub since: NaiveDate,
    /// [`super::SUBJECT_TYPE`].
    pub r#type: String,
    /// Its website's URL.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
}

/// The charter a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CharterReference {
    /// The digest of the version's canonical document.
    #[serde(with = "prefixed")]
    pub digest: Digest,
    /// `BASE/charters/<slug>`.
    pub id: String,
    /// The version's number.
    pub version: u32,
}

/// The change a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordedEvent {
    /// When it happened.
    #[serde(with = "whole_seconds")]
    pub at: DateTime<Utc>,
    /// The membership's status afterwards.
    pub resulting_status: Status,
    /// What happened.
    pub r#type: MemberEventKind,
    /// When the suspension ends that holds afterwards, where it has a term.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "whole_seconds::optional"
    )]
    pub until: Option<DateTime<Utc>>,
}

/// The decision behind a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The charter's clauses it rests on.
    pub clauses: Vec<String>,
    /// Its ground, such as `charter_violation`.
    pub ground: String,
    /// The law it rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<String>,
    /// Its reasons by language.
    pub statement: Vec<LanguageTagged>,
}

/// A registration number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identifier {
    /// The scheme, such as `RU-OGRN`.
    pub scheme: String,
    /// The number, in the scheme's canonical form.
    pub value: String,
}

/// The memorandum of accession.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Memorandum {
    /// `SHA256(salt ‖ bytes)`; the salt is kept beside the file.
    #[serde(with = "prefixed")]
    pub digest: Digest,
    /// How it was signed, such as `handwritten_scan`.
    pub form: String,
    /// The date of signing.
    pub signed_on: NaiveDate,
}

/// A text and its language (JSON-LD 1.1 §4.2.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LanguageTagged {
    /// The language, a BCP 47 tag.
    #[serde(rename = "@language")]
    pub language: String,
    /// The text.
    #[serde(rename = "@value")]
    pub value: String,
}
