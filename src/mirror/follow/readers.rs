//! The reading room, made while the log is still being copied: what is committed is handed over, and taken in beside what
//! is fetched and verified next.

use tokio::{sync::mpsc, task::JoinHandle};

use crate::directory::{self, Changes, Directory};

/// How many pieces wait at most.
const WAITING: usize = 1;

/// Whoever takes in what is told.
pub(super) struct Readers {
    tell: mpsc::Sender<Changes>,
    reading: JoinHandle<Result<(), directory::Error>>,
}

impl Readers {
    /// The readers of this directory.
    pub(super) fn of(directory: &Directory) -> Self {
        let (tell, mut told) = mpsc::channel(WAITING);
        let directory = directory.clone();
        let reading = tokio::spawn(async move {
            while let Some(changes) = told.recv().await {
                directory.copy(changes).await?;
            }
            Ok(())
        });
        Self { tell, reading }
    }

    /// Hands over what was committed. Where it cannot be taken in, it is read from the database at the end.
    pub(super) async fn tell(&self, changes: Changes) {
        let _ = self.tell.send(changes).await;
    }

    /// Waits until everything is taken in.
    pub(super) async fn finish(self) {
        drop(self.tell);
        match self.reading.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the directory is made once everything is copied");
            }
            Err(error) => tracing::warn!(%error, "the directory is made once everything is copied"),
        }
    }
}
