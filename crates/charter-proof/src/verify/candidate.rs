//! A record in its canonical bytes, of which all is checked but the signature.

use super::scan::Scanned;
use super::trusted_keys::KeyStanding;
use super::{RecordPart, RecordSummary, TrustedKeys};
use crate::canonical::Digest;
use crate::entry::{MemberEventKind, Status};
use crate::keys::PublicKey;
use crate::secured;

/// A record, in form authentic: whether the key signed it is left to ask.
pub(crate) struct Candidate<'a> {
    scanned: Scanned<'a>,
    bytes: &'a [u8],
    /// The trusted key that the proof names.
    pub(crate) key: PublicKey,
    /// What it is to have signed.
    pub(crate) message: [u8; 64],
    /// Its signature.
    pub(crate) signature: [u8; 64],
}

impl<'a> Candidate<'a> {
    /// Looks at the bytes of a record as the registry writes them: quickly, and without a word why they are none.
    pub(crate) fn read(bytes: &'a [u8], keys: &TrustedKeys) -> Option<Self> {
        let scanned = Scanned::read(bytes, keys)?;
        Some(Self {
            bytes,
            key: keys.find(scanned.proof.method)?,
            message: secured::hash_pieces(&scanned.proof.options, &scanned.unsecured),
            signature: secured::signature_of(scanned.proof.value)?,
            scanned,
        })
    }

    /// The digest of the bytes.
    pub(crate) fn digest(&self) -> Digest {
        Digest::of(self.bytes)
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

    /// What it says.
    pub(super) fn summary(&self, keys: &TrustedKeys) -> Option<RecordSummary> {
        self.scanned.summary(keys.issuer(), self.digest(), self.key)
    }

    /// What of the record is not as an entry has it.
    pub(crate) fn mismatch(
        &self,
        kind: MemberEventKind,
        charter: &str,
        member: uuid::Uuid,
        status: Status,
    ) -> Option<RecordPart> {
        let subject = &self.scanned.subject;
        [
            (subject.member == member, RecordPart::Member),
            (subject.charter == charter, RecordPart::Charter),
            (subject.event == kind, RecordPart::Event),
            (subject.status == status, RecordPart::Status),
        ]
        .into_iter()
        .find_map(|(is_so, part)| (!is_so).then_some(part))
    }
}
