//! The registry asks its witnesses: each new checkpoint goes to all of them at once, and is served when enough of them
//! cosigned it (C2SP tlog-witness, tlog-policy).

mod door;
mod round;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use charter_proof::{note::NoteKey, policy::Policy};
use chrono::{DateTime, Utc};
use tokio::time::timeout;

use crate::{
    clock::Clock,
    log::memory::{Log, Published},
    storage::{self, Database},
};
use door::Door;

/// How long after a round that brought no quorum the next begins, and how long at most after many.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// How long a start waits for the witnesses to say how far they know the log.
const GREETING: Duration = Duration::from_secs(5);

/// The witnesses of a policy, and what they said last.
pub struct Asking {
    policy: Arc<Policy>,
    doors: Vec<Arc<Door>>,
    database: Database,
    log: Log,
    clock: Clock,
    /// Since when the newest checkpoint waits.
    waits_since: Mutex<Option<DateTime<Utc>>>,
}

/// Why the witnesses of a policy cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskingError {
    /// It is about another log.
    #[error("the witness policy is about the log {policy}, and this one is {log}")]
    OtherLog {
        /// The policy's origin.
        policy: String,
        /// This log's.
        log: String,
    },
    /// Those who have an address can never be a quorum.
    #[error(
        "the witness policy has too few witnesses with an address (`witness NAME KEY URL`) for its quorum"
    )]
    Unreachable,
    /// A witness has no address that can be asked.
    #[error("the witness policy gives {0:?} as an address: expected http:// or https://")]
    Address(String),
    /// There is no HTTP client.
    #[error("could not make an HTTP client")]
    Client(#[source] reqwest::Error),
}

/// A checkpoint that waits for its quorum.
#[derive(Debug, Clone)]
pub struct Waiting {
    /// How many entries it has.
    pub size: u64,
    /// Since when it waits.
    pub since: Option<DateTime<Utc>>,
    /// The witnesses that have not cosigned it, and what came of asking each last.
    pub troubles: Vec<(String, String)>,
}

impl Asking {
    /// Reads whom to ask from a policy about the log of this origin.
    pub fn new(
        policy: Arc<Policy>,
        origin: &str,
        database: Database,
        log: Log,
        clock: Clock,
    ) -> Result<Self, AskingError> {
        if policy.origin != origin {
            return Err(AskingError::OtherLog {
                policy: policy.origin.clone(),
                log: origin.to_owned(),
            });
        }
        let has_address = |place: usize| {
            let witness = policy.witnesses.get(place);
            witness.is_some_and(|witness| witness.url.is_some())
        };
        if !policy.quorum.is_met(&has_address) {
            return Err(AskingError::Unreachable);
        }
        let doors = Door::all(&policy)?;
        Ok(Self {
            doors: doors.into_iter().map(Arc::new).collect(),
            policy,
            database,
            log,
            clock,
            waits_since: Mutex::default(),
        })
    }

    /// Asks all of them once before anything else is signed, also about what they cosigned before: they know of an older
    /// backup what neither its database nor its mark tells.
    pub async fn greet(&self) {
        if let Some(newest) = self.log.newest() {
            let round = self.round(newest, self.doors.clone());
            if timeout(GREETING, round).await.is_err() {
                tracing::warn!("not every witness answered in time; they are asked again");
            }
        }
    }

    /// Asks about each new checkpoint, and again where the quorum was missed, for ever.
    pub async fn keep_asking(self: Arc<Self>) {
        let mut pause = PAUSE;
        loop {
            let news = self.log.news();
            self.note_waiting();
            let Some((newest, doors)) = self.unasked() else {
                pause = PAUSE;
                news.await;
                continue;
            };
            if self.log.uncosigned().is_some() {
                if self.round(newest, doors).await {
                    pause = PAUSE;
                } else {
                    tokio::time::sleep(pause).await;
                    pause = LONGEST_PAUSE.min(pause * 2);
                }
                continue;
            }
            // What is served lacks a statement of somebody: a mirror has to fetch what it recomputes.
            if timeout(pause, news).await.is_ok() {
                pause = PAUSE;
            } else {
                pause = LONGEST_PAUSE.min(pause * 2);
                self.round(newest, doors).await;
            }
        }
    }

    /// The newest checkpoint, and the witnesses that are left to be asked about it, if there are any.
    fn unasked(&self) -> Option<(Arc<Published>, Vec<Arc<Door>>)> {
        let newest = self.log.newest()?;
        let doors = self.missing(&newest);
        (!doors.is_empty()).then_some((newest, doors))
    }

    fn note_waiting(&self) {
        let mut since = self
            .waits_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *since = match (self.log.awaiting(), *since) {
            (None, _) => None,
            (Some(_), Some(since)) => Some(since),
            (Some(_), None) => Some(self.clock.now()),
        };
    }

    /// The newest checkpoint, if it waits for its quorum.
    pub fn waiting(&self) -> Option<Waiting> {
        let newest = self.log.awaiting()?;
        let since = self
            .waits_since
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        Some(Waiting {
            size: newest.checkpoint.size,
            since: *since,
            troubles: self
                .doors
                .iter()
                .filter_map(|door| door.trouble())
                .collect(),
        })
    }

    /// Whether an operator lets checkpoints be served without their quorum.
    pub fn is_overridden(&self) -> bool {
        self.log.is_overridden()
    }

    /// Each witness by its name, and whether it cosigned when it was asked last.
    pub fn answering(&self) -> impl Iterator<Item = (&str, bool)> {
        let doors = self.doors.iter();
        doors.map(|door| (door.names(), door.trouble().is_none()))
    }

    /// The policy's keys of witnesses, each with the place of its witness.
    fn keys(policy: &Policy) -> impl Iterator<Item = (usize, &NoteKey)> {
        let witnesses = policy.witnesses.iter().enumerate();
        witnesses.flat_map(|(place, witness)| {
            let keys = witness.log.iter().chain(&witness.map);
            keys.map(move |key| (place, key))
        })
    }
}

/// What kept a quorum from being kept.
#[derive(Debug, thiserror::Error)]
#[error("what the witnesses cosigned could not be kept")]
struct Unkept(#[from] storage::Error);
