//! The first copy: the log alone, verified whole, its records laid down for the tables that are made of it afterwards.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;

use super::{
    Follower, Goal, RoundError,
    judge::{self, Auditing, Fault, Piece},
    pieces::Open,
};
use crate::{
    mirror::{keep, stage::PIECE},
    storage::Writing,
};

/// How many entries a piece has: the more signatures in one sum, the less each takes.
const LENGTH: u64 = 2 * PIECE;

/// How many pieces are committed at once.
const TOGETHER: usize = 4;

/// Pieces that are appended and replayed, and not committed yet.
struct Group {
    open: Open,
    pieces: Vec<Piece>,
    /// The last of them, unless its records are verified.
    auditing: Option<Auditing>,
}

impl Follower {
    /// Copies what is missing of the log up to the goal, each group of pieces committed once it was verified, and publishes
    /// it.
    pub(super) async fn copy(&mut self, goal: &Goal, kept: u64) -> Result<(), RoundError> {
        // What a power cut takes of it is fetched again.
        self.database.prepare_for(Writing::MuchForNow).await?;
        let copied = self.copy_pieces(goal, kept).await;
        self.database.prepare_for(Writing::Usual).await?;
        copied?;
        let (tx, closing) = self.opened(goal.size()).await?;
        self.publish(tx, closing, goal).await
    }

    /// Whether every record is there that no entry redacts: what earlier pieces lack is asked for again.
    async fn complete(&self, goal: &Goal, mut group: Group) -> Result<Group, RoundError> {
        let item = group.pieces.first().and_then(|piece| piece.first());
        let first = item.map_or(0, |item| item.index);
        let lacking = self.withheld().await?.into_keys();
        for earlier in lacking.filter(|piece| *piece < first) {
            group.open = self.ask_again(goal, group.open, earlier).await?;
        }
        let withheld: usize = self.withheld().await?.into_values().sum();
        if withheld > 0 {
            let withheld = i64::try_from(withheld).unwrap_or(i64::MAX);
            return Err(RoundError::Withheld(withheld));
        }
        Ok(group)
    }

    /// How many records of each piece no entry redacts and the registry did not give.
    async fn withheld(&self) -> Result<BTreeMap<u64, usize>, RoundError> {
        let stage = self.stage.clone();
        let withheld = tokio::task::spawn_blocking(move || stage.withheld()).await?;
        withheld.map_err(RoundError::Stage)
    }

    /// Fetches the records of a piece again, whose entries are there, and verifies them.
    async fn ask_again(
        &self,
        goal: &Goal,
        (mut tx, closing): Open,
        first: u64,
    ) -> Result<Open, RoundError> {
        let end = (first + 1).next_multiple_of(PIECE).min(goal.size());
        let mut fetching = self.fetching(goal, first..end, PIECE, Some(&self.stage));
        if let Some(fetched) = fetching.next().await {
            let piece = fetched??;
            let verdict = match self.judge(piece.clone()).audit(&closing) {
                Ok(auditing) => auditing.verdict().await,
                Err(fault) => Err(fault),
            };
            if let Err(fault) = verdict {
                return Err(self.convicted(goal, &mut tx, &piece, fault).await?);
            }
        }
        Ok((tx, closing))
    }

    async fn copy_pieces(&mut self, goal: &Goal, kept: u64) -> Result<(), RoundError> {
        let stage = self.stage.clone();
        let mut fetching = self.fetching(goal, kept..goal.size(), LENGTH, Some(&stage));
        let (mut group, mut done) = (None, kept);
        while let Some(fetched) = fetching.next().await {
            let piece = fetched??;
            let opened = match group.take() {
                Some(group) => group,
                None => Group {
                    open: self.opened(done).await?,
                    pieces: Vec::new(),
                    auditing: None,
                },
            };
            let opened = self.add(goal, opened, piece).await?;
            done = opened.open.0.head().size;
            if opened.pieces.len() < TOGETHER && done < goal.size() {
                group = Some(opened);
                continue;
            }
            let mut opened = self.verified(goal, opened).await?;
            if done == goal.size() {
                opened = self.complete(goal, opened).await?;
            }
            let (tx, closing) = opened.open;
            tx.commit().await?;
            closing.settle()?;
            (self.progress)(done, goal.size());
            self.standing.note(|now| now.kept = done);
            if let Err(error) = self.log.save_in_place().await {
                tracing::debug!(cause = %error, "the log's snapshot is written later");
            }
        }
        Ok(())
    }

    /// Appends a piece and replays it, while the records of the one before are verified, and begins to verify its own.
    ///
    /// The evidence of what is wrong with it is found in the transaction, in which no statement can fail because of it.
    async fn add(&self, goal: &Goal, mut group: Group, piece: Piece) -> Result<Group, RoundError> {
        let mut conn = self.database.read().await?;
        let (mut tx, mut closing) = group.open;
        let (before, next) = (group.pieces.clone(), piece.clone());
        let replaying = tokio::spawn(async move {
            let verdict = judge::replay(&mut closing, &mut conn, &before, &next).await;
            (closing, verdict)
        });
        self.append(&mut tx, &piece).await?;
        let (closing, replayed) = replaying.await?;
        group.open = (tx, closing);
        group.pieces.push(piece.clone());
        let mut group = self.verified(goal, group).await?;
        let judge = self.judge(piece.clone());
        let begun = match replayed {
            Ok(()) => judge.audit(&group.open.1),
            Err(broken) => Err(Fault::Log(broken)),
        };
        match begun {
            Ok(auditing) => group.auditing = Some(auditing),
            Err(fault) => {
                let tx = &mut group.open.0;
                return Err(self.convicted(goal, tx, &piece, fault).await?);
            }
        }
        Ok(group)
    }

    /// Waits until the records of every piece are verified, and keeps what they say beside members.
    async fn verified(&self, goal: &Goal, mut group: Group) -> Result<Group, RoundError> {
        if let Some(auditing) = group.auditing.take() {
            let (tx, piece) = (&mut group.open.0, auditing.items.clone());
            if let Err(fault) = auditing.verdict().await {
                return Err(self.convicted(goal, tx, &piece, fault).await?);
            }
            let documents = self.documents(&piece).await?;
            keep::keep_rules(tx, &piece, &documents).await?;
        }
        Ok(group)
    }
}
