//! Who is a member now, and whether a registry record is authentic.
//!
//! [`verify`] judges a membership proof; [`verify_record`] a record, and what it says.
//!
//! A record proves that the registry recorded an event, and nothing about today. Its signature
//! counts by its entry's position in the log: dates inside a document prove nothing, so a stolen
//! retired key cannot backdate.

mod candidate;
mod cursor;
mod membership;
mod question;
mod reason;
mod refusal;
mod scan;
mod shape;
mod trusted_keys;
mod verdict;

pub(crate) use candidate::Candidate;
pub use membership::{signed, verify};
pub use question::{Key, ParseKeyError, Question};
pub use reason::Reason;
pub use refusal::{LeadsTo, Place, RecordPart, Refusal};
pub(crate) use trusted_keys::SignerError;
pub use trusted_keys::TrustedKeys;
pub use verdict::{Standing, Verdict, Word};

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::canonical::{Digest, parse_strict, to_jcs};
use crate::entry::{MemberEventKind, Status};
use crate::keys::PublicKey;
use crate::record::LanguageTagged;
use trusted_keys::KeyStanding;

/// What is established about a record.
#[derive(Debug)]
pub enum RecordVerdict {
    /// The registry signed it, with a key that was its to use at that position of the log.
    Authentic(Box<RecordSummary>),
    /// A key signed it that is not in force, and the entry's position is not known: it may have
    /// been signed in its time or after the key was stolen. Not valid; nothing it says is repeated.
    PositionUnknown {
        /// The key that signed.
        key: PublicKey,
        /// The digest by which the log names the record, to look its entry up.
        digest: Digest,
    },
    /// It is not a record of the registry one trusts. Never empty; nothing it says is repeated.
    Refused(Vec<Reason>),
}

/// What an authentic record says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordSummary {
    /// The registry's DID.
    pub issuer: String,
    /// The record.
    pub id: Uuid,
    /// The membership.
    pub member: Uuid,
    /// The charter's slug.
    pub charter: String,
    /// The charter's version.
    pub charter_version: u32,
    /// What happened.
    pub event: MemberEventKind,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The membership's status afterwards; not necessarily today's.
    pub resulting_status: Status,
    /// The organisation's names by language.
    pub names: Vec<LanguageTagged>,
    /// The keys that it held: `domain:<host>` and `<SCHEME>:<value>`.
    pub keys: Vec<String>,
    /// The digest of the record's canonical bytes, by which the log names it.
    pub digest: Digest,
    /// The key that signed.
    pub signed_by: PublicKey,
}

/// Judges a record's bytes against keys the caller trusts.
///
/// `position` is the index of the record's entry in the log, where the caller knows it. Spacing and
/// the order of names do not matter: the verdict is about the canonical form, whose digest it gives.
pub fn verify_record(bytes: &[u8], keys: &TrustedKeys, position: Option<u64>) -> RecordVerdict {
    if let Some(candidate) = Candidate::read(bytes, keys)
        && candidate.is_signed()
        && let Some(said) = candidate.summary(keys)
    {
        let (digest, key) = (candidate.digest(), candidate.key);
        return judged(said, digest, key, keys, position);
    }
    // It is none, or in another spelling: which, says a closer look.
    verify_closely(bytes, keys, position)
}

fn verify_closely(bytes: &[u8], keys: &TrustedKeys, position: Option<u64>) -> RecordVerdict {
    let document = match parse_strict(bytes) {
        Ok(document) => document,
        Err(error) => return RecordVerdict::Refused(vec![Reason::Json(error)]),
    };
    let digest = match to_jcs(&document) {
        Ok(canonical) => Digest::of(&canonical),
        Err(error) => return RecordVerdict::Refused(vec![Reason::Proof(error.into())]),
    };
    let shape = shape::read(&document, keys.issuer());
    let signed_by = keys.signer(&document).map_err(Reason::from);
    let (said, key) = match (shape, signed_by) {
        (Ok(said), Ok(key)) => (said, key),
        (Ok(_), Err(reason)) => return RecordVerdict::Refused(vec![reason]),
        (Err(reasons), Ok(_)) => return RecordVerdict::Refused(reasons),
        (Err(mut reasons), Err(reason)) => {
            reasons.push(reason);
            return RecordVerdict::Refused(reasons);
        }
    };
    judged(said.summary(digest, key), digest, key, keys, position)
}

/// What a record is worth that this key signed.
fn judged(
    said: RecordSummary,
    digest: Digest,
    key: PublicKey,
    keys: &TrustedKeys,
    position: Option<u64>,
) -> RecordVerdict {
    match keys.standing(&key, position) {
        KeyStanding::InForce => RecordVerdict::Authentic(Box::new(said)),
        KeyStanding::DependsOnPosition => RecordVerdict::PositionUnknown { key, digest },
        KeyStanding::OutOfRange(position) => RecordVerdict::Refused(vec![Reason::KeyOutOfRange {
            key: Box::new(key),
            position,
        }]),
    }
}

impl From<SignerError> for Reason {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Proof(error) => Self::Proof(error),
            SignerError::Unknown(verification_method) => Self::UnknownKey {
                verification_method,
            },
        }
    }
}

#[cfg(test)]
mod tests;
