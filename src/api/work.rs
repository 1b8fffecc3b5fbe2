//! Work on the database that is under way: how long a client waits for it, and that none of it is left behind.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use tokio::{
    sync::{OwnedRwLockReadGuard, RwLock},
    time::timeout,
};

/// The work of a server.
#[derive(Debug)]
pub struct Work {
    under_way: Arc<RwLock<()>>,
    is_closing: AtomicBool,
    /// How long a client waits for an answer. The work goes on without it: a change is never broken off half-way.
    pub patience: Duration,
}

/// A piece of work, under way until this is dropped.
pub type Piece = OwnedRwLockReadGuard<()>;

impl Work {
    /// No work yet, for which clients will wait this long.
    pub fn new(patience: Duration) -> Self {
        Self {
            under_way: Arc::default(),
            is_closing: AtomicBool::new(false),
            patience,
        }
    }

    /// Begins a piece of work.
    pub async fn begin(&self) -> Piece {
        self.under_way.clone().read_owned().await
    }

    /// The server is asked to end: from now on it is not ready for more.
    pub fn close(&self) {
        self.is_closing.store(true, Ordering::Relaxed);
    }

    /// Whether the server was asked to end.
    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Relaxed)
    }

    /// Waits until no work is under way any more; returns whether that came within this time.
    pub async fn ended(&self, within: Duration) -> bool {
        timeout(within, self.under_way.write()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Work;

    #[tokio::test]
    async fn work_that_is_under_way_is_waited_for_and_not_for_ever() {
        let work = Work::new(Duration::from_secs(1));
        let piece = work.begin().await;
        assert!(!work.ended(Duration::ZERO).await);
        drop(piece);
        assert!(work.ended(Duration::from_secs(30)).await);
    }
}
