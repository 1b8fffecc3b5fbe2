//! A registry's own database, brought back to what was published: the signed entries it lacks are replayed from a copy.
//!
//! For a registry that was restored from an older backup and whose high-water mark knows more. Whoever has a copy is
//! trusted with nothing: the entries come to a checkpoint that the log's own key signed and to the root that the mark
//! has, and every record is verified. Nothing is signed here.

use std::{collections::BTreeMap, sync::Arc};

use charter_proof::{
    audit::Bad,
    canonical::Digest,
    entry::{Event, Status},
    identity::did_of_host,
    status_list::StatusPurpose,
    verify::TrustedKeys,
};
use chrono::{DateTime, Utc};

use super::{
    check::{self, Item},
    keep::{self, KeepError, Thread},
    source::{Fetched, Source, SourceError},
    tree::{SignedTree, TreeError},
};
use crate::{
    clock::Clock,
    log::{
        mark::{Marked, marked},
        memory::{Closing, Log, LogError},
    },
    rules::{
        audit::{Action, ActorKind, Body, SubjectKind, Who},
        id::MemberId,
    },
    storage::{
        self, Database, LogTransaction, audit, charters::Published, log, memberships::Membership,
        records::Record, status_lists, traces,
    },
};

/// How many bundles are taken in at a time: 4,096 entries.
const BUNDLES: u64 = 16;

/// How many of the newest entries are looked at for what they mean for the next.
const BACK: u64 = 64;

/// More lists than a registry ever has.
const MOST_LISTS: u32 = 100_000;

