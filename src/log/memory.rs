//! The log in memory: its tree, its map and its tiles, as of the newest checkpoint.
//!
//! What a transaction appended is closed at its end ([`Log::close`]): read back, taken in, followed by a `state` entry,
//! signed, which `checkpoints` does. Memory keeps it once the transaction is permanent, and forgets it otherwise. What other instances commit is
//! taken in by [`Log::follow`]. Nobody else holds the log head meanwhile, so memory and database never part.

use std::{
    io,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use charter_proof::{
    canonical::Digest,
    entry::{Entry, EntryError, Event},
    merkle::{self, Node},
    policy::Policy,
    replay::{Broken, Next, Replay},
    tile::TiledNodes,
};
use tokio::sync::{RwLock, RwLockReadGuard};

pub use checkpoints::{Closing, Published, Reached};

use witnessed::Witnessing;

use super::{
    mark::{Mark, marked},
    members::Members,
    proofs::Ending,
    snapshot::Saved,
    tiles::Tiles,
};
use crate::storage::{self, Connection, Database, LogTransaction, log};

mod checkpoints;
mod saved;
mod witnessed;

/// How many entries are read at a time.
const WINDOW: u32 = 1_000;

/// For how many of them the map is read at once: what they need stays in a processor's cache until they are taken in.
const WARM: usize = 32;

/// Under which names checkpoints are signed.
pub struct Names {
    /// The log's origin, which is the log key's name.
    pub origin: String,
    /// The clock key's name.
    pub clock: String,
}

/// Why the log cannot go on as it stands.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// An entry breaks the log's rules.
    #[error(
        "the log is damaged: {0}: restore the database from a backup, or from a mirror of this registry"
    )]
    Broken(#[from] Broken),
    /// An entry is missing.
    #[error(
        "log entry {0} is missing: restore the database from a backup, or from a mirror of this registry"
    )]
    Missing(u64),
    /// The database has less than was signed.
    #[error(
        "the database's log has {found} entries, and {signed} were signed: it is older than what was published. Nothing \
         is signed on it. Restore a newer backup"
    )]
    Behind {
        /// How many the database has.
        found: u64,
        /// How many were signed.
        signed: u64,
    },
    /// The database has something else than what was signed.
    #[error(
        "the database's log is not the one that was signed up to entry {0}: it contradicts what was published. Nothing \
         is signed on it. Connect the right database, or restore a backup of it"
    )]
    Contradicts(u64),
    /// A witness knows more of this log than the database has.
    #[error(
        "the database's log has {found} entries, and a witness cosigned {cosigned}: it is older than what was published. \
         Nothing is signed on it. Restore a newer backup; if it is the witness that is wrong, take it out of the policy \
         and start anew"
    )]
    BehindWitness {
        /// How many the database has.
        found: u64,
        /// How many the witness cosigned.
        cosigned: u64,
    },
    /// A witness has another checkpoint of this log's key.
    #[error(
        "a witness has a checkpoint of {0} entries that this log's key signed, and the database's log has another root \
         there: it contradicts what was published. Nothing is signed on it. Connect the right database, or restore a \
         backup of it"
    )]
    Forked(u64),
    /// The stored checkpoint is not one of this log.
    #[error(
        "the stored checkpoint of {0} entries is not what the entries come to, or not signed by this log's key"
    )]
    Checkpoint(u64),
    /// A state entry cannot be written.
    #[error("the state cannot be written as an entry")]
    Entry(#[from] EntryError),
    /// The high-water mark cannot be written.
    #[error("the high-water mark cannot be written: nothing is signed until it can")]
    Mark(#[source] io::Error),
}

/// The log in memory, shared by everybody in this process.
#[derive(Clone)]
pub struct Log(Arc<Shared>);

struct Shared {
    memory: Arc<RwLock<Memory>>,
    newest: std::sync::RwLock<Option<Arc<Published>>>,
    witnessing: Witnessing,
    mark: Mark,
    names: Names,
    contradicted: AtomicBool,
    snapshot: PathBuf,
    /// What the snapshot has, and whoever writes it.
    saved: Mutex<Saved>,
    writing: Mutex<()>,
}

/// Tree, map and tiles of the entries that were taken in.
#[derive(Default)]
pub struct Memory {
    replay: Replay,
    tiles: Tiles,
    members: Members,
    /// The last entry, and the last of what is settled.
    last: Option<Vec<u8>>,
    settled: Option<Vec<u8>>,
}

impl Log {
    /// A log of which nothing is taken in yet, and whose memory is written down in this file. With a policy, checkpoints
    /// are served once its quorum cosigned them.
    pub fn new(mark: Mark, names: Names, snapshot: PathBuf, policy: Option<Arc<Policy>>) -> Self {
        Self(Arc::new(Shared {
            snapshot,
            saved: Mutex::default(),
            writing: Mutex::default(),
            memory: Arc::default(),
            newest: std::sync::RwLock::default(),
            witnessing: Witnessing::by(policy),
            mark,
            names,
            contradicted: AtomicBool::default(),
        }))
    }

    /// The newest checkpoint that was committed and marked.
    pub fn newest(&self) -> Option<Arc<Published>> {
        let newest = self.0.newest.read().unwrap_or_else(PoisonError::into_inner);
        newest.clone()
    }

    /// The high-water mark.
    pub fn mark(&self) -> &Mark {
        &self.0.mark
    }

    /// The tree, the map and the tiles, as of the newest checkpoint.
    pub async fn memory(&self) -> RwLockReadGuard<'_, Memory> {
        self.0.memory.read().await
    }

    /// The same, unless somebody is changing it just now.
    pub(super) fn try_memory(&self) -> Option<RwLockReadGuard<'_, Memory>> {
        self.0.memory.try_read().ok()
    }

    /// Checks that the database's log continues what is in memory: a transaction that holds the head begins with it.
    pub async fn check(&self, tx: &mut LogTransaction) -> Result<(), LogError> {
        let found = tx.head().size;
        self.0.witnessing.check(found)?;
        let (signed, last) = {
            let memory = self.memory().await;
            (memory.replay.size(), memory.settled.clone())
        };
        if found < signed {
            return Err(LogError::Behind { found, signed });
        }
        let Some(last) = last else {
            return Ok(());
        };
        let stored = log::entries(tx, signed - 1, 1).await?.pop();
        let is_same = stored.is_some_and(|(_, body)| body == last);
        is_same
            .then_some(())
            .ok_or(LogError::Contradicts(signed - 1))
    }

    /// Takes in what the database has, and the checkpoint that stands at its end, if one does.
    ///
    /// # Errors
    ///
    /// When the log does not keep its rules, or its checkpoint is not what it comes to: and then nothing is taken in.
    pub async fn follow(&self, conn: &mut Connection) -> Result<(), LogError> {
        if let Some(closing) = self.read(conn).await? {
            closing.settle()?;
        }
        self.follow_witnesses(conn).await
    }

    async fn read(&self, conn: &mut Connection) -> Result<Option<Closing>, LogError> {
        let newest = self.newest();
        let note = log::checkpoint(conn).await?;
        if newest.is_some_and(|newest| Some(&newest.note) == note.as_ref()) {
            return Ok(None);
        }
        let mut closing = self.closing().await;
        // Only now: what this process commits is settled before memory is handed over.
        let stored = log::checkpoint(conn).await?;
        let stored = stored.as_deref().and_then(marked);
        let size = match &stored {
            Some(stored) => stored.checkpoint.size,
            None => log::head(conn).await?.size,
        };
        let known = closing.memory.replay.size();
        if size < known {
            return Err(LogError::Behind {
                found: size,
                signed: known,
            });
        }
        closing.pass_witnessed(conn, size).await?;
        let memory = &mut closing.memory;
        memory.take_in(conn, size).await?;
        if let Some(stored) = stored {
            let published = self.checked(memory, stored);
            closing.published = Some(published.ok_or(LogError::Checkpoint(size))?);
        }
        Ok(Some(closing))
    }

    /// Takes in what other instances committed since, and notes whether it goes on from what was published from here.
    pub async fn observe(&self, database: &Database) {
        let followed = match database.read().await {
            Ok(mut conn) => self.follow(&mut conn).await,
            Err(error) => Err(error.into()),
        };
        let is_whole = match followed {
            Ok(()) => true,
            Err(LogError::Storage(error)) => {
                tracing::warn!(cause = %error, "the log lags behind the database");
                return;
            }
            Err(error) => {
                tracing::error!(%error, "the log is not followed any further");
                false
            }
        };
        let size = self.memory().await.replay.size();
        let is_whole = is_whole && self.0.witnessing.check(size).is_ok();
        self.0.contradicted.store(!is_whole, Ordering::Relaxed);
        if let Err(error) = self.save().await {
            tracing::warn!(cause = %error, "the log's snapshot cannot be written: a start takes longer");
        }
    }

    /// Whether the database has another log than the one that was published from here: nothing is signed on it.
    pub fn is_contradicted(&self) -> bool {
        self.0.contradicted.load(Ordering::Relaxed)
    }
}

