//! Whom a mirror trusts: the keys of a policy file, or those that answered first, pinned from then on.

use charter_proof::{
    identity::{Base, did_of_host},
    note::{Kind, Note, NoteKey, Signed},
    policy::{Policy, PolicyError},
};
use chrono::{DateTime, Utc};

use super::source::{Source, SourceError};
use crate::storage::{self, Database, log, mirror::Pinned};

/// Why there is nothing to follow.
#[derive(Debug, thiserror::Error)]
pub enum PinError {
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// The registry does not give its policy.
    #[error("the registry's keys cannot be learned: give them with --policy FILE")]
    Source(#[from] SourceError),
    /// It is no policy.
    #[error("the policy cannot be read")]
    Policy(#[from] PolicyError),
    /// The policy's origin is none of a registry.
    #[error("the policy's origin {0:?} is not that of a registry: expected `host/log`")]
    Origin(String),
    /// The database is a registry's own.
    #[error(
        "this database is a registry's own, not a mirror's: give the mirror another one, by --database-url or --data"
    )]
    OwnRegistry,
    /// The database follows another registry.
    #[error("this database mirrors {pinned}, not {wanted}: give each mirror a database of its own")]
    OtherOrigin {
        /// Whom it follows.
        pinned: String,
        /// Whom it was to follow.
        wanted: String,
    },
}

/// Whom a mirror follows, and by which keys.
#[derive(Debug, Clone)]
pub struct Pin {
    /// What is written down of it.
    pub pinned: Pinned,
    /// The keys that are trusted.
    pub policy: Policy,
    /// The registry's public address.
    pub base: Base,
}

impl Pin {
    /// Takes the keys of this policy; without one those that are pinned already, or that the registry gives now.
    pub async fn settle(
        database: &Database,
        source: &Source,
        policy: Option<String>,
        at: DateTime<Utc>,
    ) -> Result<Self, PinError> {
        let mut conn = database.read().await?;
        let known = Pinned::find(&mut conn).await?;
        if known.is_none() && log::head(&mut conn).await?.size > 0 {
            return Err(PinError::OwnRegistry);
        }
        drop(conn);
        let before = known.as_ref().map(|known| Policy::parse(&known.policy));
        let before = before.transpose()?;
        let (text, first_use) = match (policy, &known) {
            (Some(policy), _) => (policy, false),
            (None, Some(known)) => (known.policy.clone(), known.first_use),
            (None, None) => (source.policy().await?, true),
        };
        let policy = Policy::parse(&text)?;
        if let Some(before) = before
            && before.origin != policy.origin
        {
            return Err(PinError::OtherOrigin {
                pinned: before.origin,
                wanted: policy.origin,
            });
        }
        let base = base_of(&policy.origin, source.url())
            .ok_or_else(|| PinError::Origin(policy.origin.clone()))?;
        let pinned = Pinned {
            source: source.url().to_owned(),
            policy: text,
            first_use,
            pinned_at: known.as_ref().map_or(at, |known| known.pinned_at),
            target: known.as_ref().and_then(|it| it.target.clone()),
            contradicted: known.as_ref().and_then(|it| it.contradicted.clone()),
            evidence: known.as_ref().and_then(|it| it.evidence.clone()),
        };
        if known.as_ref() != Some(&pinned) {
            let mut tx = database.begin().await?;
            pinned.put(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(Self {
            pinned,
            policy,
            base,
        })
    }

    /// Whether one of these keys, or of those that were trusted from the beginning, signed the checkpoint.
    pub fn signed(&self, note: &Note, known: impl IntoIterator<Item = NoteKey>) -> bool {
        let mut keys = known
            .into_iter()
            .chain(self.policy.log_keys.iter().cloned());
        keys.any(|key| key.kind() == Kind::Plain && key.verify(note) == Ok(Signed::Text))
    }
}

/// The public address of the registry with this origin; on loopback of the scheme by which it is reached.
fn base_of(origin: &str, source: &str) -> Option<Base> {
    let host = origin.strip_suffix("/log")?;
    let scheme = source.split_once("://").map(|(scheme, _)| scheme)?;
    let mut candidates = Base::candidates_for_did(&did_of_host(host));
    let near = candidates
        .iter()
        .position(|base| base.url().starts_with(&format!("{scheme}://")));
    match near {
        Some(place) => Some(candidates.swap_remove(place)),
        None => candidates.into_iter().next(),
    }
}
