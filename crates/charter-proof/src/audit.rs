//! Every record of a log, by the entries that name them: for whoever keeps a copy of a registry.
//!
//! Three ways, from the closest look to the widest:
//!
//! - [`crate::verify::verify_record`], record by record;
//! - [`Audit`]: the same checks, but the signatures of one key in one sum (see [`crate::batch`]);
//! - [`LogAudit`]: the tree's root and the records' digests alone. Whoever trusts the checkpoint knows then that these
//!   are the entries and records that its signer meant; whether they keep the log's rules, says [`crate::replay`].

use crate::batch::{LARGEST_BATCH, Signed, verify_batch};
use crate::canonical::Digest;
use crate::entry::{Entry, Event};
use crate::keys::PublicKey;
use crate::merkle::{Frontier, leaf_hash};
use crate::note::Checkpoint;
use crate::verify::{Candidate, Reason, RecordPart, RecordVerdict, TrustedKeys, verify_record};

/// The first thing that is wrong with a log's records.
#[derive(Debug, thiserror::Error)]
#[error("entry {index}: {fault}")]
pub struct Bad {
    /// The entry's index.
    pub index: u64,
    /// What is wrong.
    #[source]
    pub fault: Fault,
}

/// What is wrong with an entry's record.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// The entry names no record, and one is given.
    #[error("the entry names no record")]
    NoRecord,
    /// The record is not the one that the entry names.
    #[error("the record is not the one that the entry names")]
    Digest,
    /// The record is not authentic.
    #[error("the record is not authentic: {0}")]
    Record(#[source] Box<Reason>),
    /// The record is authentic, and not in the bytes in which a registry writes it.
    #[error("the record's bytes are not the canonical JSON of what they say")]
    NotCanonical,
    /// The record says something else than the entry.
    #[error("the record's {0} is not that of the entry")]
    Mismatch(RecordPart),
    /// The signature is not the key's.
    #[error("the signature is not that of the key that the record names")]
    Signature,
    /// The entries are not those of the checkpoint.
    #[error("the entries up to here do not come to the root that the checkpoint names")]
    Root,
}

/// The records of a log, checked as they come; signatures in sums of up to [`LARGEST_BATCH`].
#[derive(Debug)]
pub struct Audit<'k> {
    keys: &'k TrustedKeys,
    seed: [u8; 32],
    /// Whose signatures are pending.
    key: Option<PublicKey>,
    pending: Vec<Pending>,
    records: u64,
}

#[derive(Debug)]
struct Pending {
    index: u64,
    message: [u8; 64],
    signature: [u8; 64],
}

impl<'k> Audit<'k> {
    /// An audit by these keys.
    ///
    /// `seed` is 32 bytes from a cryptographically secure source, drawn once the records are at hand and used for
    /// nothing else: see [`verify_batch`].
    pub const fn new(keys: &'k TrustedKeys, seed: [u8; 32]) -> Self {
        Self {
            keys,
            seed,
            key: None,
            pending: Vec::new(),
            records: 0,
        }
    }

    /// Takes in the record of an entry: its bytes as they are stored.
    ///
    /// # Errors
    ///
    /// What is wrong with it, or with the signature of one that came before.
    pub fn push(&mut self, index: u64, entry: &Entry, record: &[u8]) -> Result<(), Bad> {
        self.take_in(index, entry, record, false)
    }

    /// The same for a record that is known to be the one that the entry names: whoever fetched it compared its digest.
    ///
    /// # Errors
    ///
    /// As [`Audit::push`].
    pub fn push_compared(&mut self, index: u64, entry: &Entry, record: &[u8]) -> Result<(), Bad> {
        self.take_in(index, entry, record, true)
    }

