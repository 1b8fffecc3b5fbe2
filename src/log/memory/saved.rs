//! Memory on disk: a start goes on from there.

use std::{io, sync::PoisonError};

use charter_proof::canonical::Digest;
use tokio::sync::OwnedRwLockReadGuard;

use super::{Log, LogError, Memory, tiles_root};
use crate::{
    log::snapshot::{Part, Saved, Snapshot},
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
        let snapshot = match Snapshot::load(&self.0.snapshot) {
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
        let path = self.0.snapshot.clone();
        let saved = tokio::task::spawn_blocking(move || copy.part().save(&path));
        self.note(saved.await.map_err(io::Error::other)??);
        Ok(())
    }

    /// The same for whoever copies a log, and has nobody wait who writes: nothing is taken in meanwhile, and memory is not
    /// there twice.
    pub async fn save_in_place(&self) -> io::Result<()> {
        let memory = self.0.memory.clone().read_owned().await;
        let Some(last) = self.due(&memory) else {
            return Ok(());
        };
        self.write(memory, last, None).await
    }

    /// Writes down what was settled last: which keys of the map changed, and how many entries there were before.
    pub async fn save_grown(&self, (before, changed): (u64, Vec<u32>)) -> io::Result<()> {
        let memory = self.0.memory.clone().read_owned().await;
        let Some(last) = memory.settled.as_ref().map(|last| Digest::of(last)) else {
            return Ok(());
        };
        let known = Some(self.saved()).filter(|known| known.size == before && before > 0);
        self.write(memory, last, known.map(|known| (known, changed)))
            .await
    }

    /// Writes memory down, and only what is new where the rest is known to be there.
    async fn write(
        &self,
        memory: OwnedRwLockReadGuard<Memory>,
        last: Digest,
        grown: Option<(Saved, Vec<u32>)>,
    ) -> io::Result<()> {
        let path = self.0.snapshot.clone();
        let saved = tokio::task::spawn_blocking(move || {
            let part = Part {
                replay: &memory.replay,
                tiles: &memory.tiles,
                members: &memory.members,
                last,
            };
            match grown {
                Some((known, changed)) => part.append(&path, known, &changed),
                None => part.save(&path),
            }
        });
        self.note(saved.await.map_err(io::Error::other)??);
        Ok(())
    }

    fn note(&self, saved: Saved) {
        *self.0.saved.lock().unwrap_or_else(PoisonError::into_inner) = saved;
    }

    fn saved(&self) -> Saved {
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
