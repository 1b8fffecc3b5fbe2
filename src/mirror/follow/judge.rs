//! Whether the entries of a piece keep the log's rules, and its records are what they name.

use std::{iter, sync::Arc};

use charter_proof::{audit::Bad, identity::did_of_host, keys::KeyList, verify::TrustedKeys};
use tokio::task::{JoinError, JoinHandle};

use crate::{
    clock::Clock,
    log::memory::{Closing, LogError},
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

/// Replays a piece that is not stored yet; the pieces before it that are not stored either are at hand.
pub(super) async fn replay(
    closing: &mut Closing,
    conn: &mut Connection,
    before: &[Piece],
    piece: &Piece,
) -> Result<(), LogError> {
    let near = |index: u64| {
        let mut pieces = before.iter().chain(iter::once(piece));
        pieces.find_map(|items| {
            let place = index.checked_sub(items.first()?.index)?;
            let item = items.get(usize::try_from(place).ok()?)?;
            Some(item.bytes.as_slice())
        })
    };
    let entries = piece.iter();
    let entries = entries.map(|item| (item.bytes.as_slice(), item.entry.as_ref()));
    closing.take_in_ahead(conn, near, entries).await
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
    /// The piece.
    pub items: Piece,
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
        let host = logged.strip_suffix("/log").unwrap_or(logged);
        let keys = closing.replay().keys().clone();
        let trusted = TrustedKeys::from_key_list(&did_of_host(host), keys.clone());
        let items = self.items.clone();
        let audited =
            tokio::task::spawn_blocking(move || check::audit(&items, &trusted, &self.clock));
        Ok(Auditing {
            items: self.items,
            audited,
            keys,
        })
    }
}

impl Auditing {
    /// Waits until they are verified.
    pub(super) async fn verdict(self) -> Result<(), Fault> {
        let audited = self.audited.await.map_err(Fault::BrokenOff)?;
        audited.map_err(|bad| Fault::Record(bad, self.keys))
    }
}
