//! The tables of a log that was copied: made piece by piece of what was laid down, while the log is served already.

use std::{ops::Range, sync::Arc};

use bytes::Bytes;
use charter_proof::{
    tile::{Row, Tile},
    verify::TrustedKeys,
};
use futures_util::{StreamExt as _, stream};

use super::{Follower, RoundError, judge, pieces::pieces, readers::Readers};
use crate::{
    clock::Clock,
    mirror::{
        check::{self, Item},
        keep,
        source::{Source, SourceError},
        stage::{PIECE, Stage},
        standing::State,
    },
    storage::{self, Database, Writing, log, mirror},
};

/// How many pieces are read ahead.
const AHEAD: usize = 1;

/// Where a piece is read.
#[derive(Clone)]
struct Places {
    database: Database,
    stage: Stage,
    source: Arc<Source>,
    keys: Arc<TrustedKeys>,
    clock: Clock,
}

impl Follower {
    /// Makes the tables tell the whole log, if they do not yet.
    pub(super) async fn tell(&mut self) -> Result<(), RoundError> {
        let Some(told) = self.pin.pinned.told else {
            return self.stage.clear().map_err(RoundError::Stage);
        };
        let size = self.log.newest().map_or(0, |newest| newest.checkpoint.size);
        tracing::info!(told, size, "the log is served; its tables are made");
        self.standing.note(|now| {
            now.state = State::CatchingUp;
            now.told = told;
        });
        self.database.prepare_for(Writing::Much).await?;
        let readers = Readers::of(&self.directory);
        let made = self.tell_from(told..size, &readers).await;
        readers.finish().await;
        self.database.prepare_for(Writing::Usual).await?;
        made?;
        self.stage.clear().map_err(RoundError::Stage)
    }

    async fn tell_from(
        &mut self,
        entries: Range<u64>,
        readers: &Readers,
    ) -> Result<(), RoundError> {
        let mut thread = self.thread_at(entries.start).await?;
        let places = Places {
            database: self.database.clone(),
            stage: self.stage.clone(),
            source: self.source.clone(),
            keys: Arc::new(judge::trusted(self.log.memory().await.replay())),
            clock: self.clock.clone(),
        };
        let size = entries.end;
        let pieces = pieces(entries.clone(), PIECE).map(|(from, to)| {
            let reading = places.clone().read(from..to);
            tokio::spawn(reading)
        });
        let mut reading = stream::iter(pieces).buffered(AHEAD);
        let mut told = entries.start;
        while told < size {
            let mut tx = self.database.begin_log().await?;
            if mirror::told(&mut tx).await? != Some(told) {
                return Err(RoundError::Overtaken);
            }
            let items = match reading.next().await {
                Some(items) => items??,
                None => return Ok(()),
            };
            let changes = keep::keep_members(&mut tx, &items, &mut thread).await?;
            let from = told;
            told = items.last().map_or(size, |item| item.index + 1);
            let left = (told < size).then_some(told);
            mirror::tell(&mut tx, left).await?;
            tx.commit().await?;
            self.pin.pinned.told = left;
            self.standing.note(|now| now.told = told);
            if let Err(error) = self.stage.remove(from) {
                tracing::debug!(%error, "a file that is told is removed at the end");
            }
            readers.tell(changes).await;
        }
        Ok(())
    }
}

impl Places {
    /// The entries of a piece, and what their records tell. Records that are not where they were laid down, or not what
    /// they were, are fetched again: the entries name them.
    async fn read(self, entries: Range<u64>) -> Result<Vec<Item>, RoundError> {
        let bodies = self.entries(&entries).await?;
        let (stage, first) = (self.stage.clone(), entries.start);
        let laid_down = {
            let bodies = bodies.clone();
            tokio::task::spawn_blocking(move || {
                let lines = stage.lines_from(first).ok().flatten()?;
                check::items(first, bodies, &lines.into()).ok()
            })
        };
        let items = match laid_down.await? {
            Some(items) => items,
            None => self.fetched(entries, bodies).await?,
        };
        let read = tokio::task::spawn_blocking(move || {
            let mut items = items;
            for item in &mut items {
                item.read();
            }
            items
        });
        Ok(read.await?)
    }

    async fn entries(&self, entries: &Range<u64>) -> Result<Vec<Bytes>, storage::Error> {
        let mut conn = self.database.read().await?;
        let many = u32::try_from(entries.end - entries.start).unwrap_or(u32::MAX);
        let found = log::entries(&mut conn, entries.start, many).await?;
        Ok(found.into_iter().map(|(_, body)| body.into()).collect())
    }

    async fn fetched(
        self,
        entries: Range<u64>,
        bodies: Vec<Bytes>,
    ) -> Result<Vec<Item>, RoundError> {
        tracing::warn!(
            from = entries.start,
            to = entries.end,
            "records that were laid down are not there any more, and are fetched again"
        );
        let bundles = entries.start / 256..entries.end.div_ceil(256);
        let mut lines = Vec::new();
        for index in bundles {
            let bundle = Tile::of_tree(Row::Entries, index, entries.end);
            let Some(bundle) = bundle else {
                break;
            };
            let of_bundle = self.source.records(&bundle).await?;
            let skipped = entries.start.saturating_sub(bundle.first());
            let skipped = usize::try_from(skipped).unwrap_or(usize::MAX);
            let kept = of_bundle.split_inclusive(|byte| *byte == b'\n');
            lines.extend(kept.skip(skipped).flatten());
        }
        // What was removed before may be given now: nobody has verified that yet.
        let (first, keys, clock) = (entries.start, self.keys, self.clock);
        let verified = tokio::task::spawn_blocking(move || {
            let items = check::items(first, bodies, &lines.into())?;
            let audited = check::audit(&items, &keys, &clock);
            audited.map_err(|bad| bad.to_string())?;
            Ok(items)
        });
        Ok(verified.await?.map_err(|what| SourceError::Form {
            path: "the records of a bundle".to_owned(),
            what,
        })?)
    }
}
