//! The first copy: the log alone, verified whole, its records laid down for the tables that are made of it afterwards.
//!
//! One piece after the other is taken in, which one processor can do alone; whatever does not depend on the piece before is
//! done while it is fetched, its signatures verified by the keys that are known so far. They are verified again where the
//! log says by then that other keys are in force.

use futures_util::StreamExt as _;

use super::{
    Follower, Goal, RoundError,
    judge::{self, Fault, Known, Taken},
    pieces::{Ahead, Fetched, Open},
};
use crate::{
    mirror::{
        keep,
        stage::{Lacking, PIECE},
    },
    storage::Writing,
};

/// How many entries a piece has: the more signatures in one sum, the less each takes.
const LENGTH: u64 = 2 * PIECE;

/// How many pieces are committed at once: whoever is killed copies so much again.
const TOGETHER: usize = 4;

/// Pieces that are appended and replayed, and not committed yet.
struct Group {
    open: Open,
    taken: Vec<Taken>,
}

impl Follower {
    /// Copies what is missing of the log up to the goal, each group of pieces committed once it was verified, and publishes
    /// it.
    pub(super) async fn copy(&mut self, goal: &Goal, kept: u64) -> Result<(), RoundError> {
        // Whoever was interrupted has so much already.
        self.standing.note(|now| now.kept = kept);
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
        let (mut group, mut done) = (None, kept);
        while let Some(fetched) = fetching.next().await {
            let fetched = fetched??;
            let opened = match group.take() {
                Some(group) => group,
                None => Group {
                    open: self.opened(done).await?,
                    taken: Vec::new(),
                },
            };
            let mut opened = self.add(goal, opened, fetched).await?;
            ahead.known.tell(opened.open.1.replay());
            done = opened.open.0.head().size;
            if opened.taken.len() < TOGETHER && done < goal.size() {
                group = Some(opened);
                continue;
            }
            if done == goal.size() {
                // As long as a record is withheld, the last group is not kept, and asked for again each time.
                opened.open = self.complete(goal, opened.open).await?;
            }
            let (tx, closing) = opened.open;
            let grown = closing.grown();
            tx.commit().await?;
            closing.settle()?;
            if let Err(error) = self.log.save_grown(grown).await {
                tracing::debug!(cause = %error, "the log's snapshot is written later");
            }
            (self.progress)(done, goal.size());
            self.standing.note(|now| now.kept = done);
        }
        Ok(())
    }

    /// Appends a piece and replays it, and waits until its records are verified.
    ///
    /// The evidence of what is wrong with it is found in the transaction, in which no statement can fail because of it.
    async fn add(
        &self,
        goal: &Goal,
        mut group: Group,
        Fetched { piece, by }: Fetched,
    ) -> Result<Group, RoundError> {
        let mut conn = self.database.read().await?;
        let (mut tx, mut closing) = group.open;
        group.taken.push(Taken::of(&piece));
        let (taken, next) = (group.taken.clone(), piece.clone());
        let replaying = tokio::spawn(async move {
            let verdict = judge::replay(&mut closing, &mut conn, &taken, &next).await;
            (closing, verdict)
        });
        self.append(&mut tx, &piece).await?;
        let (closing, replayed) = replaying.await?;
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
        group.open = (tx, closing);
        Ok(group)
    }
}
