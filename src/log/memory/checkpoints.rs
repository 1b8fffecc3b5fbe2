//! What is signed at the log's head, checked when another instance signed it, kept, and served.

use std::{
    io,
    sync::{Arc, PoisonError},
};

use charter_proof::{
    canonical::Digest,
    keys::{KeyRange, Purpose},
    note::{Checkpoint, Kind, Note, NoteKey, Signed},
    replay::{self, Next, Replay},
};
use chrono::{DateTime, SubsecRound as _, Utc};
use tokio::sync::OwnedRwLockWriteGuard;

use super::{Log, LogError, Memory};
use crate::{
    log::{
        keyring::Keys,
        mark::{Marked, marked},
        proofs::Ending,
        snapshot::Grown,
    },
    storage::{Connection, LogTransaction},
};

/// A checkpoint that was committed and marked.
#[derive(Debug, Clone)]
pub struct Published {
    /// The log's size and root.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
    /// The time of the clock's cosignature.
    pub cosigned_at: DateTime<Utc>,
    /// What every proof that stands on it has.
    pub(in crate::log) ending: Ending,
    /// The map as of it, where it may be served for longer than it is the newest.
    pub(super) replay: Option<Replay>,
}

impl Published {
    /// The map as of it: its own, or the one in memory.
    pub(in crate::log) fn replay<'a>(&'a self, memory: &'a Memory) -> &'a Replay {
        self.replay.as_ref().unwrap_or(&memory.replay)
    }
}

impl Log {
    /// Closes what a transaction appended: reads it back, adds the `state` entry, signs the checkpoint.
    ///
    /// Nobody reads memory until the result is settled or dropped.
    pub async fn close(
        &self,
        tx: &mut LogTransaction,
        at: DateTime<Utc>,
        keys: &Keys,
    ) -> Result<Closing, LogError> {
        let mut closing = self.closing().await;
        let memory = &mut closing.memory;
        let appended = tx.head().size;
        memory.take_in(tx, appended).await?;
        let state = memory.replay.state(at).to_bytes()?;
        tx.append(at, &state).await?;
        let size = tx.head().size;
        memory.take_in(tx, size).await?;
        let published = self.signed(memory, at, keys)?;
        tx.set_checkpoint(&published.note).await?;
        closing.published = Some(published);
        Ok(closing)
    }

    /// Signs the head again, which says that it is still the newest.
    pub async fn refresh(
        &self,
        tx: &mut LogTransaction,
        at: DateTime<Utc>,
        keys: &Keys,
    ) -> Result<Closing, LogError> {
        let mut closing = self.closing().await;
        let size = tx.head().size;
        closing.memory.take_in(tx, size).await?;
        if !closing.memory.replay.ends_with_state() {
            // Nothing of ours leaves the log like that.
            return Err(LogError::Contradicts(size.saturating_sub(1)));
        }
        let published = self.signed(&closing.memory, at, keys)?;
        tx.set_checkpoint(&published.note).await?;
        closing.published = Some(published);
        Ok(closing)
    }

    fn publish(&self, published: Option<Arc<Published>>) {
        let Some(published) = published else { return };
        let newest = &self.0.newest;
        *newest.write().unwrap_or_else(PoisonError::into_inner) = Some(published.clone());
        self.0.witnessing.published(published);
    }

    /// Memory, for whoever copies another registry's log: nobody reads it until the result is settled or dropped.
    pub async fn copying(&self) -> Closing {
        self.closing().await
    }

    pub(super) async fn closing(&self) -> Closing {
        Closing {
            memory: self.0.memory.clone().write_owned().await,
            log: self.clone(),
            published: None,
            standing: None,
        }
    }

