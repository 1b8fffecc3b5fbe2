//! Status lists: which credentials were revoked or suspended before their time (W3C Bitstring Status List 1.0).
//!
//! One bit a credential, index 0 leftmost, in a signed document of its own. [`Bits`] are the bits, compressed and read
//! back within bounds; [`UnsignedStatusList`] is what the registry fills in; [`verify_status_list`] judges a list.

mod bits;
mod document;

pub use bits::Bits;
pub use document::{ListSubject, StatusListCredential};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::canonical::{InJcsOrder as _, parse_strict};
use crate::credential::{Refusal, check_issuer, check_validity, typed};
use crate::identity::Base;
use crate::keys::{PublicKey, SecretKey};
use crate::record::Issuer;
use crate::secured;
use crate::verify::TrustedKeys;

/// The context of every list.
pub const CONTEXTS: [&str; 1] = ["https://www.w3.org/ns/credentials/v2"];

/// The types of every list (Bitstring Status List 1.0 §2.2).
pub const TYPES: [&str; 2] = ["VerifiableCredential", "BitstringStatusListCredential"];

/// The type of a list's subject.
pub const SUBJECT_TYPE: &str = "BitstringStatusList";

/// How many bits a list of a registry has: as few as the standard allows, so that one bit is hidden among many.
pub const ENTRIES: u32 = 131_072;

/// For how long a verifier may keep a list, in milliseconds.
pub const TTL: u32 = 300_000;

/// The longest validity of a list.
pub const MAX_VALIDITY: TimeDelta = TimeDelta::hours(48);

/// What a bit that is set means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StatusPurpose {
    /// The membership ended, for good: who comes back gets another place.
    Revocation,
    /// The membership is suspended for now.
    Suspension,
}

impl StatusPurpose {
    /// Every purpose, in the order in which credentials name their places.
    pub const ALL: [Self; 2] = [Self::Revocation, Self::Suspension];

    /// The word in documents and URLs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::Suspension => "suspension",
        }
    }

    /// The purpose of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// A credential's place: the same in the lists of both purposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The lists' number, from 1.
    pub list: u32,
    /// The bit's index.
    pub index: u32,
}

/// A list before it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsignedStatusList {
    /// What its bits mean.
    pub purpose: StatusPurpose,
    /// Its number among those of its purpose.
    pub number: u32,
    /// Its bits.
    pub bits: Bits,
    /// The registry's name.
    pub issuer_name: String,
    /// From when on it is valid; the time of the signature, too. A fraction of a second is dropped.
    pub valid_from: DateTime<Utc>,
    /// Until when; at most [`MAX_VALIDITY`] later.
    pub valid_until: DateTime<Utc>,
}

impl UnsignedStatusList {
    /// Signs the list, in the name of the registry at `base`: its canonical JSON.
    pub fn sign(self, key: &SecretKey, base: &Base) -> Vec<u8> {
        let url = base.status_list_url(self.purpose.as_str(), self.number);
        let mut document = StatusListCredential {
            context: CONTEXTS.map(str::to_owned).to_vec(),
            credential_subject: ListSubject {
                encoded_list: self.bits.encode(),
                id: format!("{url}#list"),
                status_purpose: self.purpose,
                ttl: TTL,
                r#type: SUBJECT_TYPE.to_owned(),
            },
            id: url,
            issuer: Issuer {
                id: base.did(),
                name: self.issuer_name,
            },
            proof: None,
            r#type: TYPES.map(str::to_owned).to_vec(),
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        };
        let method = base.verification_method(&key.public());
        let created = self.valid_from;
        let proof = secured::prove(&document, &document.context, created, method, key);
        document.proof = Some(proof);
        document.to_ordered_bytes()
    }
}

/// What an authentic list says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusList {
    /// The registry's DID.
    pub issuer: String,
    /// What its bits mean.
    pub purpose: StatusPurpose,
    /// Its number among those of its purpose.
    pub number: u32,
    /// Its bits.
    pub bits: Bits,
    /// As of when it is.
    pub valid_from: DateTime<Utc>,
    /// Until when it holds.
    pub valid_until: DateTime<Utc>,
    /// The key that signed.
    pub signed_by: PublicKey,
}

/// Judges a status list's bytes at a time, by keys the caller trusts.
///
/// # Errors
///
/// Why it is none to rely on; then nothing it says is repeated.
pub fn verify_status_list(
    bytes: &[u8],
    keys: &TrustedKeys,
    now: DateTime<Utc>,
) -> Result<StatusList, Refusal> {
    let document = parse_strict(bytes).map_err(Refusal::Json)?;
    let list: StatusListCredential = typed(&document)?;
    let subject = &list.credential_subject;
    if list.context != CONTEXTS {
        return Err(Refusal::WrongContext);
    }
    if list.r#type != TYPES || subject.r#type != SUBJECT_TYPE {
        return Err(Refusal::WrongType);
    }
    check_issuer(&list.issuer.id, keys.issuer())?;
    let number = number(&list)?;
    let signed_by = keys.signer(&document)?;
    if !keys.is_in_use(&signed_by) {
        return Err(Refusal::RetiredKey(Box::new(signed_by)));
    }
    check_validity(list.valid_from, list.valid_until, MAX_VALIDITY, now)?;
    Ok(StatusList {
        purpose: subject.status_purpose,
        number,
        bits: Bits::decode(&subject.encoded_list).map_err(Refusal::EncodedList)?,
        issuer: list.issuer.id,
        valid_from: list.valid_from,
        valid_until: list.valid_until,
        signed_by,
    })
}

/// The list's number, provided that its ids are its own and of its purpose.
fn number(list: &StatusListCredential) -> Result<u32, Refusal> {
    let foreign = |pointer| move || Refusal::ForeignId { pointer };
    let subject = &list.credential_subject;
    let number = Base::candidates_for_did(&list.issuer.id)
        .into_iter()
        .find_map(|base| base.parse_status_list_url(&list.id))
        .filter(|(purpose, _)| *purpose == subject.status_purpose.as_str())
        .map(|(_, number)| number)
        .ok_or_else(foreign("/id"))?;
    if subject.id == format!("{}#list", list.id) {
        Ok(number)
    } else {
        Err(foreign("/credentialSubject/id")())
    }
}

#[cfg(test)]
mod tests;
