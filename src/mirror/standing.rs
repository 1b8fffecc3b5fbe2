//! How a mirror stands to the registry that it follows: what `/v1/mirror`, readiness and metrics tell.

use std::sync::{
    PoisonError, RwLock,
    atomic::{AtomicBool, Ordering},
};

use charter_proof::{canonical::Digest, identity::Base, note::NoteKey, policy::Policy};
use chrono::{DateTime, Utc};
use tokio::sync::watch;

use super::stage::Stage;

/// How a mirror stands to the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has what the registry published last.
    Following,
    /// It fetches and checks what it does not have yet.
    CatchingUp,
    /// It could not learn for some time what the registry published.
    Stale,
    /// The registry contradicts itself: nothing more is accepted.
    Contradicted,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [
        Self::Following,
        Self::CatchingUp,
        Self::Stale,
        Self::Contradicted,
    ];

    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Following => "following",
            Self::CatchingUp => "catching-up",
            Self::Stale => "stale",
            Self::Contradicted => "contradicted",
        }
    }
}

/// What a mirror knows of how it stands.
#[derive(Debug, Clone)]
pub struct Now {
    /// The state.
    pub state: State,
    /// How many entries are kept and checked, those included that are not served yet.
    pub kept: u64,
    /// How many of them the tables tell, from which readers are answered about members.
    pub told: u64,
    /// How many entries the registry's newest checkpoint has, as far as is known.
    pub size: Option<u64>,
    /// The time of the clock's cosignature on what is served.
    pub cosigned_at: Option<DateTime<Utc>>,
    /// When the registry was last asked and everything was in order.
    pub checked_at: Option<DateTime<Utc>>,
    /// What is in the way.
    pub detail: Option<String>,
    /// The name of the evidence file in the data folder.
    pub evidence: Option<String>,
}

/// What was recomputed up to its last entry, its membership map included: whoever cosigns may say so of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaughtUp {
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The root of the membership map that they come to.
    pub map: Digest,
}

/// How this mirror stands, shared between whoever follows and whoever answers.
pub struct Standing {
    /// The registry's public address.
    pub base: Base,
    /// Where it is fetched from.
    pub source: String,
    /// Whether the keys that are trusted are those that answered first.
    pub first_use: bool,
    /// Whom it trusts, and how old the clock's cosignature may be before what is served is stale.
    pub policy: Policy,
    now: RwLock<Now>,
    is_log_open: AtomicBool,
    is_open: AtomicBool,
    stage: Stage,
    caught_up: watch::Sender<Option<CaughtUp>>,
    log_keys: watch::Sender<Vec<NoteKey>>,
}

impl Standing {
    /// A mirror that has not asked yet.
    pub fn new(base: Base, source: String, first_use: bool, policy: Policy, stage: Stage) -> Self {
        Self {
            base,
            source,
            first_use,
            log_keys: watch::Sender::new(policy.log_keys.clone()),
            policy,
            now: RwLock::new(Now {
                state: State::CatchingUp,
                kept: 0,
                told: 0,
                size: None,
                cosigned_at: None,
                checked_at: None,
                detail: None,
                evidence: None,
            }),
            is_log_open: AtomicBool::default(),
            is_open: AtomicBool::default(),
            stage,
            caught_up: watch::Sender::new(None),
        }
    }

    /// How it stands at this time.
    pub fn now(&self, at: DateTime<Utc>) -> Now {
        let now = self.now.read().unwrap_or_else(PoisonError::into_inner);
        let mut now = now.clone();
        let is_old = now
            .cosigned_at
            .is_some_and(|cosigned| at - cosigned > self.policy.max_age);
        if now.state == State::Following && is_old {
            now.state = State::Stale;
        }
        now
    }

    /// Notes how it stands.
    pub fn note(&self, change: impl FnOnce(&mut Now)) {
        change(&mut self.now.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Whether there is a log to serve.
    pub fn is_log_open(&self) -> bool {
        self.is_log_open.load(Ordering::Relaxed)
    }

    /// Serves the log: everything up to a checkpoint was checked and is there.
    pub fn open_log(&self) {
        self.is_log_open.store(true, Ordering::Relaxed);
    }

    /// Where records wait that stand in no table yet; none where the tables tell everything.
    pub fn stage(&self) -> Option<&Stage> {
        (!self.is_open()).then_some(&self.stage)
    }

    /// Whether there is something to answer readers from.
    pub fn is_open(&self) -> bool {
        self.is_open.load(Ordering::Relaxed)
    }

    /// Lets readers in: the tables tell everything up to a checkpoint.
    pub fn open(&self) {
        self.is_open.store(true, Ordering::Relaxed);
    }

    /// Says what was recomputed.
    pub fn tell(&self, caught_up: CaughtUp) {
        self.caught_up.send_replace(Some(caught_up));
    }

    /// Says by which keys the registry signs its checkpoints.
    pub fn tell_log_keys(&self, keys: Vec<NoteKey>) {
        self.log_keys.send_if_modified(|known| {
            let is_new = *known != keys;
            *known = keys;
            is_new
        });
    }

    /// The keys by which the registry signs its checkpoints, and whatever they will be.
    pub fn log_keys(&self) -> watch::Receiver<Vec<NoteKey>> {
        self.log_keys.subscribe()
    }

    /// What was recomputed last, and whatever will be.
    pub fn caught_up(&self) -> watch::Receiver<Option<CaughtUp>> {
        self.caught_up.subscribe()
    }
}
