//! What is served: the newest checkpoint, or the newest that the witnesses of a policy cosigned.
//!
//! Tiles, entries and records are public once they are committed and marked. The checkpoint and the proofs that stand on
//! it wait for the quorum; meanwhile the last one that had it goes on being served, with its own map. What one instance
//! was answered is kept in the database, where the others find it.

use std::sync::{
    Arc, PoisonError, RwLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use charter_proof::{canonical::Digest, merkle::consistency_proof, note::Note, policy::Policy};
use tokio::sync::Notify;

use super::{Closing, Log, LogError, Published};
use crate::{
    log::mark::marked,
    storage::{
        Connection,
        witnessed::{self, Standing},
    },
};

/// What the log knows of its witnesses.
#[derive(Default)]
pub(super) struct Witnessing {
    policy: Option<Arc<Policy>>,
    served: RwLock<Option<Arc<Published>>>,
    is_overridden: AtomicBool,
    /// The largest size that a witness cosigned and the database did not have.
    ahead: AtomicU64,
    /// The size of a checkpoint that contradicts the database's log; 0 for none.
    forked: AtomicU64,
    news: Notify,
}

impl Witnessing {
    /// Witnessing by this policy, or none.
    pub(super) fn by(policy: Option<Arc<Policy>>) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    pub(super) const fn policy(&self) -> Option<&Arc<Policy>> {
        self.policy.as_ref()
    }

    /// Whether a checkpoint is served only once witnesses cosigned it.
    fn is_asked_for(&self) -> bool {
        let needs = |policy: &Arc<Policy>| !policy.quorum.is_met(&|_| false);
        self.policy.as_ref().is_some_and(needs) && !self.is_overridden.load(Ordering::Relaxed)
    }

    /// A checkpoint was committed and marked.
    pub(super) fn published(&self, published: Arc<Published>) {
        if !self.is_asked_for() {
            *self.served.write().unwrap_or_else(PoisonError::into_inner) = Some(published);
        }
        self.news.notify_waiters();
    }

    /// Refuses to sign on a log of this size where a witness knows better.
    pub(super) fn check(&self, found: u64) -> Result<(), LogError> {
        let cosigned = self.ahead.load(Ordering::Relaxed);
        let forked = self.forked.load(Ordering::Relaxed);
        if forked > 0 {
            return Err(LogError::Forked(forked));
        }
        if found < cosigned {
            return Err(LogError::BehindWitness { found, cosigned });
        }
        Ok(())
    }
}

impl Log {
    /// The checkpoint that is served, and at which proofs stand.
    pub fn served(&self) -> Option<Arc<Published>> {
        let served = &self.0.witnessing.served;
        let served = served.read().unwrap_or_else(PoisonError::into_inner);
        served.clone()
    }

    /// The newest checkpoint, if it waits for its quorum and may not be served.
    pub fn awaiting(&self) -> Option<Arc<Published>> {
        self.uncosigned()
            .filter(|_| self.0.witnessing.is_asked_for())
    }

    /// The newest checkpoint, if witnesses are asked and not enough of them cosigned it yet.
    pub fn uncosigned(&self) -> Option<Arc<Published>> {
        let newest = self
            .newest()
            .filter(|_| self.0.witnessing.policy.is_some())?;
        let is_cosigned = self.served().is_some_and(|served| {
            served.note.len() > newest.note.len() && served.note.starts_with(&newest.note)
        });
        (!is_cosigned).then_some(newest)
    }

    /// Whether an operator lets checkpoints be served without their quorum.
    pub fn is_overridden(&self) -> bool {
        self.0.witnessing.is_overridden.load(Ordering::Relaxed)
    }

    /// Returns once another checkpoint was published than at the time of this call.
    pub fn news(&self) -> impl Future<Output = ()> + Send + '_ {
        self.0.witnessing.news.notified()
    }

    /// The proof that a published tree continues the one of its first `old` leaves.
    pub async fn consistency(&self, old: u64, size: u64) -> Result<Vec<Digest>, LogError> {
        let memory = self.memory().await;
        consistency_proof(&memory.nodes(size), old, size).map_err(|_| LogError::Missing(size))
    }

    /// Notes that a witness cosigned more than the database has: nothing is signed until it has as much.
    pub fn note_ahead(&self, cosigned: u64) {
        self.0
            .witnessing
            .ahead
            .fetch_max(cosigned, Ordering::Relaxed);
    }

    /// Notes that this log's key signed a checkpoint of so many entries that is none of this log: nothing is signed.
    pub fn note_fork(&self, size: u64) {
        self.0.witnessing.forked.store(size, Ordering::Relaxed);
    }

    /// Serves a checkpoint under this note, which has the cosignatures of its quorum.
    pub fn serve_cosigned(&self, published: &Published, note: String) {
        let Some(ending) = published.ending.under(&published.note, &note) else {
            return;
        };
        self.serve(Arc::new(Published {
            note,
            ending,
            ..published.clone()
        }));
    }

    /// Serves a checkpoint, unless a later one is served.
    pub(super) fn serve(&self, published: Arc<Published>) {
        let served = &self.0.witnessing.served;
        let mut served = served.write().unwrap_or_else(PoisonError::into_inner);
        let place = |one: &Published| (one.checkpoint.size, one.cosigned_at, one.note.len());
        if served
            .as_ref()
            .is_none_or(|served| place(served) <= place(&published))
        {
            *served = Some(published);
        }
    }

    /// Takes over what other instances were answered, and what an operator said.
    pub async fn follow_witnesses(&self, conn: &mut Connection) -> Result<(), LogError> {
        let Some(policy) = self.0.witnessing.policy.clone() else {
            return Ok(());
        };
        let Standing {
            checkpoint,
            overridden,
        } = witnessed::standing(conn).await?;
        let is_overridden = overridden.is_some();
        self.0
            .witnessing
            .is_overridden
            .store(is_overridden, Ordering::Relaxed);
        let Some(newest) = self.newest() else {
            return Ok(());
        };
        if is_overridden {
            self.serve(newest.clone());
        }
        let Some(stored) = checkpoint.as_deref().and_then(marked) else {
            return Ok(());
        };
        let is_known = self
            .served()
            .is_some_and(|served| served.note == stored.note);
        if is_known || stored.checkpoint != newest.checkpoint {
            return Ok(());
        }
        let at = newest
            .replay
            .as_ref()
            .and_then(|replay| self.signed_at(replay, &stored));
        if let Some(at) = at.filter(|_| is_cosigned(&policy, &stored.note))
            && let Some(ending) = newest.ending.under(&newest.note, &stored.note)
        {
            self.serve(Arc::new(Published {
                note: stored.note,
                cosigned_at: at,
                ending,
                ..Published::clone(&newest)
            }));
        }
        Ok(())
    }
}

