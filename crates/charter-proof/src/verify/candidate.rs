//! A record in its canonical bytes, of which all is checked but the signature.

use super::shape::{self, Said};
use super::trusted_keys::KeyStanding;
use super::{RecordPart, TrustedKeys};
use crate::canonical::{Digest, InJcsOrder as _};
use crate::entry::{MemberEventKind, Status};
use crate::keys::PublicKey;
use crate::record::RegistryRecord;

/// A record, in form authentic: whether the key signed it is left to ask.
pub(crate) struct Candidate {
    pub(super) said: Said,
    /// The digest of the bytes.
    pub(crate) digest: Digest,
    /// The trusted key that the proof names.
    pub(crate) key: PublicKey,
    /// What it is to have signed.
    pub(crate) message: [u8; 64],
    /// Its signature.
    pub(crate) signature: [u8; 64],
}

impl Candidate {
    /// Reads the bytes of a record as the registry writes them: quickly, and without a word why they are none.
    pub(crate) fn read(bytes: &[u8], keys: &TrustedKeys) -> Option<Self> {
        let mut record: RegistryRecord = serde_json::from_slice(bytes).ok()?;
        // Where they are what it is written as, they are canonical, and no other reader reads anything else in them.
        if record.to_ordered_bytes() != bytes {
            return None;
        }
        let proof = record.proof.take()?;
        let key = keys.find(&proof.verification_method)?;
        let (message, signature) = proof.claimed(&record.context, &record.to_ordered_bytes())?;
        Some(Self {
            said: shape::judge(record, keys.issuer()).ok()?,
            digest: Digest::of(bytes),
            key,
            message,
            signature,
        })
    }

    /// Whether the key signed it.
    pub(crate) fn is_signed(&self) -> bool {
        self.key.verify_strict(&self.message, &self.signature)
    }

    /// Whether the key was the registry's to use at this entry of the log.
    pub(crate) fn is_in_force(&self, keys: &TrustedKeys, position: u64) -> bool {
        matches!(
            keys.standing(&self.key, Some(position)),
            KeyStanding::InForce
        )
    }

    /// What of the record is not as an entry has it.
    pub(crate) fn mismatch(
        &self,
        kind: MemberEventKind,
        charter: &str,
        member: uuid::Uuid,
        status: Status,
    ) -> Option<RecordPart> {
        let event = self.said.event();
        [
            (self.said.member() == member, RecordPart::Member),
            (self.said.charter() == charter, RecordPart::Charter),
            (event.r#type == kind, RecordPart::Event),
            (event.resulting_status == status, RecordPart::Status),
        ]
        .into_iter()
        .find_map(|(is_so, part)| (!is_so).then_some(part))
    }
}
