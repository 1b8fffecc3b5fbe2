//! The transaction of one use case, which keeps its outcome when the request may be repeated.

use chrono::{DateTime, Utc};

use super::{Failure, Idempotency, Outcome};
use crate::{
    log::ledger::Ledger,
    notify::outbox::{Draft, Outbox},
    storage::{self, Transaction},
};

/// What opening a use case's transaction leads to.
pub enum Begun<U, T> {
    /// The same request was carried out before, with this outcome.
    Before(T),
    /// The work is to be done.
    Now(U),
}

/// Opens a use case's transaction, or returns the outcome that the same request had before.
macro_rules! begin {
    ($opening:expr) => {
        match $opening.await? {
            $crate::desk::Begun::Before(outcome) => return Ok(outcome),
            $crate::desk::Begun::Now(unit) => unit,
        }
    };
}
pub(super) use begin;

/// The transaction of a use case that changes nothing public.
pub struct Unit {
    tx: Transaction,
    at: DateTime<Utc>,
    idempotency: Option<Idempotency>,
    outbox: Outbox,
}

impl Unit {
    pub(super) const fn new(
        tx: Transaction,
        at: DateTime<Utc>,
        idempotency: Option<Idempotency>,
        outbox: Outbox,
    ) -> Self {
        Self {
            tx,
            at,
            idempotency,
            outbox,
        }
    }

    /// The time of everything in this transaction.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Queues a letter: it is sent once the transaction is permanent, and never if it is not.
    pub async fn letter(&mut self, draft: Draft<'_>) -> Result<(), storage::Error> {
        self.outbox.put(&mut self.tx, self.at, draft).await
    }

    /// Keeps the outcome, if the request may be repeated, and makes everything permanent.
    pub async fn finish<T: Outcome>(mut self, outcome: T) -> Result<T, Failure> {
        if let Some(key) = &self.idempotency {
            key.answer(&mut self.tx, &outcome).await?;
        }
        self.tx.commit().await?;
        self.outbox.committed();
        Ok(outcome)
    }
}

impl std::ops::Deref for Unit {
    type Target = Transaction;

    fn deref(&self) -> &Transaction {
        &self.tx
    }
}

impl std::ops::DerefMut for Unit {
    fn deref_mut(&mut self) -> &mut Transaction {
        &mut self.tx
    }
}

/// The transaction of a use case that appends to the log.
pub struct LogUnit {
    ledger: Ledger,
    idempotency: Option<Idempotency>,
    outbox: Outbox,
}

impl LogUnit {
    pub(super) const fn new(
        ledger: Ledger,
        idempotency: Option<Idempotency>,
        outbox: Outbox,
    ) -> Self {
        Self {
            ledger,
            idempotency,
            outbox,
        }
    }

    /// Queues a letter: it is sent once the transaction is permanent, and never if it is not.
    pub async fn letter(&mut self, draft: Draft<'_>) -> Result<(), storage::Error> {
        let at = self.ledger.at();
        self.outbox.put(&mut self.ledger, at, draft).await
    }

    /// Keeps the outcome, if the request may be repeated, and makes everything permanent.
    pub async fn finish<T: Outcome>(mut self, outcome: T) -> Result<T, Failure> {
        if let Some(key) = &self.idempotency {
            key.answer(&mut self.ledger, &outcome).await?;
        }
        self.ledger.commit().await?;
        self.outbox.committed();
        Ok(outcome)
    }
}

impl std::ops::Deref for LogUnit {
    type Target = Ledger;

    fn deref(&self) -> &Ledger {
        &self.ledger
    }
}

impl std::ops::DerefMut for LogUnit {
    fn deref_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }
}