    fn take_in(
        &mut self,
        index: u64,
        entry: &Entry,
        record: &[u8],
        is_compared: bool,
    ) -> Result<(), Bad> {
        let bad = |fault| Bad { index, fault };
        let Event::Member {
            kind,
            charter,
            member,
            status,
            record: digest,
            ..
        } = &entry.event
        else {
            return Err(bad(Fault::NoRecord));
        };
        let Some(candidate) = Candidate::read(record, self.keys) else {
            return Err(bad(why_not(index, record, digest, self.keys)));
        };
        if !is_compared && candidate.digest() != *digest {
            return Err(bad(Fault::Digest));
        }
        if !candidate.is_in_force(self.keys, index) {
            return Err(bad(why_not(index, record, digest, self.keys)));
        }
        if let Some(part) = candidate.mismatch(*kind, charter, *member, *status) {
            return Err(bad(Fault::Mismatch(part)));
        }
        if self.key != Some(candidate.key) || self.pending.len() == LARGEST_BATCH {
            self.settle()?;
            self.key = Some(candidate.key);
        }
        self.pending.push(Pending {
            index,
            message: candidate.message,
            signature: candidate.signature,
        });
        self.records += 1;
        Ok(())
    }

    /// Checks what is pending, and says how many records there were.
    ///
    /// # Errors
    ///
    /// The first whose signature is not the key's.
    pub fn finish(mut self) -> Result<u64, Bad> {
        self.settle()?;
        Ok(self.records)
    }

    fn settle(&mut self) -> Result<(), Bad> {
        let Some(key) = self.key else {
            return Ok(());
        };
        let signed: Vec<Signed<'_>> = (self.pending.iter())
            .map(|one| Signed {
                message: &one.message,
                signature: &one.signature,
            })
            .collect();
        // The coefficients depend on what is signed, too, so that no two batches have the same.
        let judged = verify_batch(&key, &signed, &self.seed);
        if let Err(bad) = judged
            && let Some(one) = self.pending.get(bad.index)
        {
            let (index, fault) = (one.index, Fault::Signature);
            return Err(Bad { index, fault });
        }
        self.pending.clear();
        Ok(())
    }
}

/// Why a record is none, which is not in the bytes that a registry writes, or not by a key in force.
fn why_not(index: u64, record: &[u8], digest: &Digest, keys: &TrustedKeys) -> Fault {
    if Digest::of(record) != *digest {
        return Fault::Digest;
    }
    match verify_record(record, keys, Some(index)) {
        RecordVerdict::Refused(reasons) => match reasons.into_iter().next() {
            Some(reason) => Fault::Record(Box::new(reason)),
            None => Fault::NotCanonical,
        },
        RecordVerdict::Authentic(_) | RecordVerdict::PositionUnknown { .. } => Fault::NotCanonical,
    }
}

/// The entries of a log and the digests of its records, against a checkpoint that the caller trusts.
#[derive(Debug, Default)]
pub struct LogAudit {
    tree: Frontier,
}

impl LogAudit {
    /// Takes in the next entry and the bytes of its record, where there is one at hand.
    ///
    /// # Errors
    ///
    /// [`Fault::NoRecord`] or [`Fault::Digest`], when the record is not the entry's.
    pub fn push(&mut self, entry: &[u8], record: Option<&[u8]>) -> Result<(), Bad> {
        let index = self.tree.size();
        let bad = |fault| Bad { index, fault };
        if let Some(record) = record {
            let named = Entry::record_digest_in(entry).ok_or_else(|| bad(Fault::NoRecord))?;
            if Digest::of(record) != named {
                return Err(bad(Fault::Digest));
            }
        }
        self.tree.push(leaf_hash(entry), |_| {});
        Ok(())
    }

    /// Whether these were the entries of the checkpoint, all of them.
    ///
    /// # Errors
    ///
    /// [`Fault::Root`] at the first entry that is missing or too many, or at the last one.
    pub fn finish(self, checkpoint: &Checkpoint) -> Result<(), Bad> {
        if self.tree.size() == checkpoint.size && self.tree.root() == checkpoint.root {
            return Ok(());
        }
        Err(Bad {
            index: self.tree.size().min(checkpoint.size),
            fault: Fault::Root,
        })
    }
}

#[cfg(test)]
mod tests;
