//! Memory on disk: a start goes on from there.

use std::{io, path::Path, sync::PoisonError};

use charter_proof::canonical::Digest;
use tokio::sync::OwnedRwLockReadGuard;

use super::{Log, LogError, Memory, tiles_root};
use crate::{
    log::snapshot::{Grown, Part, Saved, Snapshot},
    storage::{Connection, log},
};

/// How many entries are taken in before memory is written down: a start reads as many again without noticing.
const UNSAVED: u64 = 4_096;

/// … and which part of the log at least: a large one is not written down for each thousandth of it.
const PART: u64 = 8;

impl Log {
    /// The same, from what was written down and without raising the mark: whether the database is the right one is not
    /// known yet.
    pub async fn load(&self, conn: &mut Connection) -> Result<(), LogError> {
        self.thaw(conn).await?;
        if let Some(mut closing) = self.read(conn).await? {
            let published = closing.keep();
            closing.publish(published);
        }
        self.follow_witnesses(conn).await
    }

    /// Begins with what was written down, if the database's log goes on from there.
    async fn thaw(&self, conn: &mut Connection) -> Result<(), LogError> {
        let path = self.0.snapshot.clone();
        let loaded = tokio::task::spawn_blocking(move || Snapshot::load(&path)).await;
        let snapshot = match loaded.map_err(io::Error::other).flatten() {
            Ok(snapshot) => snapshot,
            Err(error) => {
                tracing::warn!(cause = %error, "the log's snapshot cannot be read: every entry is");
                None
            }
        };
        let Some((
            Snapshot {
                replay,
                tiles,
                members,
                last,
            },
            saved,
        )) = snapshot
        else {
            return Ok(());
        };
        let size = replay.size();
        let stored = log::entries(conn, size.saturating_sub(1), 1).await?.pop();
        let stored = stored.filter(|(at, body)| at + 1 == size && Digest::of(body) == last);
        let Some((_, last)) = stored.filter(|_| tiles_root(&tiles, size) == Some(replay.root()))
        else {
            tracing::warn!("the log's snapshot is of another log: every entry is read");
            return Ok(());
        };
        let mut memory = self.0.memory.write().await;
        *memory = Memory {
            replay,
            tiles,
            members,
            last: Some(last.clone()),
            settled: Some(last),
        };
        self.note(saved);
        Ok(())
    }

    /// Writes memory down, if much was taken in since it was last.
    pub async fn save(&self) -> io::Result<()> {
        let copy = {
            let memory = self.memory().await;
            let due = self.due(&memory);
            due.map(|last| Snapshot {
                replay: memory.replay.clone(),
                tiles: memory.tiles.clone(),
                members: memory.members.clone(),
                last,
            })
        };
        let Some(copy) = copy else {
            return Ok(());
        };
        self.write(move |path| copy.part().save(path)).await
    }

    /// The same for whoever copies a log, and has nobody wait who writes: nothing is taken in meanwhile, and memory is not
    /// there twice.
    pub async fn save_in_place(&self) -> io::Result<()> {
        let memory = self.0.memory.clone().read_owned().await;
        let Some(last) = self.due(&memory) else {
            return Ok(());
        };
        self.save_whole(memory, last).await
    }

    /// The same, unless what is on the disk goes as far already: [`Log::save_grown`] adds to it.
    pub async fn save_to_grow(&self) -> io::Result<()> {
        let memory = self.0.memory.clone().read_owned().await;
        let Some(last) = memory.settled.as_ref().map(|last| Digest::of(last)) else {
            return Ok(());
        };
        if self.saved().size == memory.replay.size() {
            return Ok(());
        }
        self.save_whole(memory, last).await
    }

    /// Adds what was taken in to what is on the disk, unless that is another by now.
    pub async fn save_grown(&self, grown: Grown) -> io::Result<()> {
        let log = self.clone();
        self.write(move |path| {
            if log.saved() == grown.known {
                grown.append(path)
            } else {
                Ok(log.saved())
            }
        })
        .await
    }

    async fn save_whole(
        &self,
        memory: OwnedRwLockReadGuard<Memory>,
        last: Digest,
    ) -> io::Result<()> {
        self.write(move |path| memory.part(last).save(path)).await
    }

    /// Has the file written, by one at a time.
    async fn write(
        &self,
        write: impl FnOnce(&Path) -> io::Result<Saved> + Send + 'static,
    ) -> io::Result<()> {
        let log = self.clone();
        let written = tokio::task::spawn_blocking(move || {
            let one = log.0.writing.lock();
            let _one = one.unwrap_or_else(PoisonError::into_inner);
            log.note(write(&log.0.snapshot)?);
            Ok(())
        });
        written.await.map_err(io::Error::other)?
    }

    fn note(&self, saved: Saved) {
        *self.0.saved.lock().unwrap_or_else(PoisonError::into_inner) = saved;
    }

    pub(super) fn saved(&self) -> Saved {
        *self.0.saved.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The digest of the last entry, if memory is to be written down.
    fn due(&self, memory: &Memory) -> Option<Digest> {
        let size = memory.replay.size();
        let saved = self.saved().size;
        // A start must come past the checkpoint at which proofs stand meanwhile; while a first copy is made, none do.
        let is_beyond = self.newest().is_some()
            && self
                .served()
                .is_none_or(|served| served.checkpoint.size != size);
        let is_due = size.saturating_sub(saved) >= UNSAVED.max(size / PART) && !is_beyond;
        let last = memory.settled.as_ref().filter(|_| is_due);
        last.map(|last| Digest::of(last))
    }
}

impl Memory {
    /// What of it is written down, whose last entry has this digest.
    pub(super) fn part(&self, last: Digest) -> Part<'_> {
        Part {
            replay: &self.replay,
            tiles: &self.tiles,
            members: &self.members,
            last,
        }
    }
}