/// Why nothing is recovered; the database stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// The copy does not give something.
    #[error("the copy does not give what is needed")]
    Source(#[from] SourceError),
    /// What the copy gives does not come to its checkpoint.
    #[error("the copy is not whole")]
    Tree(#[from] TreeError),
    /// The high-water mark cannot be read.
    #[error("the high-water mark cannot be read")]
    Mark(#[source] std::io::Error),
    /// The database is not one of a registry.
    #[error("the database has no log that could be continued: restore a backup first")]
    Empty,
    /// The checkpoint is none.
    #[error(
        "the copy's checkpoint is not one of this registry's log, or no key in force signed it"
    )]
    NotSigned,
    /// The copy has less than was published.
    #[error(
        "the copy has {found} entries, and {needed} are needed: find one that has as much as was published"
    )]
    Short {
        /// What it has.
        found: u64,
        /// What was published, or what the database has.
        needed: u64,
    },
    /// The copy is of another log.
    #[error(
        "the copy does not continue what {0} has: it is of another log, or of one that parted from it. Nothing of it is \
         taken"
    )]
    OtherLog(&'static str),
    /// The log breaks its rules.
    #[error(transparent)]
    Log(LogError),
    /// A record is not authentic.
    #[error("the copy gives a record that is not authentic")]
    Record(#[source] Bad),
    /// Records are missing.
    #[error("the copy withholds {0} records that no entry of the log redacts")]
    Withheld(i64),
    /// An entry is authentic and not understood.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// Work broke off.
    #[error("work broke off")]
    BrokenOff(#[from] tokio::task::JoinError),
    /// The audit cannot be continued.
    #[error("the audit's row cannot be written")]
    Audit(#[source] charter_proof::canonical::CanonicalError),
}

impl From<LogError> for RecoverError {
    fn from(error: LogError) -> Self {
        match error {
            LogError::Storage(error) => Self::Storage(error),
            LogError::Checkpoint(_) => Self::NotSigned,
            other => Self::Log(other),
        }
    }
}

/// What was brought back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Recovered {
    /// How many entries the database had.
    pub from: u64,
    /// How many it has now.
    pub to: u64,
    /// How many memberships changed with them.
    pub members: usize,
}

/// What the replayed entries did to a membership.
struct Turn {
    ended: bool,
    status: Status,
}

/// A registry whose database is to be brought back.
pub struct Recovery<'a> {
    /// The database.
    pub database: &'a Database,
    /// Its log in memory, as far as it goes.
    pub log: &'a Log,
    /// The copy.
    pub source: Arc<Source>,
    /// The time, for the audit.
    pub clock: &'a Clock,
}

impl Recovery<'_> {
    /// Replays what the copy has beyond the database, all or nothing; `progress` is told of how many entries of how many.
    pub async fn run(
        self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Recovered, RecoverError> {
        let known = self.log.mark().read().map_err(RecoverError::Mark)?;
        let note = self.source.checkpoint().await?;
        let found = marked(&note).ok_or(RecoverError::NotSigned)?;
        let mut tx = self.database.begin_log().await?;
        let mut closing = self.log.copying().await;
        let kept = tx.head().size;
        if kept == 0 || closing.replay().size() != kept {
            return Err(RecoverError::Empty);
        }
        let size = found.checkpoint.size;
        if found.checkpoint.origin != closing.replay().origin() {
            return Err(RecoverError::NotSigned);
        }
        let needed = known
            .as_ref()
            .map_or(0, |known| known.checkpoint.size)
            .max(kept);
        if size < needed {
            return Err(RecoverError::Short {
                found: size,
                needed,
            });
        }
        let tree = Arc::new(SignedTree::fetch(&self.source, found.checkpoint, kept).await?);
        if tree.root_at(kept).ok() != Some(closing.replay().root()) {
            return Err(RecoverError::OtherLog("the database"));
        }
        let mut turns = BTreeMap::new();
        let mut thread = Thread::of(&log::entries(&mut tx, kept.saturating_sub(BACK), 64).await?);
        for first in (kept / 256..size.div_ceil(256)).step_by(16) {
            let bundles = first..first + BUNDLES;
            let mut items = check::fetch(self.source.clone(), tree.clone(), bundles).await?;
            items.retain(|item| item.index >= kept);
            note_turns(&items, &mut turns);
            self.take_in(&mut tx, &mut closing, items, &mut thread)
                .await?;
            progress(tx.head().size, size);
        }
        let withheld = Record::withheld(&mut tx).await?;
        if withheld > 0 {
            return Err(RecoverError::Withheld(withheld));
        }
        check_mark(&closing, known.as_ref())?;
        closing.certify(&note)?;
        self.mend(&mut tx, &turns).await?;
        if size > kept {
            let at = self.clock.now();
            write_down(&mut tx, (kept, size), at).await?;
        }
        tx.set_checkpoint(&note).await?;
        tx.commit().await?;
        closing.settle()?;
        Ok(Recovered {
            from: kept,
            to: size,
            members: turns.len(),
        })
    }

    /// Appends entries, replays them, verifies their records and keeps what they come to.
    async fn take_in(
        &self,
        tx: &mut LogTransaction,
        closing: &mut Closing,
        items: Vec<Item>,
        thread: &mut Thread,
    ) -> Result<(), RecoverError> {
        let Some(last) = items.iter().rev().find_map(|item| item.entry.as_ref()) else {
            return Ok(());
        };
        let bodies = items.iter().map(|item| item.bytes.to_vec()).collect();
        tx.append_all(last.at, bodies).await?;
        closing.take_in(tx).await?;
        let origin = closing.replay().origin();
        let host = origin.strip_suffix("/log").unwrap_or(origin);
        let keys = closing.replay().keys().clone();
        let keys = TrustedKeys::from_key_list(&did_of_host(host), keys);
        let (items, clock) = (Arc::new(items), self.clock.clone());
        let audited = {
            let items = items.clone();
            tokio::task::spawn_blocking(move || check::audit(&items, &keys, &clock))
        };
        audited.await?.map_err(RecoverError::Record)?;
        let mut documents = BTreeMap::new();
        for item in items.iter() {
            let event = item.entry.as_ref().map(|entry| &entry.event);
            if let Some(Event::CharterPublished { digest, .. }) = event {
                documents.insert(*digest, self.source.charter(*digest).await?);
            }
        }
        keep::keep(tx, &items, &documents, thread).await?;
        Ok(())
    }

    /// Brings back what stands in no entry and follows from them: numbers, traces, places in status lists.
    async fn mend(
        &self,
        tx: &mut LogTransaction,
        turns: &BTreeMap<MemberId, Turn>,
    ) -> Result<(), RecoverError> {
        for member in turns.keys() {
            if let Some(membership) = Membership::find_anywhere(tx, *member).await? {
                Published::gave_number(tx, &membership.charter, membership.number).await?;
                traces::keep_names_told(tx, &membership).await?;
            }
        }
        let members: Vec<MemberId> = turns.keys().copied().collect();
        for mut held in status_lists::places_of(tx, &members).await? {
            let Some(turn) = turns.get(&held.member) else {
                continue;
            };
            held.revoked |= turn.ended;
            if !held.revoked {
                held.suspended = turn.status == Status::Suspended;
            }
            status_lists::mark(tx, &held).await?;
            if held.revoked && matches!(turn.status, Status::Active | Status::Suspended) {
                status_lists::leave(tx, held.member).await?;
            }
        }
        self.close_lists(tx).await
    }

    /// Closes every list that was begun: who was given a place since the backup is not known, so those credentials end.
    async fn close_lists(&self, tx: &mut LogTransaction) -> Result<(), RecoverError> {
        let newest = status_lists::newest(tx).await?;
        let mut number = newest.map_or(1, |(number, _)| number + 1);
        while number < MOST_LISTS {
            let purpose = StatusPurpose::Revocation;
            let list = self.source.status_list(purpose, number, None);
            if list.await? == Fetched::Nothing {
                break;
            }
            status_lists::begin(tx, number).await?;
            number += 1;
        }
        Ok(status_lists::close_all(tx).await?)
    }
}

/// Whether what was replayed goes on from what was published.
fn check_mark(closing: &Closing, known: Option<&Marked>) -> Result<(), RecoverError> {
    let Some(Marked { checkpoint, .. }) = known else {
        return Ok(());
    };
    if closing.root_at(checkpoint.size) == Some(checkpoint.root) {
        Ok(())
    } else {
        Err(RecoverError::OtherLog("the high-water mark"))
    }
}

fn note_turns(items: &[Item], turns: &mut BTreeMap<MemberId, Turn>) {
    let entries = items.iter().filter_map(|item| item.entry.as_ref());
    for entry in entries {
        if let Event::Member { member, status, .. } = &entry.event {
            let ended = matches!(status, Status::Excluded | Status::Withdrawn);
            let turn = turns.entry(MemberId(*member)).or_insert(Turn {
                ended,
                status: *status,
            });
            turn.ended |= ended;
            turn.status = *status;
        }
    }
}

/// Writes a row of the audit: these entries were not made here, and what the audit said of them is lost.
async fn write_down(
    tx: &mut LogTransaction,
    (from, to): (u64, u64),
    at: DateTime<Utc>,
) -> Result<(), RecoverError> {
    let head = audit::lock_head(tx).await?;
    let body = Body {
        seq: head.size,
        at,
        actor: Who {
            kind: ActorKind::Host,
            id: None,
            role: None,
        },
        action: Action::LogRecovered,
        subject_kind: SubjectKind::Registry,
        subject: Some(format!("{from}-{to}")),
        request: None,
        before: None,
        after: None,
    };
    let hash: Digest = body.hash(head.hash).map_err(RecoverError::Audit)?;
    let entry = audit::Entry {
        body,
        previous: head.hash,
        hash,
    };
    let after = audit::Head {
        size: head.size + 1,
        hash,
    };
    Ok(audit::append(tx, &[entry], after).await?)
}