impl Closing {
    /// Takes in what the database has up to the last checkpoint that had its quorum, where that stands below `size`:
    /// it goes on being served, with the map as it was then.
    pub(super) async fn pass_witnessed(
        &mut self,
        conn: &mut Connection,
        size: u64,
    ) -> Result<(), LogError> {
        let Some(policy) = self.log.0.witnessing.policy.clone() else {
            return Ok(());
        };
        let stored = witnessed::standing(conn).await?.checkpoint;
        let Some(stored) = stored.as_deref().and_then(marked) else {
            return Ok(());
        };
        let known = self.memory.replay.size();
        let place = stored.checkpoint.size;
        if !(known..size).contains(&place) || !is_cosigned(&policy, &stored.note) {
            return Ok(());
        }
        self.memory.take_in(conn, place).await?;
        if let Some(mut standing) = self.log.checked(&self.memory, stored) {
            let mut replay = self.memory.replay.clone();
            replay.settle();
            standing.replay = Some(replay);
            self.standing = Some(standing);
        }
        Ok(())
    }
}

/// Whether enough of a policy's witnesses cosigned a note.
fn is_cosigned(policy: &Policy, note: &str) -> bool {
    let Ok(note) = note.parse::<Note>() else {
        return false;
    };
    policy.quorum.is_met(&|place| {
        let keys = policy
            .witnesses
            .get(place)
            .into_iter()
            .flat_map(|witness| witness.log.iter().chain(&witness.map));
        keys.into_iter().any(|key| key.verify(&note).is_ok())
    })
}
