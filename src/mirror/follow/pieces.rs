//! Piece by piece: fetched ahead, checked and kept in the log's order.

use std::{collections::BTreeMap, sync::Arc};

use charter_proof::{canonical::Digest, entry::Event, evidence::Claim};
use futures_util::{StreamExt as _, stream};

use super::{
    Contradiction, Follower, Goal, RoundError,
    judge::{Fault, Judge},
    readers::Readers,
};
use crate::{
    directory::Changes,
    log::memory::{Closing, LogError},
    mirror::{
        check::{self, Item},
        evidence::Scene,
        keep::{self, Thread},
        standing::State,
    },
    storage::{Database, LogTransaction, records::Record},
};

/// How many bundles make a piece: 4,096 entries.
const BUNDLES: u64 = 16;

/// How many pieces are fetched ahead.
const AHEAD: usize = 2;

/// What a piece is written by, and the log in memory that goes on with it.
type Open = (LogTransaction, Closing);

impl Follower {
    /// Takes in everything from the kept entries up to the goal.
    pub(super) async fn take_in(
        &mut self,
        goal: &Goal,
        kept: u64,
        going_on: &mut Thread,
        settled: &mut Option<Thread>,
    ) -> Result<(), RoundError> {
        let size = goal.tree.checkpoint().size;
        let is_first = self.log.newest().is_none();
        let pieces = (kept / 256..size.div_ceil(256)).step_by(16);
        let (source, tree) = (self.source.clone(), goal.tree.clone());
        let fetching = stream::iter(pieces).map(|first| {
            let fetched = check::fetch(source.clone(), tree.clone(), first..first + BUNDLES);
            tokio::spawn(fetched)
        });
        let mut fetching = fetching.buffered(AHEAD);
        let mut open: Option<Open> = None;
        if is_first {
            self.database.write_much(true).await?;
        }
        let (readers, mut newest) = (Readers::of(&self.directory), None);
        while let Some(fetched) = fetching.next().await {
            let mut items = fetched??;
            items.retain(|item| item.index >= kept);
            let opened = match open.take() {
                Some(open) => open,
                None => self.opened(items.first()).await?,
            };
            let ((tx, closing), changes) = self.one(goal, opened, items, going_on).await?;
            let done = tx.head().size;
            if is_first && done < size {
                tx.commit().await?;
                closing.settle()?;
                *settled = Some(going_on.clone());
                readers.tell(changes).await;
                self.note_progress(done, size).await;
            } else {
                (self.progress)(done, size);
                open = Some((tx, closing));
                newest = Some(changes).filter(|_| is_first);
            }
        }
        let (tx, closing) = match open.take() {
            Some(open) => open,
            None => self.opened(None).await?,
        };
        self.publish(tx, closing, goal).await?;
        *settled = Some(going_on.clone());
        if let Some(changes) = newest {
            readers.tell(changes).await;
        }
        readers.finish().await;
        if is_first {
            self.database.write_much(false).await?;
        }
        Ok(())
    }

    async fn opened(&self, next: Option<&Item>) -> Result<Open, RoundError> {
        let tx = self.database.begin_log().await?;
        let closing = self.log.copying().await;
        let size = tx.head().size;
        let is_next = next.is_none_or(|next| next.index == size);
        if is_next && closing.replay().size() == size {
            Ok((tx, closing))
        } else {
            Err(RoundError::Overtaken)
        }
    }

    async fn note_progress(&mut self, done: u64, size: u64) {
        (self.progress)(done, size);
        self.standing.note(|now| {
            now.kept = done;
            now.state = State::CatchingUp;
        });
        if let Err(error) = self.log.save().await {
            tracing::debug!(cause = %error, "the log's snapshot is written later");
        }
    }

