//! Whether the entries of a piece keep the log's rules, and its records are what they name.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use charter_proof::{
    audit::Bad,
    entry::Entry,
    identity::did_of_host,
    keys::KeyList,
    replay::{Next, Replay},
    verify::TrustedKeys,
};
use tokio::task::{JoinError, JoinHandle};

use crate::{
    clock::Clock,
    log::memory::{Closing, LogError, unreadable},
    mirror::check::{self, Item},
    storage::Connection,
};

/// A piece of the log.
pub(super) type Piece = Arc<Vec<Item>>;

/// What is wrong with a piece.
pub(super) enum Fault {
    /// An entry breaks the log's rules, or the log cannot be read.
    Log(LogError),
    /// It is the log of another registry.
    Origin(String),
    /// A record is none; the keys by which it was judged.
    Record(Bad, KeyList),
    /// Work broke off.
    BrokenOff(JoinError),
}

impl From<LogError> for Fault {
    fn from(error: LogError) -> Self {
        Self::Log(error)
    }
}

/// The entries of a piece that was taken in and is not stored yet.
#[derive(Clone)]
pub(super) struct Taken {
    /// The index of the first.
    first: u64,
    /// Their bytes.
    entries: Arc<Vec<Bytes>>,
}

impl Taken {
    /// Those of this piece.
    pub(super) fn of(piece: &Piece) -> Self {
        let entries = piece.iter().map(|item| item.bytes.clone());
        Self {
            first: piece.first().map_or(0, |item| item.index),
            entries: Arc::new(entries.collect()),
        }
    }

    fn get(&self, index: u64) -> Option<&[u8]> {
        let place = index.checked_sub(self.first)?;
        let entry = self.entries.get(usize::try_from(place).ok()?);
        entry.map(|bytes| &**bytes)
    }
}

/// Replays a piece that is not stored yet; those before it that are not stored either are at hand, and so is its own.
pub(super) async fn replay(
    closing: &mut Closing,
    conn: &mut Connection,
    taken: &[Taken],
    piece: &Piece,
) -> Result<(), LogError> {
    let near = |index: u64| taken.iter().find_map(|taken| taken.get(index));
    let entries = piece.iter();
    let entries = entries.map_while(|item| {
        let (entry, bytes) = (item.entry.as_ref()?, &*item.bytes);
        let next = item.leaf.map(|leaf| Next::with_leaf(entry, leaf));
        Some((next.unwrap_or_else(|| Next::of(entry, bytes)), bytes))
    });
    let entries: Vec<_> = entries.collect();
    closing.take_in_ahead(conn, near, &entries).await?;
    let unread = piece.iter().find(|item| item.entry.is_none());
    let unread = unread.map(|item| (item.index, Entry::parse(&item.bytes)));
    match unread {
        Some((index, Err(error))) => Err(unreadable(index, error).into()),
        _ => Ok(()),
    }
}

/// The keys by which the records of a log are judged.
pub(super) fn trusted(replay: &Replay) -> TrustedKeys {
    let logged = replay.origin();
    let host = logged.strip_suffix("/log").unwrap_or(logged);
    TrustedKeys::from_key_list(&did_of_host(host), replay.keys().clone())
}

/// The keys of the log as far as it was replayed, for whoever verifies what comes next.
#[derive(Clone, Default)]
pub(super) struct Known(Arc<Mutex<Option<Keys>>>);

/// Keys, as the log lists them and as records are verified by them.
type Keys = Arc<(KeyList, TrustedKeys)>;

impl Known {
    /// The keys, once the first piece was replayed.
    pub(super) fn get(&self) -> Option<Keys> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Notes the keys of a log as far as it was replayed by now.
    pub(super) fn tell(&self, replay: &Replay) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.as_ref().is_none_or(|known| known.0 != *replay.keys()) {
            *known = Some(Arc::new((replay.keys().clone(), trusted(replay))));
        }
    }
}

/// What a piece is judged by.
pub(super) struct Judge {
    /// The piece.
    pub items: Piece,
    /// The origin of the log that is trusted.
    pub origin: String,
    /// Where the randomness comes from by which signatures are summed up.
    pub clock: Clock,
}

/// The records of a piece while they are verified.
pub(super) struct Auditing {
    audited: JoinHandle<Result<(), Bad>>,
    keys: KeyList,
}

impl Judge {
    /// Begins to verify the records of the piece, which was replayed.
    pub(super) fn audit(self, closing: &Closing) -> Result<Auditing, Fault> {
        let logged = closing.replay().origin();
        if logged != self.origin {
            return Err(Fault::Origin(logged.to_owned()));
        }
        let keys = closing.replay().keys().clone();
        let trusted = trusted(closing.replay());
        let audited =
            tokio::task::spawn_blocking(move || check::audit(&self.items, &trusted, &self.clock));
        Ok(Auditing { audited, keys })
    }
}

impl Judge {
    /// Waits until the records of the piece, which was replayed, are verified by the keys of the log as it says now: at once
    /// where they were verified `by` these.
    pub(super) async fn verdict(
        self,
        closing: &Closing,
        by: Option<&KeyList>,
    ) -> Result<(), Fault> {
        let is_ours = closing.replay().origin() == self.origin;
        if is_ours && by == Some(closing.replay().keys()) {
            return Ok(());
        }
        self.audit(closing)?.verdict().await
    }
}

impl Auditing {
    /// Waits until they are verified.
    pub(super) async fn verdict(self) -> Result<(), Fault> {
        let audited = self.audited.await.map_err(Fault::BrokenOff)?;
        audited.map_err(|bad| Fault::Record(bad, self.keys))
    }
}
