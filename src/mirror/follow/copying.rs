//! The first copy: the log alone, verified whole, its records laid down for the tables that are made of it afterwards.
//!
//! One piece after the other is taken in, which one processor can do alone; whatever does not depend on the piece before is
//! done while it is fetched, its signatures verified by the keys that are known so far. They are verified again where the
//! log says by then that other keys are in force.

use futures_util::StreamExt as _;
use tokio::task::JoinHandle;

use super::{
    Follower, Goal, RoundError,
    judge::{self, Fault, Known, Taken},
    pieces::{Ahead, Fetched, Open},
};
use crate::{
    log::memory::{Closing, Reached},
    mirror::{
        keep,
        stage::{Lacking, PIECE},
    },
    storage::{self, LogTransaction, Writing},
};

/// How many entries a piece has: the more signatures in one sum, the less each takes.
const LENGTH: u64 = 8 * PIECE;

/// How many pieces are committed at once: whoever is killed copies so many again, and what was replayed meanwhile.
const TOGETHER: usize = 4;

/// Pieces that are appended and replayed, and not committed yet.
struct Group {
    open: Open,
    taken: Vec<Taken>,
}

/// A first copy under way: what the next piece is added to.
struct Run {
    /// Everything that was taken in.
    closing: Closing,
    /// The pieces that are not committed yet.
    taken: Vec<Taken>,
    writer: Writer,
}

/// What the next piece is written by.
enum Writer {
    /// Whatever wrote the one before.
    Open(Box<LogTransaction>),
    /// Another one, once these pieces are committed; the next is replayed meanwhile.
    Committing(Committing),
}

/// Pieces that are being committed.
struct Committing {
    /// How far the log goes with them.
    size: u64,
    reached: Reached,
    committed: JoinHandle<Result<(), storage::Error>>,
}

impl Follower {
    /// Copies what is missing of the log up to the goal, each group of pieces committed once it was verified, and publishes
    /// it.
    pub(super) async fn copy(&mut self, goal: &Goal, kept: u64) -> Result<(), RoundError> {
        // Whoever was interrupted has so much already.
        self.standing.note(|now| now.kept = kept);
        if let Err(error) = self.log.save_to_grow().await {
            tracing::debug!(cause = %error, "the log's snapshot is written later");
        }
        // What a power cut takes of it is fetched again.
        self.database.prepare_for(Writing::MuchForNow).await?;
        let copied = self.copy_pieces(goal, kept).await;
        self.database.prepare_for(Writing::Usual).await?;
        copied?;
        let open = self.opened(goal.size()).await?;
        // Whoever was interrupted before this may have lost what the disk had not taken yet.
        let (tx, closing) = self.complete(goal, open).await?;
        self.publish(tx, closing, goal).await
    }

    /// Whether every record is there that no entry redacts: what is lacking is asked for again.
    async fn complete(&self, goal: &Goal, mut open: Open) -> Result<Open, RoundError> {
        for piece in self.lacking(goal).await?.pieces {
            open = self.ask_again(goal, open, piece).await?;
        }
        match self.lacking(goal).await?.withheld {
            0 => Ok(open),
            withheld => Err(RoundError::Withheld(
                i64::try_from(withheld).unwrap_or(i64::MAX),
            )),
        }
    }

    /// What is lacking of the records that wait for their tables.
    async fn lacking(&self, goal: &Goal) -> Result<Lacking, RoundError> {
        let waiting = self.pin.pinned.told.unwrap_or(0)..goal.size();
        let stage = self.stage.clone();
        let lacking = tokio::task::spawn_blocking(move || stage.lacking(waiting)).await?;
        lacking.map_err(RoundError::Stage)
    }

    /// Fetches the records of a piece again, whose entries are there, and verifies them.
    async fn ask_again(
        &self,
        goal: &Goal,
        (mut tx, closing): Open,
        first: u64,
    ) -> Result<Open, RoundError> {
        let end = (first + 1).next_multiple_of(PIECE).min(goal.size());
        let mut fetching = self.fetching(goal, first..end, PIECE, None);
        if let Some(fetched) = fetching.next().await {
            let Fetched { piece, .. } = fetched??;
            if let Err(fault) = self.judge(piece.clone()).verdict(&closing, None).await {
                return Err(self.convicted(goal, &mut tx, &piece, fault).await?);
            }
            // The entries are kept already: what lies there is taken for verified.
            let stage = self.stage.clone();
            let put = tokio::task::spawn_blocking(move || stage.put(&piece));
            put.await?.map_err(RoundError::Stage)?;
        }
        Ok((tx, closing))
    }

