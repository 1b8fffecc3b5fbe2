//! The use cases of the secretariat, its partners and the applicants: one file each, one transaction each.
//!
//! A use case opens its transaction with [`Desk::begin`], or with [`Desk::begin_log`] when it changes what is
//! public, naming its action and subject for the audit; it loads, asks `rules` whether it is allowed, writes, and
//! ends with `finish`. Its error names every refusal. Who may call which is decided at the edge, by `api::access`.

pub mod applications;
pub mod audit;
pub mod charters;
pub mod checkpoint;
pub mod decisions;
pub mod files;
mod idempotency;
pub mod integrity;
pub mod keys;
pub mod late;
pub mod letters;
pub mod memberships;
pub mod override_quorum;
pub mod past;
pub mod people;
pub mod personal_data;
pub mod status_lists;
mod unit;

use std::{path::Path, sync::Arc};

use charter_proof::identity::Base;
use chrono::{DateTime, Utc};
use serde::{Serialize, de::DeserializeOwned};

use audit::Trail;
pub use idempotency::Idempotency;
use memberships::credential::Credentials;
pub use unit::{Begun, LogUnit, Unit};

use crate::{
    clock::Clock,
    directory::Directory,
    log::{
        ledger::{Ledger, LedgerError},
        signatory::Signatory,
    },
    notify::outbox::{Outbox, Post},
    rules::{
        audit::{Action, Subject},
        id::{ApplicationId, OperatorId, PartnerId},
        retention::Retention,
        role::Role,
    },
    storage::{self, Connection, Database, files::Files, people::Operator},
    witness::asking::Asking,
};

/// What the use cases work with.
#[derive(Clone)]
pub struct Desk {
    /// The database.
    pub database: Database,
    /// Uploaded files.
    pub files: Files,
    /// What the registry signs with.
    pub signatory: Arc<Signatory>,
    /// Time and randomness.
    pub clock: Clock,
    /// Whether letters are written, and who is told of new ones.
    pub post: Post,
    /// How long persons are kept.
    pub retention: Retention,
    /// Where letters are laid down, or were once: an erasure looks there.
    pub letter_folder: Arc<Path>,
    /// How credentials are made, and those that were.
    pub credentials: Credentials,
    /// The reading room of this process, if it serves readers: it is told of each commit.
    pub directory: Option<Directory>,
    /// The witnesses that are asked about each checkpoint, if there are any.
    pub witnesses: Option<Arc<Asking>>,
}

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// Anybody.
    Anonymous,
    /// The applicant of this application.
    Applicant(ApplicationId),
    /// A partner site.
    Partner(PartnerId),
    /// A person of the secretariat.
    Operator(OperatorId, Role),
    /// Whoever commands the host.
    Host,
    /// The registry itself, by its timetable.
    System,
}

/// A request to a use case: who asks, and what makes its repetition safe.
#[derive(Debug, Clone)]
pub struct Request {
    /// Who asks.
    pub actor: Actor,
    /// The request's identifier, by which the audit and the log lines name it.
    pub id: Option<String>,
    /// The request's `Idempotency-Key`, if it has one.
    pub idempotency: Option<Idempotency>,
}

impl Request {
    /// A request that may not be repeated safely.
    pub const fn by(actor: Actor) -> Self {
        Self {
            actor,
            id: None,
            idempotency: None,
        }
    }
}

