//! Whether the entries of a piece keep the log's rules, and its records are what they name.

use std::sync::Arc;

use charter_proof::{audit::Bad, identity::did_of_host, keys::KeyList, verify::TrustedKeys};
use tokio::task::JoinError;

use crate::{
    log::memory::{Closing, LogError},
    mirror::check::{self, Item},
    storage::Connection,
};

/// What a piece is judged by.
pub(super) struct Judge {
    /// The piece.
    pub items: Arc<Vec<Item>>,
    /// The origin of the log that is trusted.
    pub origin: String,
    /// Of the coefficients by which signatures are summed up.
    pub seed: [u8; 32],
}

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

impl Judge {
    /// Replays the piece, which is not stored yet, and verifies its records.
    pub(super) async fn ahead(
        self,
        closing: &mut Closing,
        conn: &mut Connection,
    ) -> Result<(), Fault> {
        let entries = self.items.iter();
        let entries: Vec<_> = entries
            .map(|item| (item.bytes.as_slice(), item.entry.as_ref()))
            .collect();
        closing.take_in_ahead(conn, &entries).await?;
        self.audited(closing).await
    }

    /// Verifies the records of the piece, which was replayed.
    pub(super) async fn audited(self, closing: &Closing) -> Result<(), Fault> {
        let logged = closing.replay().origin();
        if logged != self.origin {
            return Err(Fault::Origin(logged.to_owned()));
        }
        let host = logged.strip_suffix("/log").unwrap_or(logged);
        let list = closing.replay().keys().clone();
        let keys = TrustedKeys::from_key_list(&did_of_host(host), list.clone());
        let audited =
            tokio::task::spawn_blocking(move || check::audit(&self.items, &keys, self.seed));
        let audited = audited.await.map_err(Fault::BrokenOff)?;
        audited.map_err(|bad| Fault::Record(bad, list))
    }
}
