//! The transaction of one use case, which keeps its outcome when the request may be repeated, and leaves its rows
//! in the audit.

use chrono::{DateTime, Utc};

use super::{Failure, Idempotency, Outcome, audit::Trail};
use crate::{
    directory::Directory,
    log::ledger::{Change, Ledger, LedgerError},
    notify::outbox::{Draft, Outbox},
    rules::{
        audit::{Action, Subject},
        id::RecordId,
    },
    storage::{self, Transaction, memberships::Membership},
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
    trail: Trail,
}

impl Unit {
    pub(super) const fn new(
        tx: Transaction,
        at: DateTime<Utc>,
        idempotency: Option<Idempotency>,
        outbox: Outbox,
        trail: Trail,
    ) -> Self {
        Self {
            tx,
            at,
            idempotency,
            outbox,
            trail,
        }
    }

    /// The time of everything in this transaction.
    pub const fn at(&self) -> DateTime<Utc> {
        self.at
    }

    /// Queues a letter: it is sent once the transaction is permanent, and never if it is not.
    pub async fn letter(&mut self, draft: Draft<'_>) -> Result<(), storage::Error> {
        Box::pin(self.outbox.put(&mut self.tx, self.at, draft)).await
    }

    /// Notes for the audit what else this transaction does, before it does it.
    pub async fn also(
        &mut self,
        action: Action,
        subject: impl Into<Subject>,
    ) -> Result<(), Failure> {
        let noted = self.trail.note(&mut self.tx, action, subject.into());
        Box::pin(noted).await
    }

    /// Keeps the outcome, if the request may be repeated, writes the audit's rows, and makes everything permanent.
    pub async fn finish<T: Outcome>(mut self, outcome: T) -> Result<T, Failure> {
        if let Some(key) = &self.idempotency {
            Box::pin(key.answer(&mut self.tx, &outcome)).await?;
        }
        Box::pin(self.trail.write(&mut self.tx, self.at)).await?;
        Box::pin(self.tx.commit()).await?;
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
    trail: Trail,
    directory: Option<Directory>,
}

impl LogUnit {
    pub(super) const fn new(
        ledger: Ledger,
        idempotency: Option<Idempotency>,
        outbox: Outbox,
        trail: Trail,
        directory: Option<Directory>,
    ) -> Self {
        Self {
            ledger,
            idempotency,
            outbox,
            trail,
            directory,
        }
    }

    /// Queues a letter: it is sent once the transaction is permanent, and never if it is not.
    pub async fn letter(&mut self, draft: Draft<'_>) -> Result<(), storage::Error> {
        let at = self.ledger.at();
        Box::pin(self.outbox.put(&mut self.ledger, at, draft)).await
    }

    /// Notes for the audit what else this transaction does, before it does it.
    pub async fn also(
        &mut self,
        action: Action,
        subject: impl Into<Subject>,
    ) -> Result<(), Failure> {
        let noted = self.trail.note(&mut self.ledger, action, subject.into());
        Box::pin(noted).await
    }

    /// Signs the record of a change, as [`Ledger::record`] does, and notes the change for the audit.
    pub async fn record(
        &mut self,
        membership: &mut Membership,
        change: Change<'_>,
    ) -> Result<RecordId, Failure> {
        self.also(change.event.into(), membership.id).await?;
        let signed: Result<_, LedgerError> = Box::pin(self.ledger.record(membership, change)).await;
        Ok(signed?)
    }

    /// Keeps the outcome, if the request may be repeated, writes the audit's rows, and makes everything permanent.
    pub async fn finish<T: Outcome>(mut self, outcome: T) -> Result<T, Failure> {
        if let Some(key) = &self.idempotency {
            Box::pin(key.answer(&mut self.ledger, &outcome)).await?;
        }
        let at = self.ledger.at();
        Box::pin(self.trail.write(&mut self.ledger, at)).await?;
        let size = self.ledger.head().size;
        Box::pin(self.ledger.commit()).await?;
        self.outbox.committed();
        if let Some(directory) = &self.directory
            && let Err(error) = Box::pin(directory.catch_up(size)).await
        {
            // What is committed stays so; the room's upkeep tries again.
            tracing::warn!(cause = %error, "readers do not see the newest change yet");
        }
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
