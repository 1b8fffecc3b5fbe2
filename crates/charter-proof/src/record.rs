//! The registry record: one signed document per change of a membership, permanent, never altered.
//!
//! A W3C Verifiable Credential (Data Model 2.0) that says what happened, not what holds today.
//! [`UnsignedRecord`] is what the registry fills in; [`RegistryRecord`] is the document as it
//! stands in JSON; [`SignedRecord`] is its bytes, which are stored, served and digested as they are.

mod document;

pub use document::{
    CharterReference, Decision, Identifier, Issuer, LanguageTagged, Memorandum, RecordedEvent,
    RegistryRecord, Subject,
};

use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::canonical::{Digest, InJcsOrder};
use crate::entry::{MemberEventKind, Status};
use crate::identity::Base;
use crate::keys::SecretKey;
use crate::secured;

/// The media type of a record (VC Data Model 2.0 §6.1).
pub const MEDIA_TYPE: &str = "application/vc";

/// The contexts of every record. The second gives each term of ours a meaning for JSON-LD readers.
pub const CONTEXTS: [&str; 2] = [
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/ns/credentials/undefined-terms/v2",
];

/// The types of every record.
pub const TYPES: [&str; 2] = ["VerifiableCredential", "CharterRegistryRecord"];

/// The type of a record's subject.
pub const SUBJECT_TYPE: &str = "CharterMember";

/// A record before it is signed: everything the registry knows of the change.
///
/// Values are taken as they are; that they are canonical and free of personal data is the
/// registry's rules' concern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedRecord {
    /// The record's own id.
    pub id: Uuid,
    /// The registry's name.
    pub issuer_name: String,
    /// The membership.
    pub member: Uuid,
    /// The charter, as of which version.
    pub charter: CharterVersion,
    /// What happened.
    pub event: MemberEventKind,
    /// When it happened; the record's `validFrom` too. A fraction of a second is dropped.
    pub at: DateTime<Utc>,
    /// The membership's status afterwards.
    pub resulting_status: Status,
    /// When the suspension ends that holds afterwards, where it has a term. A fraction of a second is dropped.
    pub until: Option<DateTime<Utc>>,
    /// The member's number, written with at least six digits.
    pub member_number: u32,
    /// The date of the first admission.
    pub since: NaiveDate,
    /// Whether it is one of the charter's founders.
    pub founder: bool,
    /// The organisation's names by language.
    pub names: Vec<LanguageTagged>,
    /// Other names it is known by.
    pub aliases: Vec<String>,
    /// The category, one the charter accepts.
    pub category: String,
    /// The country, ISO 3166-1 alpha-2; an international organisation has none.
    pub country: Option<String>,
    /// The region, ISO 3166-2.
    pub region: Option<String>,
    /// The website's URL.
    pub website: Option<String>,
    /// The domain whose control was proven or attested, as a lower-case A-label.
    pub domain: Option<String>,
    /// Registration numbers, in canonical form.
    pub identifiers: Vec<Identifier>,
    /// The memorandum that was signed.
    pub memorandum: Option<Memorandum>,
    /// The decision behind the change, if one was taken.
    pub decision: Option<Decision>,
    /// The membership's record before this one.
    pub previous: Option<Uuid>,
}

/// A published version of a charter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharterVersion {
    /// The charter's slug.
    pub slug: String,
    /// The version's number.
    pub version: u32,
    /// The digest of the version's canonical document.
    pub digest: Digest,
}

/// A record as it is stored and served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRecord {
    /// The record's id.
    pub id: Uuid,
    /// The exact bytes: canonical JSON, proof and all.
    pub bytes: Vec<u8>,
    /// Their digest, which the log entry names.
    pub digest: Digest,
}

impl UnsignedRecord {
    /// Signs the record, in the name of the registry at `base`.
    pub fn sign(self, created: DateTime<Utc>, key: &SecretKey, base: &Base) -> SignedRecord {
        let id = self.id;
        let mut document = self.document(base);
        let verification_method = base.verification_method(&key.public());
        let proof = secured::prove(
            &document,
            &document.context,
            created,
            verification_method,
            key,
        );
        document.proof = Some(proof);
        let bytes = document.to_ordered_bytes();
        let digest = Digest::of(&bytes);
        SignedRecord { id, bytes, digest }
    }

    /// The document without its proof.
    fn document(self, base: &Base) -> RegistryRecord {
        RegistryRecord {
            context: CONTEXTS.map(str::to_owned).to_vec(),
            id: base.record_url(self.id),
            issuer: Issuer {
                id: base.did(),
                name: self.issuer_name.clone(),
            },
            proof: None,
            r#type: TYPES.map(str::to_owned).to_vec(),
            valid_from: self.at,
            credential_subject: self.subject(base),
        }
    }

    fn subject(self, base: &Base) -> Subject {
        Subject {
            aliases: self.aliases,
            category: self.category,
            charter: CharterReference {
                digest: self.charter.digest,
                id: base.charter_url(&self.charter.slug),
                version: self.charter.version,
            },
            country: self.country,
            decision: self.decision,
            domain: self.domain,
            event: RecordedEvent {
                at: self.at,
                resulting_status: self.resulting_status,
                r#type: self.event,
                until: self.until,
            },
            founder: self.founder,
            id: base.member_url(self.member),
            identifiers: self.identifiers,
            member_number: format!("{:06}", self.member_number),
            memorandum: self.memorandum,
            name: self.names,
            previous: self.previous.map(|record| base.record_url(record)),
            region: self.region,
            since: self.since,
            r#type: SUBJECT_TYPE.to_owned(),
            website: self.website,
        }
    }
}

#[cfg(test)]
mod tests;