    /// The checkpoint of what is taken in, signed as of this time.
    fn signed(
        &self,
        memory: &Memory,
        at: DateTime<Utc>,
        keys: &Keys,
    ) -> Result<Published, LogError> {
        let (names, replay) = (&self.0.names, &memory.replay);
        let checkpoint = Checkpoint {
            origin: names.origin.clone(),
            size: replay.size(),
            root: replay.root(),
        };
        let mut note = Note::unsigned(&checkpoint);
        note.sign(&names.origin, &keys.log);
        for former in keys.beside(Purpose::Log, at) {
            note.sign(&names.origin, former);
        }
        let former_clocks: Vec<_> = keys.beside(Purpose::Clock, at).collect();
        let at = at.trunc_subsecs(0);
        let seconds = u64::try_from(at.timestamp()).unwrap_or_default();
        note.cosign(&names.clock, &keys.clock, seconds);
        for former in former_clocks {
            note.cosign(&names.clock, former, seconds);
        }
        let note = note.to_string();
        let ending = memory.ending(&note);
        Ok(Published {
            ending: ending.ok_or(LogError::Missing(replay.size().saturating_sub(1)))?,
            checkpoint,
            note,
            cosigned_at: at,
            replay: None,
        })
    }

    /// A stored checkpoint, if it is what was taken in and the keys in force at its end signed it.
    pub(super) fn checked(&self, memory: &Memory, stored: Marked) -> Option<Published> {
        Some(Published {
            cosigned_at: self.signed_at(&memory.replay, &stored)?,
            ending: memory.ending(&stored.note)?,
            checkpoint: stored.checkpoint,
            note: stored.note,
            replay: None,
        })
    }

    /// The time at which the keys in force at its end signed a stored checkpoint, if it is of this replay.
    pub(super) fn signed_at(&self, replay: &Replay, stored: &Marked) -> Option<DateTime<Utc>> {
        let is_ours = stored.checkpoint.origin == self.0.names.origin
            && stored.checkpoint.size == replay.size()
            && stored.checkpoint.root == replay.root()
            && replay.ends_with_state();
        let note: Note = stored.note.parse().ok().filter(|_| is_ours)?;
        let last = replay.size().checked_sub(1)?;
        let in_force = replay.keys().ranges().iter();
        let in_force = in_force.filter(|range: &&KeyRange| range.holds(last));
        let signed = in_force.filter_map(|range| {
            let (name, kind) = match range.purpose {
                Purpose::Log => (&self.0.names.origin, Kind::Plain),
                Purpose::Clock => (&self.0.names.clock, Kind::Cosignature),
                Purpose::Record => return None,
            };
            NoteKey::new(name.clone(), kind, range.public_key_multibase)?
                .verify(&note)
                .ok()
        });
        let signed: Vec<_> = signed.collect();
        let by_log = signed.contains(&Signed::Text);
        let time = signed.iter().find_map(|signed| match signed {
            Signed::At(seconds) => DateTime::from_timestamp(i64::try_from(*seconds).ok()?, 0),
            Signed::Text => None,
        });
        time.filter(|_| by_log)
    }
}

/// How far was taken in of a log.
pub struct Reached {
    replay: replay::Reached,
    /// The last entry.
    last: Option<Vec<u8>>,
}

/// What was taken in and is not permanent yet. Dropped, it is forgotten.
pub struct Closing {
    pub(super) memory: OwnedRwLockWriteGuard<Memory>,
    pub(super) log: Log,
    pub(super) published: Option<Published>,
    /// The checkpoint that was come past and is served as long as the newest has no quorum.
    pub(super) standing: Option<Published>,
}

impl Closing {
    /// Keeps what was taken in, raises the mark to its checkpoint, and publishes it, in this order.
    ///
    /// # Errors
    ///
    /// When the mark cannot be written: what is committed stays so, and is not published until it can.
    pub fn settle(mut self) -> Result<(), LogError> {
        let published = self.keep();
        if let Some(published) = &published {
            let mark = &self.log.0.mark;
            mark.advance(&published.checkpoint, &published.note)
                .map_err(LogError::Mark)?;
        }
        self.publish(published);
        Ok(())
    }

