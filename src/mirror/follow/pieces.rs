//! Piece by piece: fetched ahead, checked and kept in the log's order.

use std::{collections::BTreeMap, iter, ops::Range, sync::Arc};

use charter_proof::{canonical::Digest, entry::Event, evidence::Claim, keys::KeyList};
use futures_util::{Stream, StreamExt as _, stream};
use tokio::task::{JoinError, spawn_blocking};

use super::{
    Contradiction, Follower, Goal, RoundError,
    judge::{Fault, Judge, Known, Piece},
};
use crate::{
    clock::Clock,
    log::memory::{Closing, LogError},
    mirror::{
        check::{self, Item},
        evidence::Scene,
        keep::{self, Thread},
        stage::{PIECE, Stage},
    },
    storage::{LogTransaction, records::Record},
};

/// How many entries a bundle has.
const BUNDLE: u64 = 256;

/// How many pieces are fetched ahead.
const AHEAD: usize = 4;

/// A piece as it was fetched.
pub(super) struct Fetched {
    /// The piece.
    pub piece: Piece,
    /// The keys by which its records were verified already.
    pub by: Option<KeyList>,
}

/// What is done with a piece as soon as it is fetched.
#[derive(Clone)]
pub(super) struct Ahead {
    /// Where its records are laid down.
    pub stage: Stage,
    /// By which keys they are verified.
    pub known: Known,
    /// Where the randomness comes from by which signatures are summed up.
    pub clock: Clock,
}

impl Ahead {
    fn prepare(&self, piece: Piece) -> Result<Fetched, RoundError> {
        self.stage.put(&piece).map_err(RoundError::Stage)?;
        let by = self.known.get().and_then(|known| {
            let (list, keys) = &*known;
            let verified = check::audit_alone(&piece, keys, self.clock.random());
            verified.is_ok().then(|| list.clone())
        });
        Ok(Fetched { piece, by })
    }
}

/// What a piece is written by, and the log in memory that goes on with it.
pub(super) type Open = (LogTransaction, Closing);

impl Follower {
    /// Takes in everything from the kept entries up to the goal, at once.
    pub(super) async fn take_in(
        &mut self,
        goal: &Goal,
        kept: u64,
        thread: &mut Thread,
    ) -> Result<(), RoundError> {
        let mut fetching = self.fetching(goal, kept..goal.size(), PIECE, None);
        let mut open = self.opened(kept).await?;
        while let Some(fetched) = fetching.next().await {
            let Fetched { piece, .. } = fetched??;
            open = self.one(goal, open, piece, thread).await?;
            (self.progress)(open.0.head().size, goal.size());
        }
        let (mut tx, closing) = open;
        let withheld = Record::withheld(&mut tx).await?;
        if withheld > 0 {
            return Err(RoundError::Withheld(withheld));
        }
        self.publish(tx, closing, goal).await
    }

    /// These entries in pieces of this length, as they arrive and once what can be done ahead is done.
    pub(super) fn fetching(
        &self,
        goal: &Goal,
        entries: Range<u64>,
        length: u64,
        ahead: Option<&Ahead>,
    ) -> impl Stream<Item = Result<Result<Fetched, RoundError>, JoinError>> + Unpin + use<> {
        let (source, tree) = (self.source.clone(), goal.tree.clone());
        let ahead = ahead.cloned();
        let pieces = pieces(entries, length).map(move |(from, to)| {
            let bundles = from / BUNDLE..to.div_ceil(BUNDLE);
            let fetched = check::fetch(source.clone(), tree.clone(), bundles);
            let ahead = ahead.clone();
            tokio::spawn(async move {
                let mut items = fetched.await?;
                items.retain(|item| item.index >= from);
                let piece = Arc::new(items);
                match ahead {
                    Some(ahead) => spawn_blocking(move || ahead.prepare(piece)).await?,
                    None => Ok(Fetched { piece, by: None }),
                }
            })
        });
        stream::iter(pieces).buffered(AHEAD)
    }

    /// Begins to write, after this many entries.
    pub(super) async fn opened(&self, kept: u64) -> Result<Open, RoundError> {
        let tx = self.writing(kept).await?;
        let closing = self.log.copying().await;
        if closing.replay().size() == kept {
            Ok((tx, closing))
        } else {
            Err(RoundError::Overtaken)
        }
    }