impl Memory {
    /// Tree, map and key list.
    pub const fn replay(&self) -> &Replay {
        &self.replay
    }

    /// The hashes of the tree's complete subtrees.
    pub(super) fn nodes(&self, size: u64) -> TiledNodes<'_, Tiles> {
        TiledNodes::new(&self.tiles, size)
    }

    pub(super) const fn tiles(&self) -> &Tiles {
        &self.tiles
    }

    pub(super) const fn members(&self) -> &Members {
        &self.members
    }

    /// What every proof on this checkpoint of it has; none where its last entry is not at hand.
    fn ending(&self, note: &str) -> Option<Ending> {
        let size = self.replay.size();
        let state = self.last.clone()?;
        Ending::of(self.replay.keys(), state, &self.nodes(size), size, note)
    }

    /// The root of the tree over the first `size` entries; none where there are not as many.
    pub fn root_at(&self, size: u64) -> Option<Digest> {
        if size > self.replay.size() {
            return None;
        }
        tiles_root(&self.tiles, size)
    }

    /// That the tree continues that of its own first `size` entries; none where there are not as many.
    pub fn consistency(&self, size: u64) -> Option<Vec<Digest>> {
        let whole = self.replay.size();
        merkle::consistency_proof(&self.nodes(whole), size, whole).ok()
    }

    /// Takes in the entries from where memory stands up to `size`.
    async fn take_in(&mut self, conn: &mut Connection, size: u64) -> Result<(), LogError> {
        while self.replay.size() < size {
            let from = self.replay.size();
            let many = u32::try_from(size - from).map_or(WINDOW, |many| many.min(WINDOW));
            let window = log::entries(conn, from, many).await?;
            if window.is_empty() {
                return Err(LogError::Missing(from));
            }
            let near = |index: u64| {
                let place = usize::try_from(index.checked_sub(from)?).ok()?;
                window.get(place).map(|(_, body)| body.as_slice())
            };
            let (entries, broken) = self.parsed(&window);
            let entries = entries.iter().zip(&window);
            let entries = entries.map(|(entry, (_, body))| {
                let body = body.as_slice();
                (Next::of(entry, body), body)
            });
            let entries: Vec<_> = entries.collect();
            self.push_all(conn, near, &entries).await?;
            if let Some(broken) = broken {
                return Err(broken);
            }
        }
        Ok(())
    }

    /// What the next entries say, up to the first that is not there or says nothing.
    fn parsed(&self, window: &[(u64, Vec<u8>)]) -> (Vec<Entry>, Option<LogError>) {
        let mut entries = Vec::with_capacity(window.len());
        for ((index, body), expected) in window.iter().zip(self.replay.size()..) {
            if *index != expected {
                return (entries, Some(LogError::Missing(expected)));
            }
            match Entry::parse(body) {
                Ok(entry) => entries.push(entry),
                Err(error) => return (entries, Some(unreadable(expected, error).into())),
            }
        }
        (entries, None)
    }

    /// Takes in the next entries with their bytes, of whose neighbours some are at hand.
    async fn push_all<'w>(
        &mut self,
        conn: &mut Connection,
        near: impl Fn(u64) -> Option<&'w [u8]>,
        entries: &[(Next<'_>, &[u8])],
    ) -> Result<(), LogError> {
        for together in entries.chunks(WARM) {
            self.replay.warm(together.iter().map(|(next, _)| *next));
            for (next, body) in together {
                self.push(conn, &near, *next, body).await?;
            }
        }
        Ok(())
    }

    /// Takes in the next entry, of whose neighbours some are at hand.
    async fn push<'w>(
        &mut self,
        conn: &mut Connection,
        near: impl Fn(u64) -> Option<&'w [u8]>,
        next: Next<'_>,
        body: &[u8],
    ) -> Result<(), LogError> {
        let needed = next.key().and_then(|key| self.replay.needs_for(key));
        let earlier = match (needed, needed.and_then(&near)) {
            (None, _) => None,
            (_, Some(body)) => Entry::parse(body).ok(),
            (Some(needed), None) => {
                let stored = log::entries(conn, needed, 1).await?.pop();
                stored.and_then(|(_, body)| Entry::parse(&body).ok())
            }
        };
        let tiles = &mut self.tiles;
        let keep = |node: Node| tiles.keep(&node);
        let is_new = earlier.is_none();
        self.replay.push_next(next, earlier.as_ref(), keep)?;
        let last = self.last.get_or_insert_default();
        last.clear();
        last.extend_from_slice(body);
        if let (Some(key), Event::Member { member, .. }) = (next.key(), &next.entry().event)
            && is_new
            && let Some(number) = self.replay.map().number(&key)
        {
            self.members.keep(number, *member);
        }
        Ok(())
    }
}

/// That the bytes of an entry are those of none.
pub fn unreadable(index: u64, error: EntryError) -> Broken {
    Broken {
        index,
        fault: error.into(),
    }
}

/// The root of the tree over the first `size` leaves.
fn tiles_root(tiles: &Tiles, size: u64) -> Option<Digest> {
    merkle::root(&TiledNodes::new(tiles, size), size).ok()
}