/// What kept a use case from running at all, or from finishing.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database or the file storage failed.
    #[error("storage failed")]
    Storage(#[source] storage::Error),
    /// The log did not take the event.
    #[error("the log did not take the event")]
    Ledger(#[source] LedgerError),
    /// The outcome could not be written down or read back.
    #[error("the outcome of a request could not be kept or read")]
    Outcome,
    /// The key was used before, for another request.
    #[error("this Idempotency-Key was used before, for another request: take a new key")]
    KeyReused,
    /// The same request is still running.
    #[error("a request with this Idempotency-Key is still running: try again later")]
    StillRunning,
    /// The operator's account was closed, or its role changed, while the request was on its way.
    #[error("the account was closed or its role changed: sign in anew")]
    AccessClosed,
    /// Others hold what the request needs for too long.
    #[error("the registry is busy: try again later")]
    Busy,
}

impl Failure {
    /// Sorts out waits that took too long, which are no defects.
    fn of_storage(error: storage::Error, request: &Request) -> Self {
        match (error.is_busy(), &request.idempotency) {
            (true, Some(_)) => Self::StillRunning,
            (true, None) | (false, _) => error.into(),
        }
    }
}

/// A wait that took too long is no defect, wherever it was.
impl From<storage::Error> for Failure {
    fn from(error: storage::Error) -> Self {
        if error.is_busy() {
            Self::Busy
        } else {
            Self::Storage(error)
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        match error {
            LedgerError::Storage(error) => error.into(),
            error => Self::Ledger(error),
        }
    }
}

/// Lets `?` turn what fails below a use case into its error's `Failed`.
macro_rules! failures_of {
    ($error:ty $(, $parameter:ident: $bound:path)?) => {
        impl$(<$parameter: $bound>)? From<$crate::storage::Error> for $error {
            fn from(error: $crate::storage::Error) -> Self {
                Self::Failed(error.into())
            }
        }

        impl$(<$parameter: $bound>)? From<$crate::log::ledger::LedgerError> for $error {
            fn from(error: $crate::log::ledger::LedgerError) -> Self {
                Self::Failed(error.into())
            }
        }
    };
}
use failures_of;

impl Desk {
    /// The registry's public address.
    pub fn base(&self) -> &Base {
        &self.signatory.base
    }

    /// The time now.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Refuses to go by a clock that is far from the database's: what is due, what lapses and what is forgotten would be
    /// decided by the wrong time.
    pub async fn check_clock(&self) -> Result<(), Failure> {
        let mut conn = self.database.read().await?;
        Ok(self.signatory.check_clock(&mut conn, &self.clock).await?)
    }

    // What opens and ends a transaction is boxed, here and in `Unit`: else each use case's future holds all of it.

    /// Opens the transaction of a use case that changes nothing public: `action`, done to `subject`.
    pub async fn begin<T: DeserializeOwned>(
        &self,
        request: &Request,
        action: Action,
        subject: impl Into<Subject>,
    ) -> Result<Begun<Unit, T>, Failure> {
        let of_storage = |error| Failure::of_storage(error, request);
        let mut tx = Box::pin(self.database.begin()).await.map_err(of_storage)?;
        Box::pin(self.signatory.check_clock(&mut tx, &self.clock)).await?;
        Box::pin(check_access(&mut tx, request.actor)).await?;
        if let Some(key) = &request.idempotency
            && let Some(outcome) = Box::pin(key.enter(&mut tx, self.now())).await?
        {
            return Ok(Begun::Before(outcome));
        }
        let trail = Box::pin(Trail::begin(&mut tx, request, action, subject.into())).await?;
        let outbox = Outbox::new(self.post.clone(), self.clock.clone());
        let idempotency = request.idempotency.clone();
        Ok(Begun::Now(Unit::new(
            tx,
            self.now(),
            idempotency,
            outbox,
            trail,
        )))
    }

    /// Opens the transaction of a look at personal data, which writes nothing but its row in the audit.
    pub async fn look(
        &self,
        request: &Request,
        action: Action,
        subject: impl Into<Subject>,
    ) -> Result<Unit, Failure> {
        let once = Request {
            idempotency: None,
            ..request.clone()
        };
        match self.begin::<()>(&once, action, subject).await? {
            Begun::Now(unit) => Ok(unit),
            Begun::Before(()) => Err(Failure::Outcome),
        }
    }

    /// Opens the transaction of a use case that appends to the log: it holds the log head from its start.
    pub async fn begin_log<T: DeserializeOwned>(
        &self,
        request: &Request,
        action: Action,
        subject: impl Into<Subject>,
    ) -> Result<Begun<LogUnit, T>, Failure> {
        let (signatory, clock) = (self.signatory.clone(), self.clock.clone());
        let opened = Box::pin(Ledger::open(&self.database, signatory, clock)).await;
        let mut ledger = opened.map_err(|error| match error {
            LedgerError::Storage(error) => Failure::of_storage(error, request),
            other => {
                metrics::counter!("ledger_failures_total").increment(1);
                Failure::Ledger(other)
            }
        })?;
        Box::pin(check_access(&mut ledger, request.actor)).await?;
        if let Some(key) = &request.idempotency
            && let Some(outcome) = Box::pin(key.enter(&mut ledger, self.now())).await?
        {
            return Ok(Begun::Before(outcome));
        }
        let trail = Box::pin(Trail::begin(&mut ledger, request, action, subject.into())).await?;
        let outbox = Outbox::new(self.post.clone(), self.clock.clone());
        let idempotency = request.idempotency.clone();
        let directory = self.directory.clone();
        Ok(Begun::Now(LogUnit::new(
            ledger,
            idempotency,
            outbox,
            trail,
            directory,
        )))
    }
}

/// Refuses an operator whose account was closed, or whose role changed, since the request was let in.
///
/// Accounts are closed under the log head's lock, so that no transaction that holds it is overtaken by that.
async fn check_access(conn: &mut Connection, actor: Actor) -> Result<(), Failure> {
    let Actor::Operator(id, role) = actor else {
        return Ok(());
    };
    match Operator::find(conn, id).await? {
        Some(operator) if operator.revoked_at.is_none() && operator.role == role => Ok(()),
        _ => Err(Failure::AccessClosed),
    }
}

/// What a use case answers, kept for a repetition of its request.
pub trait Outcome: Serialize + DeserializeOwned {}

impl<T: Serialize + DeserializeOwned> Outcome for T {}