    /// Begins to write after this many entries, of a log that is open.
    pub(super) async fn writing(&self, kept: u64) -> Result<LogTransaction, RoundError> {
        let tx = self.database.begin_log().await?;
        let is_next = tx.head().size == kept;
        is_next.then_some(tx).ok_or(RoundError::Overtaken)
    }

    /// Appends a piece, replays it, verifies its records and keeps what it comes to.
    async fn one(
        &self,
        goal: &Goal,
        (mut tx, mut closing): Open,
        items: Piece,
        thread: &mut Thread,
    ) -> Result<Open, RoundError> {
        let documents = self.documents(&items).await?;
        self.append(&mut tx, &items).await?;
        let begun = match closing.take_in(&mut tx).await {
            Ok(()) => self.judge(items.clone()).audit(&closing),
            Err(broken) => Err(Fault::Log(broken)),
        };
        let (verdict, kept) = match begun {
            Ok(auditing) => tokio::join!(
                auditing.verdict(),
                keep::keep(&mut tx, &items, &documents, thread)
            ),
            Err(fault) => return Err(self.convicted(goal, &mut tx, &items, fault).await?),
        };
        // What is no record is told before what cannot be made of it.
        if let Err(fault) = verdict {
            return Err(self.convicted(goal, &mut tx, &items, fault).await?);
        }
        kept?;
        Ok((tx, closing))
    }

    /// Whoever judges a piece.
    pub(super) fn judge(&self, items: Piece) -> Judge {
        Judge {
            items,
            origin: self.pin.policy.origin.clone(),
            clock: self.clock.clone(),
        }
    }

    /// Appends the entries of a piece.
    pub(super) async fn append(
        &self,
        tx: &mut LogTransaction,
        items: &[Item],
    ) -> Result<(), RoundError> {
        let at = items.iter().rev().find_map(|item| item.entry.as_ref());
        let at = at.map_or_else(|| self.clock.now(), |entry| entry.at);
        let bodies = items.iter().map(|item| item.bytes.to_vec()).collect();
        tx.append_all(at, bodies).await?;
        Ok(())
    }

    /// The documents of the charters that are published in these entries.
    pub(super) async fn documents(
        &self,
        items: &[Item],
    ) -> Result<BTreeMap<Digest, Vec<u8>>, RoundError> {
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

    /// Makes what was taken in permanent and lets readers have it: a trusted key signed it.
    pub(super) async fn publish(
        &self,
        mut tx: LogTransaction,
        mut closing: Closing,
        goal: &Goal,
    ) -> Result<(), RoundError> {
        if !closing.replay().ends_with_state() {
            let size = closing.replay().size();
            let scene = self.scene(goal);
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

    fn scene<'a>(&'a self, goal: &'a Goal) -> Scene<'a> {
        Scene {
            note: &goal.note,
            tree: &goal.tree,
            source: &self.source,
        }
    }

    /// What a fault of the log or of its records comes to.
    pub(super) async fn convicted(
        &self,
        goal: &Goal,
        tx: &mut LogTransaction,
        items: &[Item],
        fault: Fault,
    ) -> Result<RoundError, RoundError> {
        let scene = self.scene(goal);
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
}

/// The pieces of these entries, each from where to where: they begin at multiples of their length, but for the first.
pub(super) fn pieces(entries: Range<u64>, length: u64) -> impl Iterator<Item = (u64, u64)> {
    let Range {
        start: from,
        end: to,
    } = entries;
    let end = move |from: u64| (from + 1).next_multiple_of(length).min(to);
    let piece = move |from: u64| (from < to).then(|| (from, end(from)));
    iter::successors(piece(from), move |(_, end)| piece(*end))
}

impl Goal {
    /// How many entries it has.
    pub(super) fn size(&self) -> u64 {
        self.tree.checkpoint().size
    }

    /// That the registry signed this checkpoint of what cannot be.
    fn contradicts(&self, what: String, claim: Option<Claim>) -> RoundError {
        let size = self.tree.checkpoint().size;
        let claim = claim.map(Box::new);
        Contradiction { what, size, claim }.into()
    }
}
