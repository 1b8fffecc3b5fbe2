//! Round after round: the newest checkpoint, what is new up to it, all of it checked, published at once.
//!
//! While nothing is published yet, the log is copied first, and the tables are made of it afterwards, both piece by piece, so
//! that whoever is interrupted goes on where it was: the log is served once it is whole, members once the tables are. Later
//! everything up to a checkpoint is one transaction: readers never see half of it.

mod checkpoints;
mod copying;
mod judge;
mod lists;
mod pieces;
mod readers;
mod telling;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use charter_proof::{
    canonical::Digest,
    evidence::{Claim, Evidence},
};
use tokio::time::sleep;

pub use lists::Copies;

use super::{
    evidence,
    keep::{KeepError, Thread},
    pin::Pin,
    source::{Source, SourceError},
    stage::Stage,
    standing::{CaughtUp, Standing, State},
    tree::{SignedTree, TreeError},
};
use crate::{
    clock::Clock,
    directory::{self, Directory},
    log::{
        mark::marked,
        memory::{Log, LogError},
    },
    storage::{self, Database, log},
};

/// How many of the newest entries are looked at for what they mean for the next.
const BACK: u64 = 64;

/// Why a round did not bring the mirror up to date.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The registry does not give something, or gives what cannot be used.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What it gives is not what it signed.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// The log in memory cannot be kept.
    #[error(transparent)]
    Log(LogError),
    /// The reading room cannot be brought up to date.
    #[error(transparent)]
    Directory(#[from] directory::Error),
    /// What is authentic cannot be kept.
    #[error(transparent)]
    Keep(KeepError),
    /// The checkpoint is none of this log, or no key that is trusted signed it.
    #[error("the checkpoint is not signed by a key of the registry that is trusted here")]
    NotSigned,
    /// The registry shows less than it signed before.
    #[error("the registry serves {found} entries, and it signed {known} before")]
    Behind {
        /// How many it serves.
        found: u64,
        /// How many it signed.
        known: u64,
    },
    /// Records are missing and no entry says that they were removed.
    #[error("the registry withholds {0} records that no entry of its log redacts")]
    Withheld(i64),
    /// The records that wait for their tables cannot be written or read.
    #[error("the folder for what is copied")]
    Stage(#[source] io::Error),
    /// A status list is none to rely on.
    #[error("a status list is not accepted: {0}")]
    StatusList(String),
    /// Somebody else wrote to this database meanwhile.
    #[error("another process follows the registry in this database, too")]
    Overtaken,
    /// Work broke off.
    #[error("work broke off")]
    BrokenOff(#[from] tokio::task::JoinError),
    /// The registry signed what cannot be.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
}

/// The registry signed what contradicts itself or the rules of its log.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
pub struct Contradiction {
    /// What it is, for people.
    what: String,
    /// The size of the checkpoint that it signed.
    size: u64,
    /// What shows it to others, where that goes into a file.
    claim: Option<Box<Claim>>,
}

impl From<LogError> for RoundError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Storage(error) => Self::Storage(error),
            LogError::Checkpoint(_) => Self::NotSigned,
            other => Self::Log(other),
        }
    }
}

impl From<KeepError> for RoundError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Storage(error) => Self::Storage(error),
            other => Self::Keep(other),
        }
    }
}

/// Told of how many entries of how many are kept.
pub type Progress = Box<dyn FnMut(u64, u64) + Send + Sync>;

/// Whoever follows the registry.
pub struct Follower {
    /// The registry.
    pub source: Arc<Source>,
    /// Where what holds is kept.
    pub database: Database,
    /// The log in memory.
    pub log: Log,
    /// What readers are answered from.
    pub directory: Directory,
    /// Time, and the randomness of batches.
    pub clock: Clock,
    /// Whom it trusts.
    pub pin: Pin,
    /// What the API tells of it.
    pub standing: Arc<Standing>,
    /// How long after one round the next begins.
    pub every: Duration,
    /// Where evidence is laid down.
    pub data: PathBuf,
    /// Where records wait for their tables.
    pub stage: Stage,
    /// Told of how far it is.
    pub progress: Progress,
    /// The lists as they came last, and the entity tags of those that have one.
    pub copies: Copies,
    /// The lists that were last held against the log, and the log's size then.
    pub lists: Option<(u64, Vec<Digest>)>,
    /// The lists that did not say what the log says, and when the checkpoint was signed that was served then.
    pub doubted: Option<((u64, Vec<Digest>), u64)>,
}

/// A checkpoint that a trusted key signed, and its tree as far as it is new.
struct Goal {
    note: String,
    tree: Arc<SignedTree>,
}

impl Follower {
    /// Follows until the registry contradicts itself.
    pub async fn follow(mut self) {
        let mut thread = None;
        if self.pin.pinned.contradicted.is_some() {
            self.rest().await;
            return;
        }
        // What held when it last ran is there from the start, whether the registry can be reached or not.
        if let Err(error) = self.serve().await {
            tracing::error!(%error, "what is kept cannot be served");
        }
        loop {
            match self.round(&mut thread).await {
                Ok(()) => self.note_success(),
                Err(RoundError::Contradiction(contradiction)) => {
                    self.stop(&contradiction).await;
                    return;
                }
                Err(error) => self.note_failure(&error),
            }
            sleep(self.every).await;
        }
    }

    /// Serves what was last known to hold, and asks no more.
    async fn rest(&mut self) {
        if let Err(error) = self.serve().await {
            tracing::error!(%error, "what is kept cannot be served");
        }
        let pinned = &self.pin.pinned;
        self.standing.note(|now| {
            now.state = State::Contradicted;
            now.detail.clone_from(&pinned.contradicted);
            now.evidence.clone_from(&pinned.evidence);
        });
    }

