//! The registry asks its witnesses: each new checkpoint goes to all of them at once, and is served when enough of them
//! cosigned it (C2SP tlog-witness, tlog-policy).

mod door;
mod rest;
mod round;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use charter_proof::{
    note::NoteKey,
    policy::{Part, Policy, Quorum, Witness},
};
use chrono::{DateTime, Utc};
use tokio::time::timeout;

use crate::{
    clock::Clock,
    log::memory::{Log, Published},
    storage::{self, Database},
};
use door::Door;

/// How long after a round that left somebody out the next begins, and how long at most after many: while a checkpoint
/// waits for its quorum, and while none does.
const PAUSE: Duration = Duration::from_secs(1);
const LONGEST_WAITING: Duration = Duration::from_secs(3);
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
    /// Nobody signs with this key before the checkpoint is served.
    #[error(
        "the quorum of the witness policy counts {0}, which signs only what was published: a mirror recomputes the map once \
         it could fetch it, and the checkpoint would wait for that for ever. Name it on a `witness` line, and in no group and \
         not as the quorum; what counts is the mirror's key without /map"
    )]
    Recomputes(String),
    /// A witness has no address that can be asked.
    #[error("the witness policy gives {0:?} as an address: expected http:// or https://")]
    Address(String),
    /// There is no HTTP client.
    #[error("could not make an HTTP client")]
    Client(#[source] reqwest::Error),
}

/// How a witness answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answering<'a> {
    /// Who it is, by the names of the policy.
    pub witness: &'a str,
    /// Whether it cosigned when it was asked last.
    pub cosigned: bool,
    /// Since when it fails.
    pub failing_since: Option<DateTime<Utc>>,
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
        check(&policy, origin)?;
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

    /// Asks about each new checkpoint, and again where somebody did not cosign it, for ever.
    ///
    /// A witness that fails rests longer after each failure (`rest`), and is asked all the same where the others are not
    /// enough for the quorum: then everybody is, every few seconds.
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
            let is_new = self.log.uncosigned().is_some();
            if is_new && self.round(newest.clone(), doors.clone()).await {
                pause = PAUSE;
                continue;
            }
            if timeout(pause, news).await.is_ok() {
                pause = PAUSE;
                continue;
            }
            let waits = self.log.awaiting().is_some();
            let longest = if waits {
                LONGEST_WAITING
            } else {
                LONGEST_PAUSE
            };
            pause = longest.min(pause * 2);
            if !is_new {
                // What is served lacks a statement of somebody: a mirror has to fetch what it recomputes.
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

    /// The policy under which checkpoints are published.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Whether an operator lets checkpoints be served without their quorum.
    pub fn is_overridden(&self) -> bool {
        self.log.is_overridden()
    }

    /// How each witness answers.
    pub fn answering(&self) -> impl Iterator<Item = Answering<'_>> {
        self.doors.iter().map(|door| door.answering())
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

/// Whether the log of this origin can be published by a policy.
fn check(policy: &Policy, origin: &str) -> Result<(), AskingError> {
    if policy.origin != origin {
        return Err(AskingError::OtherLog {
            policy: policy.origin.clone(),
            log: origin.to_owned(),
        });
    }
    let of_quorum = counted(&policy.quorum).into_iter();
    let witnesses: Vec<&Witness> = of_quorum
        .filter_map(|place| policy.witnesses.get(place))
        .collect();
    let keys = |witness: &Witness| witness.log.clone().into_iter().chain(witness.map.clone());
    let recomputes = |witness: &&&Witness| keys(witness).all(|key| key.name().ends_with("/map"));
    if let Some(witness) = witnesses.iter().find(recomputes) {
        return Err(AskingError::Recomputes(witness.name.clone()));
    }
    let has_address = |place: usize| {
        let witness = policy.witnesses.get(place);
        witness.is_some_and(|witness| witness.url.is_some())
    };
    if policy.quorum.is_met(&has_address) {
        Ok(())
    } else {
        Err(AskingError::Unreachable)
    }
}

/// The places of the witnesses that a quorum counts, those of its groups included.
fn counted(quorum: &Quorum) -> Vec<usize> {
    let of = quorum.of.iter().flat_map(|part| match part {
        Part::Witness(place) => vec![*place],
        Part::Group(group) => counted(group),
    });
    of.collect()
}

/// What kept a quorum from being kept.
#[derive(Debug, thiserror::Error)]
#[error("what the witnesses cosigned could not be kept")]
struct Unkept(#[from] storage::Error);

#[cfg(test)]
mod tests;