    async fn copy_pieces(&mut self, goal: &Goal, kept: u64) -> Result<(), RoundError> {
        let ahead = Ahead {
            stage: self.stage.clone(),
            known: Known::default(),
            clock: self.clock.clone(),
        };
        let mut fetching = self.fetching(goal, kept..goal.size(), LENGTH, Some(&ahead));
        let (tx, closing) = self.opened(kept).await?;
        let mut run = Run {
            closing,
            taken: Vec::new(),
            writer: Writer::Open(Box::new(tx)),
        };
        // The first piece is committed alone: whoever was interrupted soon has more than before.
        let mut together = 1;
        while let Some(fetched) = fetching.next().await {
            let mut group = self.add(goal, run, fetched??).await?;
            let replay = group.open.1.replay();
            ahead.known.tell(replay);
            let is_whole = replay.size() == goal.size();
            if is_whole {
                // As long as a record is withheld, the last group is not kept, and asked for again each time.
                group.open = self.complete(goal, group.open).await?;
            }
            run = if is_whole || group.taken.len() >= together {
                together = TOGETHER;
                self.commit(group)
            } else {
                group.into()
            };
        }
        if let Writer::Committing(committing) = run.writer {
            run.closing
                .keep_up_to(self.committed(committing, goal).await?);
        }
        Ok(())
    }

    /// Appends a piece and replays it, and waits until its records are verified.
    ///
    /// The evidence of what is wrong with it is found in the transaction, in which no statement can fail because of it.
    async fn add(
        &mut self,
        goal: &Goal,
        run: Run,
        Fetched { piece, by }: Fetched,
    ) -> Result<Group, RoundError> {
        let mut conn = self.database.read().await?;
        let Run {
            mut closing,
            mut taken,
            writer,
        } = run;
        taken.push(Taken::of(&piece));
        let (near, next) = (taken.clone(), piece.clone());
        let replaying = tokio::spawn(async move {
            let verdict = judge::replay(&mut closing, &mut conn, &near, &next).await;
            (closing, verdict)
        });
        let (mut tx, kept) = match writer {
            Writer::Open(tx) => (*tx, None),
            Writer::Committing(committing) => {
                let size = committing.size;
                let kept = self.committed(committing, goal).await?;
                (self.writing(size).await?, Some(kept))
            }
        };
        self.append(&mut tx, &piece).await?;
        let (mut closing, replayed) = replaying.await?;
        if let Some(kept) = kept {
            closing.keep_up_to(kept);
            // By now they are read from the database.
            taken.drain(..taken.len() - 1);
        }
        let verdict = match replayed {
            Ok(()) => {
                self.judge(piece.clone())
                    .verdict(&closing, by.as_ref())
                    .await
            }
            Err(broken) => Err(Fault::Log(broken)),
        };
        if let Err(fault) = verdict {
            return Err(self.convicted(goal, &mut tx, &piece, fault).await?);
        }
        let documents = self.documents(&piece).await?;
        keep::keep_rules(&mut tx, &piece, &documents).await?;
        Ok(Group {
            open: (tx, closing),
            taken,
        })
    }

    /// Begins to commit what was added, with the part of the log's memory that it comes to.
    fn commit(&self, group: Group) -> Run {
        let Group {
            open: (tx, closing),
            taken,
        } = group;
        let (grown, log) = (closing.grown(), self.log.clone());
        let (size, reached) = (tx.head().size, closing.reached());
        let committed = tokio::spawn(async move {
            tx.commit().await?;
            let saved = match grown {
                Ok(Some(grown)) => log.save_grown(grown).await,
                grown => grown.map(drop),
            };
            if let Err(error) = saved {
                tracing::debug!(cause = %error, "the log's snapshot is written later");
            }
            Ok(())
        });
        Run {
            closing,
            taken,
            writer: Writer::Committing(Committing {
                size,
                reached,
                committed,
            }),
        }
    }

    /// Waits until pieces are committed, and says so.
    async fn committed(
        &mut self,
        committing: Committing,
        goal: &Goal,
    ) -> Result<Reached, RoundError> {
        committing.committed.await??;
        (self.progress)(committing.size, goal.size());
        self.standing.note(|now| now.kept = committing.size);
        Ok(committing.reached)
    }
}

impl From<Group> for Run {
    fn from(group: Group) -> Self {
        let (tx, closing) = group.open;
        Self {
            closing,
            taken: group.taken,
            writer: Writer::Open(Box::new(tx)),
        }
    }
}
