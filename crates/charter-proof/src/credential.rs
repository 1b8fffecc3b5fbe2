//! The membership credential: a short-lived statement of what holds today, for wallets and web pages.
//!
//! A W3C Verifiable Credential (Data Model 2.0) of the same shape as a record, with the membership's `status`, an end of
//! validity, and its places in the lists of revoked and suspended credentials ([`crate::status_list`]). It is secured
//! as a record is ([`UnsignedCredential::sign`]), or as a JSON Web Token ([`jwt`]).
//!
//! [`verify_credential`] and [`jwt::verify_jwt`] judge it at a time; what the status lists say is looked up with
//! [`Membership::listed`].

mod document;
pub mod jwt;
mod refusal;
mod shape;

pub use document::{MemberSubject, MembershipCredential, RecordReference, StatusEntry};
pub use refusal::Refusal;
pub(crate) use shape::{check_issuer, typed};

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use crate::canonical::{Digest, InJcsOrder as _, parse_strict};
use crate::entry::Status;
use crate::identity::Base;
use crate::keys::{PublicKey, SecretKey};
use crate::record::{CONTEXTS, LanguageTagged, RegistryRecord};
use crate::secured;
use crate::status_list::{Place, StatusList, StatusPurpose};
use crate::verify::TrustedKeys;

/// The types of every membership credential.
pub const TYPES: [&str; 2] = ["VerifiableCredential", "CharterMembershipCredential"];

/// The type of each of a credential's places in a status list (Bitstring Status List 1.0 §2.1).
pub const ENTRY_TYPE: &str = "BitstringStatusListEntry";

/// The longest validity of a credential.
pub const MAX_VALIDITY: TimeDelta = TimeDelta::days(7);

/// How far the clocks of issuer and verifier may differ.
pub const LEEWAY: TimeDelta = TimeDelta::seconds(30);

/// A credential before it is signed: the membership's newest record, and for how long what it says is vouched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedCredential {
    /// The newest record; its `resultingStatus` is the status that holds.
    pub record: RegistryRecord,
    /// The digest of the record's bytes.
    pub digest: Digest,
    /// From when on it is valid; the time of the signature, too. A fraction of a second is dropped.
    pub valid_from: DateTime<Utc>,
    /// Until when.
    pub valid_until: DateTime<Utc>,
    /// Where the status lists say whether it still holds.
    pub place: Place,
}

impl UnsignedCredential {
    /// Signs the credential with `eddsa-jcs-2022`, in the name of the registry at `base`: its canonical JSON.
    ///
    /// # Errors
    ///
    /// When the record is not one of this registry.
    pub fn sign(&self, key: &SecretKey, base: &Base) -> Result<Vec<u8>, ForeignRecord> {
        let mut document = self.document(base)?;
        let method = base.verification_method(&key.public());
        let created = self.valid_from;
        document.proof = Some(secured::prove(
            &document,
            &document.context,
            created,
            method,
            key,
        ));
        Ok(document.to_ordered_bytes())
    }

    /// The document without its proof.
    fn document(&self, base: &Base) -> Result<MembershipCredential, ForeignRecord> {
        let record = &self.record;
        let subject = &record.credential_subject;
        let charter = base.parse_charter_url(&subject.charter.id);
        let member = base.parse_member_url(&subject.id);
        let (charter, member) = charter.zip(member).ok_or(ForeignRecord)?;
        let entries = StatusPurpose::ALL.map(|purpose| StatusEntry::at(self.place, purpose, base));
        Ok(MembershipCredential {
            context: CONTEXTS.map(str::to_owned).to_vec(),
            credential_status: entries.to_vec(),
            id: base.credential_url(charter, member),
            credential_subject: MemberSubject::of(record, self.digest),
            issuer: record.issuer.clone(),
            proof: None,
            r#type: TYPES.map(str::to_owned).to_vec(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        })
    }
}

/// The record names a member or a charter of another registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the record is not one of this registry")]
pub struct ForeignRecord;

/// What an authentic credential says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// The registry's DID.
    pub issuer: String,
    /// The membership.
    pub member: Uuid,
    /// The charter's slug.
    pub charter: String,
    /// The charter's version.
    pub charter_version: u32,
    /// `Active` or `Suspended`.
    pub status: Status,
    /// The organisation's names by language.
    pub names: Vec<LanguageTagged>,
    /// The keys that it holds: `domain:<host>` and `<SCHEME>:<value>`.
    pub keys: Vec<String>,
    /// The record that led to this status.
    pub record: Uuid,
    /// The digest of that record.
    pub record_digest: Digest,
    /// From when on this is vouched for.
    pub valid_from: DateTime<Utc>,
    /// Until when.
    pub valid_until: DateTime<Utc>,
    /// Where the lists say whether it was revoked or suspended since.
    pub place: Place,
    /// The key that signed.
    pub signed_by: PublicKey,
}

impl Membership {
    /// Whether a status list says that this is revoked or suspended; none where it is another registry's or another
    /// number's list, or ends before this credential's place.
    pub fn listed(&self, list: &StatusList) -> Option<bool> {
        let is_its_own = list.issuer == self.issuer && list.number == self.place.list;
        list.bits.get(self.place.index).filter(|_| is_its_own)
    }
}

/// Judges a credential's bytes at a time, by keys the caller trusts.
///
/// Only a key that is in force today counts: a credential is of today. Spacing and the order of names do not matter.
///
/// # Errors
///
/// Why it is none to rely on; then nothing it says is repeated.
pub fn verify_credential(
    bytes: &[u8],
    keys: &TrustedKeys,
    now: DateTime<Utc>,
) -> Result<Membership, Refusal> {
    let document = parse_strict(bytes).map_err(Refusal::Json)?;
    let credential: MembershipCredential = shape::typed(&document)?;
    let said = shape::read(&credential, keys.issuer())?;
    let signed_by = keys.signer(&document)?;
    judge(said, signed_by, keys, now)
}

/// What is left to judge once a credential is well-formed and its signature holds.
fn judge(
    said: shape::Said,
    signed_by: PublicKey,
    keys: &TrustedKeys,
    now: DateTime<Utc>,
) -> Result<Membership, Refusal> {
    if !keys.is_in_use(&signed_by) {
        return Err(Refusal::RetiredKey(Box::new(signed_by)));
    }
    check_validity(said.valid_from, said.valid_until, MAX_VALIDITY, now)?;
    Ok(said.membership(signed_by))
}

/// Whether `now` lies within a validity that is not longer than it may be.
pub(crate) fn check_validity(
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    longest: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    if until < from || until - from > longest {
        return Err(Refusal::ValidityTooLong { from, until });
    }
    if now + LEEWAY < from {
        return Err(Refusal::NotYetValid { from });
    }
    if until + LEEWAY < now {
        return Err(Refusal::Expired { until });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