    async fn stop(&mut self, contradiction: &Contradiction) {
        let what = contradiction.to_string();
        tracing::error!(
            contradiction = what,
            "nothing more of the registry is accepted"
        );
        self.pin.pinned.contradicted = Some(what);
        self.pin.pinned.evidence = self.lay_down(contradiction);
        if let Err(error) = self.write_pin().await {
            tracing::error!(%error, "that the registry contradicts itself cannot be written down");
        }
        self.rest().await;
    }

    /// The name of the file that shows it to others.
    fn lay_down(&self, contradiction: &Contradiction) -> Option<String> {
        let claim = contradiction.claim.as_deref()?.clone();
        let evidence = Evidence::new(self.pin.policy.origin.clone(), claim);
        match evidence::lay_down(&self.data, contradiction.size, &evidence) {
            Ok(name) => {
                tracing::error!(
                    file = name,
                    "the evidence lies in the data folder: charter-registry verify checks it"
                );
                Some(name)
            }
            Err(error) => {
                tracing::error!(%error, "the evidence cannot be written");
                None
            }
        }
    }

    async fn write_pin(&self) -> Result<(), storage::Error> {
        let mut tx = self.database.begin().await?;
        self.pin.pinned.put(&mut tx).await?;
        tx.commit().await
    }

    fn note_success(&self) {
        let now = self.clock.now();
        self.standing.note(|standing| {
            standing.state = State::Following;
            standing.checked_at = Some(now);
            standing.detail = None;
        });
    }

    fn note_failure(&self, error: &RoundError) {
        tracing::warn!(cause = %causes(error), "the mirror lags behind the registry");
        self.standing.note(|standing| {
            standing.state = State::Stale;
            standing.detail = Some(causes(error));
        });
    }

    /// One round: afterwards everything is here that the registry published, or why not.
    async fn round(&mut self, thread: &mut Option<Thread>) -> Result<(), RoundError> {
        self.log.follow(&mut self.database.read().await?).await?;
        let note = self.source.checkpoint().await?;
        let found = self.judged(&note).await?;
        let target = self.pin.pinned.target.as_deref().and_then(marked);
        if let Some(target) = &target {
            self.compare(&found, target).await?;
        }
        let found = found.marked;
        let size = found.checkpoint.size;
        self.standing.note(|now| now.size = Some(size));
        let kept = self.log.memory().await.replay().size();
        let newest = self.log.newest();
        let is_known = newest.is_some_and(|newest| newest.checkpoint == found.checkpoint);
        if is_known {
            self.renew(found).await?;
        } else {
            let near = target.map_or(kept, |target| target.checkpoint.size);
            let tree = SignedTree::fetch(&self.source, found.checkpoint, near).await?;
            self.accept(note, tree, kept, thread).await?;
        }
        self.serve().await?;
        self.copy_lists().await
    }

    /// Takes in what is new up to a checkpoint.
    async fn accept(
        &mut self,
        note: String,
        tree: SignedTree,
        kept: u64,
        thread: &mut Option<Thread>,
    ) -> Result<(), RoundError> {
        if let Some(target) = self.pin.pinned.target.as_deref().and_then(marked) {
            self.check_extends(&note, &tree, &target).await?;
        }
        self.standing.note(|now| now.state = State::CatchingUp);
        let goal = Goal {
            note,
            tree: Arc::new(tree),
        };
        if self.log.newest().is_none() {
            // What is committed piece by piece belongs to this.
            self.pin.pinned.target = Some(goal.note.clone());
            self.pin.pinned.told.get_or_insert(kept);
            self.write_pin().await?;
            return self.copy(&goal, kept).await;
        }
        // What follows changes the tables, which must tell what stands before.
        self.tell().await?;
        let mut going_on = match thread.take() {
            Some(thread) => thread,
            None => self.thread_at(kept).await?,
        };
        self.take_in(&goal, kept, &mut going_on).await?;
        *thread = Some(going_on);
        self.pin.pinned.target = Some(goal.note);
        Ok(self.write_pin().await?)
    }

    /// What the newest of these entries mean for the next.
    async fn thread_at(&self, kept: u64) -> Result<Thread, RoundError> {
        let mut conn = self.database.read().await?;
        let newest = log::entries(&mut conn, kept.saturating_sub(BACK), 64).await?;
        let newest: Vec<_> = newest
            .into_iter()
            .filter(|(index, _)| *index < kept)
            .collect();
        Ok(Thread::of(&newest))
    }

    /// Lets readers have what is published.
    async fn serve(&mut self) -> Result<(), RoundError> {
        let Some(newest) = self.log.newest() else {
            return Ok(());
        };
        let size = newest.checkpoint.size;
        let map = {
            let memory = self.log.memory().await;
            let keys = memory.replay().keys();
            self.standing.tell_log_keys(self.pin.log_keys(keys));
            memory.replay().map().root()
        };
        self.standing.note(|now| {
            now.kept = size;
            now.cosigned_at = Some(newest.cosigned_at);
        });
        self.standing.tell(CaughtUp {
            size,
            root: newest.checkpoint.root,
            map,
        });
        self.standing.open_log();
        self.tell().await?;
        self.directory.catch_up(size).await?;
        self.standing.note(|now| now.told = size);
        self.standing.open();
        if let Err(error) = self.log.save_in_place().await {
            tracing::warn!(cause = %error, "the log's snapshot cannot be written: a start takes longer");
        }
        Ok(())
    }
}

/// An error and what lies behind it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", causes(source)),
        None => error.to_string(),
    }
}