    /// Appends a piece, replays it, verifies its records and keeps what it comes to.
    async fn one(
        &self,
        goal: &Goal,
        (mut tx, mut closing): Open,
        items: Vec<Item>,
        thread: &mut Thread,
    ) -> Result<(Open, Changes), RoundError> {
        let documents = self.documents(&items).await?;
        let at = items.iter().rev().find_map(|item| item.entry.as_ref());
        let at = at.map_or_else(|| self.clock.now(), |entry| entry.at);
        let judge = Judge {
            items: Arc::new(items),
            origin: self.pin.policy.origin.clone(),
            seed: self.clock.random(),
        };
        let items = judge.items.clone();
        let bodies = || items.iter().map(|item| item.bytes.clone()).collect();
        let (verdict, kept) = if self.is_beside() {
            let mut conn = self.database.read().await?;
            let judging = tokio::spawn(async move {
                let verdict = judge.ahead(&mut closing, &mut conn).await;
                (closing, verdict)
            });
            tx.append_all(at, bodies()).await?;
            let kept = keep::keep(&mut tx, &items, &documents, thread).await;
            let verdict;
            (closing, verdict) = judging.await?;
            (verdict, kept)
        } else {
            tx.append_all(at, bodies()).await?;
            if let Err(error) = closing.take_in(&mut tx).await {
                return Err(self.convicted(goal, &mut tx, &items, error.into()).await?);
            }
            tokio::join!(
                judge.audited(&closing),
                keep::keep(&mut tx, &items, &documents, thread)
            )
        };
        // What is no record is told before what cannot be made of it.
        if let Err(fault) = verdict {
            return Err(self.convicted(goal, &mut tx, &items, fault).await?);
        }
        Ok(((tx, closing), kept?))
    }

    /// Whether a piece is replayed beside what is written of it: while each piece is committed by itself, so that readers of
    /// the database see whatever it follows from; and on SQLite, where evidence of what is wrong with it is found in the
    /// transaction even if a statement failed meanwhile.
    fn is_beside(&self) -> bool {
        self.log.newest().is_none() && matches!(self.database, Database::Sqlite { .. })
    }

    /// What a fault of the log or of its records comes to.
    async fn convicted(
        &self,
        goal: &Goal,
        tx: &mut LogTransaction,
        items: &[Item],
        fault: Fault,
    ) -> Result<RoundError, RoundError> {
        let scene = Scene {
            note: &goal.note,
            tree: &goal.tree,
            source: &self.source,
        };
        Ok(match fault {
            Fault::Log(LogError::Broken(broken)) => {
                let claim = scene.of_entry(tx, &broken).await?;
                let what = format!("the registry signed a log that breaks its rules: {broken}");
                goal.contradicts(what, claim)
            }
            Fault::Log(error) => error.into(),
            Fault::Origin(logged) => {
                let what = format!("the registry signed the log of {logged} under its own name");
                goal.contradicts(what, scene.of_origin(tx).await?)
            }
            Fault::Record(bad, list) => {
                let claim = scene.of_record(tx, items, &bad, &list).await?;
                let what = format!(
                    "the registry signed a log that names a record which is none of it: {bad}"
                );
                goal.contradicts(what, claim)
            }
            Fault::BrokenOff(error) => error.into(),
        })
    }

    /// The documents of the charters that are published in these entries.
    async fn documents(&self, items: &[Item]) -> Result<BTreeMap<Digest, Vec<u8>>, RoundError> {
        let mut documents = BTreeMap::new();
        for item in items {
            if let Some(entry) = &item.entry
                && let Event::CharterPublished { digest, .. } = entry.event
            {
                documents.insert(digest, self.source.charter(digest).await?);
            }
        }
        Ok(documents)
    }

    async fn publish(
        &self,
        mut tx: LogTransaction,
        mut closing: Closing,
        goal: &Goal,
    ) -> Result<(), RoundError> {
        let withheld = Record::withheld(&mut tx).await?;
        if withheld > 0 {
            return Err(RoundError::Withheld(withheld));
        }
        if !closing.replay().ends_with_state() {
            let size = closing.replay().size();
            let scene = Scene {
                note: &goal.note,
                tree: &goal.tree,
                source: &self.source,
            };
            let claim = scene.of_entry_alone(&mut tx, size - 1).await?;
            let what = format!(
                "the registry signed a checkpoint of {size} entries whose last one is no state"
            );
            return Err(goal.contradicts(what, claim));
        }
        closing.certify(&goal.note)?;
        tx.set_checkpoint(&goal.note).await?;
        tx.commit().await?;
        Ok(closing.settle()?)
    }
}

impl Goal {
    /// That the registry signed this checkpoint of what cannot be.
    fn contradicts(&self, what: String, claim: Option<Claim>) -> RoundError {
        let size = self.tree.checkpoint().size;
        let claim = claim.map(Box::new);
        Contradiction { what, size, claim }.into()
    }
}
