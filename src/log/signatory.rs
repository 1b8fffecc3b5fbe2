//! Who signs: the registry's address and name, its keys and its log; and when it must not.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use charter_proof::identity::Base;
use chrono::{DateTime, TimeDelta, Utc};

use super::{
    keyring::{Keyring, Keys},
    ledger::LedgerError,
    memory::Log,
};
use crate::{
    clock::Clock,
    storage::{self, Connection, Database, LogTransaction, keys::SigningKey, log},
};

/// How often what other instances committed is looked for.
const BEAT: Duration = Duration::from_millis(500);

/// How far the clock may be from the database's.
const APART: TimeDelta = TimeDelta::minutes(5);

/// What a registry signs with, and as whom.
pub struct Signatory {
    /// The registry's public address.
    pub base: Base,
    /// The registry's name, as records give it.
    pub name: String,
    /// The private keys.
    pub keyring: Keyring,
    /// The log in memory.
    pub log: Log,
    is_clock_wrong: AtomicBool,
}

impl Signatory {
    /// Who signs with these keys on this log.
    pub fn new(base: Base, name: String, keyring: Keyring, log: Log) -> Self {
        Self {
            base,
            name,
            keyring,
            log,
            is_clock_wrong: AtomicBool::default(),
        }
    }

    /// The keys with which a transaction that holds the log head signs.
    ///
    /// # Errors
    ///
    /// When another instance rotated a key that is not at hand here.
    pub(super) async fn keys(
        &self,
        tx: &mut LogTransaction,
        at: DateTime<Utc>,
    ) -> Result<Arc<Keys>, LedgerError> {
        let (held, size) = (self.keyring.keys(), tx.head().size);
        let is_known = {
            let memory = self.log.memory().await;
            let replay = memory.replay();
            replay.size() == size && held.are_in_force(replay.keys())
        };
        // That others may have a retired key stands in no key list.
        if is_known && !held.has_beside(at) {
            return Ok(held);
        }
        let list = SigningKey::all(tx).await?;
        Ok(self.keyring.following(&list, at)?)
    }

    /// Checks that the clock is not far from the database's.
    pub async fn check_clock(
        &self,
        conn: &mut Connection,
        clock: &Clock,
    ) -> Result<(), LedgerError> {
        let apart = apart(conn, clock).await?;
        self.is_clock_wrong
            .store(apart.is_some(), Ordering::Relaxed);
        match apart {
            None => Ok(()),
            Some((now, database)) => Err(LedgerError::ClockApart { now, database }),
        }
    }

    /// Whether the clock was far from the database's when it was last looked at: nothing is signed then.
    pub fn is_clock_wrong(&self) -> bool {
        self.is_clock_wrong.load(Ordering::Relaxed)
    }

    /// Follows what other instances commit, the keys that they rotate, and the database's clock, for ever.
    pub async fn keep_up(self: Arc<Self>, database: Database, clock: Clock) {
        let mut beat = tokio::time::interval(BEAT);
        loop {
            beat.tick().await;
            self.log.observe(&database).await;
            match self.look(&database, &clock).await {
                // The database's absence is told elsewhere.
                Ok(()) | Err(LedgerError::Storage(_)) => {}
                Err(error) => tracing::warn!(%error, "nothing is signed"),
            }
        }
    }

    async fn look(&self, database: &Database, clock: &Clock) -> Result<(), LedgerError> {
        let mut conn = database.read().await?;
        self.check_clock(&mut conn, clock).await?;
        let is_known = {
            let memory = self.log.memory().await;
            self.keyring.keys().are_in_force(memory.replay().keys())
        };
        if !is_known || self.keyring.is_lacking() {
            let list = SigningKey::all(&mut conn).await?;
            self.keyring.following(&list, clock.now())?;
        }
        Ok(())
    }
}

/// The clock's time and the database's, where they are too far apart.
async fn apart(
    conn: &mut Connection,
    clock: &Clock,
) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>, storage::Error> {
    if !clock.is_real() {
        return Ok(None);
    }
    let Some(database) = log::server_time(conn).await? else {
        return Ok(None);
    };
    let now = clock.now();
    Ok(((now - database).abs() > APART).then_some((now, database)))
}
