//! Checkpoints: whether one is the registry's, and whether it can be beside those that it signed before.

use charter_proof::{
    evidence::{CLOCKS_APART, Claim},
    keys::Purpose,
    note::{Checkpoint, Kind, Note, NoteKey, Signed},
    policy::Policy,
};

use super::{Contradiction, Follower, RoundError};
use crate::{
    log::mark::{Marked, marked},
    mirror::{evidence, tree::SignedTree},
};

/// A checkpoint of this log.
pub(super) struct Found {
    /// The checkpoint.
    pub marked: Marked,
    /// Whether a key signed it that is trusted already.
    is_known: bool,
}

impl Contradiction {
    fn fork(newer: &Checkpoint, older: &Checkpoint, claim: Claim) -> Self {
        let (new, old) = (newer.size, older.size);
        Self {
            what: format!(
                "the registry signed two logs: the one of {new} entries does not continue the one of {old}"
            ),
            size: new.max(old),
            claim: Some(Box::new(claim)),
        }
    }
}

impl Follower {
    /// The checkpoint, if it is one of this log and a trusted key signed it; after a key was replaced, the log itself
    /// says in the end whether the new one is the registry's.
    pub(super) async fn judged(&self, note: &str) -> Result<Found, RoundError> {
        let found = marked(note).ok_or(RoundError::NotSigned)?;
        let signed: Note = note.parse().map_err(|_| RoundError::NotSigned)?;
        let policy: &Policy = &self.pin.policy;
        if found.checkpoint.origin != policy.origin {
            return Err(RoundError::NotSigned);
        }
        let known = {
            let memory = self.log.memory().await;
            let ranges = memory.replay().keys().ranges().iter();
            let log_keys = ranges.filter(|range| range.purpose == Purpose::Log);
            let key = |key| NoteKey::new(policy.origin.clone(), Kind::Plain, key);
            let known = log_keys.filter_map(|range| key(range.public_key_multibase));
            known.collect::<Vec<_>>()
        };
        let is_known = self.pin.signed(&signed, known);
        let may_be_rotated = self.log.newest().is_some();
        if is_known || may_be_rotated {
            Ok(Found {
                marked: found,
                is_known,
            })
        } else {
            Err(RoundError::NotSigned)
        }
    }

    /// When the registry's clock said that a checkpoint was the newest, in seconds since 1970.
    pub(super) async fn time(&self, note: &str) -> Option<u64> {
        let note: Note = note.parse().ok()?;
        let policy = &self.pin.policy;
        let name = format!("{}/clock", self.pin.base.host());
        let memory = self.log.memory().await;
        let ranges = memory.replay().keys().ranges().iter();
        let clocks = ranges.filter(|range| range.purpose == Purpose::Clock);
        let clocks = clocks.filter_map(|range| {
            NoteKey::new(name.clone(), Kind::Cosignature, range.public_key_multibase)
        });
        let mut clocks = clocks.chain(policy.clock_keys.iter().cloned());
        clocks.find_map(|key| match key.verify(&note) {
            Ok(Signed::At(time)) => Some(time),
            _ => None,
        })
    }

    /// Whether a checkpoint can be beside the one to which everything belongs that is kept.
    pub(super) async fn compare(&self, found: &Found, target: &Marked) -> Result<(), RoundError> {
        let (new, old) = (&found.marked.checkpoint, &target.checkpoint);
        if new.size > old.size || new == old {
            return Ok(());
        }
        if !found.is_known {
            return Err(RoundError::NotSigned);
        }
        let (newer, older) = (&target.note, &found.marked.note);
        if new.size == old.size {
            let claim = evidence::of_fork(newer, older, None, Vec::new());
            return Err(Contradiction::fork(new, old, claim).into());
        }
        let (root, path) = {
            let memory = self.log.memory().await;
            let is_all = memory.replay().size() == old.size;
            let root = memory.root_at(new.size).filter(|_| is_all);
            (root, memory.consistency(new.size))
        };
        if let (Some(root), Some(path)) = (root, path)
            && root != new.root
        {
            let claim = evidence::of_fork(newer, older, Some(root), path);
            return Err(Contradiction::fork(old, new, claim).into());
        }
        let (first, second) = (self.time(newer).await, self.time(older).await);
        if let (Some(first), Some(second)) = (first, second)
            && second > first.saturating_add(CLOCKS_APART)
        {
            return Err(Contradiction {
                what: format!(
                    "the registry said that {} entries were its newest, long after it had signed {}",
                    new.size, old.size
                ),
                size: old.size,
                claim: Some(Box::new(Claim::Shrunken {
                    earlier: newer.clone(),
                    later: older.clone(),
                })),
            }
            .into());
        }
        Err(RoundError::Behind {
            found: new.size,
            known: old.size,
        })
    }

    /// Takes the same checkpoint, cosigned at a later time.
    pub(super) async fn renew(&mut self, found: Marked) -> Result<(), RoundError> {
        let newest = self.log.newest();
        if newest.is_some_and(|newest| newest.note == found.note) {
            return Ok(());
        }
        let mut tx = self.database.begin_log().await?;
        let mut closing = self.log.copying().await;
        if tx.head().size != closing.replay().size() {
            return Err(RoundError::Overtaken);
        }
        closing.certify(&found.note)?;
        let newest = self.log.newest();
        if newest.is_some_and(|newest| closing.is_before(&newest)) {
            return Ok(());
        }
        tx.set_checkpoint(&found.note).await?;
        tx.commit().await?;
        Ok(closing.settle()?)
    }

    /// Whether a newer tree continues the one to which everything belongs that is kept.
    pub(super) async fn check_extends(
        &self,
        note: &str,
        tree: &SignedTree,
        target: &Marked,
    ) -> Result<(), RoundError> {
        let old = &target.checkpoint;
        let root = tree.root_at(old.size).map_err(|_| RoundError::NotSigned)?;
        if root == old.root {
            return Ok(());
        }
        if !self.judged(note).await?.is_known {
            return Err(RoundError::NotSigned);
        }
        let path = tree.consistency(old.size).unwrap_or_default();
        let claim = evidence::of_fork(note, &target.note, Some(root), path);
        Err(Contradiction::fork(tree.checkpoint(), old, claim).into())
    }
}