    /// Takes in what this transaction copied from another registry, up to its head.
    pub async fn take_in(&mut self, tx: &mut LogTransaction) -> Result<(), LogError> {
        let size = tx.head().size;
        self.memory.take_in(tx, size).await
    }

    /// Takes in these entries of another registry, the first of which is the next, before they are stored, with their
    /// bytes. Whatever they follow from is stored already, or `near`.
    pub async fn take_in_ahead<'w>(
        &mut self,
        conn: &mut Connection,
        near: impl Fn(u64) -> Option<&'w [u8]>,
        entries: &[(Next<'_>, &[u8])],
    ) -> Result<(), LogError> {
        self.memory.push_all(conn, near, entries).await
    }

    /// What [`Log::save_grown`] adds to what is on the disk once this is permanent; none where something else is there than
    /// what is.
    pub fn grown(&self) -> io::Result<Option<Grown>> {
        let memory = &*self.memory;
        let (before, changed) = memory.replay.changed();
        let known = self.log.saved();
        let last = memory.last.as_ref().filter(|_| known.size == before);
        let part = last.map(|last| memory.part(Digest::of(last)));
        part.map(|part| part.grown(known, &changed)).transpose()
    }

    /// How far was taken in, for [`Closing::keep_up_to`].
    pub fn reached(&self) -> Reached {
        Reached {
            replay: self.memory.replay.reached(),
            last: self.memory.last.clone(),
        }
    }

    /// Keeps what was taken in by then, which is permanent; what follows is forgotten when this is dropped.
    pub fn keep_up_to(&mut self, reached: Reached) {
        self.memory.replay.settle_up_to(reached.replay);
        self.memory.settled = reached.last;
    }

    /// Tree, map and key list of what was taken in.
    pub fn replay(&self) -> &Replay {
        &self.memory.replay
    }

    /// The root of the tree over the first `size` entries; none where there are not as many.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        self.memory.root_at(size)
    }

    /// Takes a checkpoint of another registry for that of what was taken in, once this is settled.
    ///
    /// # Errors
    ///
    /// [`LogError::Checkpoint`] when it is another log's, or the keys in force at its end did not sign it.
    pub fn certify(&mut self, note: &str) -> Result<(), LogError> {
        let size = self.memory.replay.size();
        let stored = marked(note).ok_or(LogError::Checkpoint(size))?;
        let published = self.log.checked(&self.memory, stored);
        self.published = Some(published.ok_or(LogError::Checkpoint(size))?);
        Ok(())
    }

    /// Whether what was certified was cosigned before this other checkpoint, or at the same time and by no more.
    pub fn is_before(&self, other: &Published) -> bool {
        let place = |one: &Published| (one.cosigned_at, one.note.len());
        let published = self.published.as_ref();
        published.is_none_or(|published| place(published) <= place(other))
    }

    /// Serves the checkpoint, or the one that was come past, as the witnesses have it.
    pub(super) fn publish(&mut self, published: Option<Published>) {
        let standing = self.standing.take();
        self.log.publish(published.map(Arc::new));
        if let Some(standing) = standing {
            self.log.serve(Arc::new(standing));
        }
    }

    /// Keeps what was taken in.
    pub(super) fn keep(&mut self) -> Option<Published> {
        let memory = &mut *self.memory;
        memory.replay.settle();
        memory.settled.clone_from(&memory.last);
        let mut published = self.published.take()?;
        let may_stay = self.log.0.witnessing.policy().is_some();
        published.replay = may_stay.then(|| memory.replay.clone());
        Some(published)
    }
}

impl Drop for Closing {
    fn drop(&mut self) {
        let memory = &mut *self.memory;
        memory.replay.roll_back();
        memory.last.clone_from(&memory.settled);
        memory.tiles.cut(memory.replay.size());
        memory.members.cut(memory.replay.map().len());
    }
}
