//! Whom a mirror trusts: the keys of a policy file, or those that answered first, pinned from then on.

use charter_proof::{
    identity::{Base, did_of_host},
    keys::{KeyList, KeyRange, Purpose},
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
            told: known.as_ref().and_then(|it| it.told),
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

    /// The keys by which the registry may sign its checkpoints now: the one in force by its log and the one before it, which
    /// signs beside it for a time, and those trusted from the beginning that the log does not name.
    pub fn log_keys(&self, list: &KeyList) -> Vec<NoteKey> {
        let ranges = list.ranges().iter();
        let of_log: Vec<&KeyRange> = ranges.filter(|it| it.purpose == Purpose::Log).collect();
        let since = of_log.iter().find(|range| range.to.is_none());
        let since = since.map(|range| range.from);
        let signs = of_log.iter().filter(|it| it.to.is_none() || it.to == since);
        let name = || self.policy.origin.clone();
        let key =
            |range: &&&KeyRange| NoteKey::new(name(), Kind::Plain, range.public_key_multibase);
        let named = |key: &NoteKey| {
            of_log
                .iter()
                .any(|it| it.public_key_multibase == *key.key())
        };
        let pinned = self.policy.log_keys.iter().filter(|key| !named(key));
        signs
            .filter_map(|range| key(&range))
            .chain(pinned.cloned())
            .collect()
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

#[cfg(test)]
mod tests {
    use charter_proof::{
        keys::{KeyList, KeyRange, PublicKey, Purpose, SecretKey},
        note::{Kind, NoteKey},
        policy::Policy,
    };
    use chrono::DateTime;

    use super::{Pin, Pinned, base_of};

    const ORIGIN: &str = "registry.example/log";

    fn public(seed: u8) -> PublicKey {
        SecretKey::from_seed([seed; 32]).public()
    }

    fn key(seed: u8) -> NoteKey {
        NoteKey::new(ORIGIN.to_owned(), Kind::Plain, public(seed)).unwrap()
    }

    #[test]
    fn the_key_in_force_signs_and_the_one_before_it_and_pinned_ones_that_are_no_older() {
        let range = |purpose, seed, from, to| KeyRange {
            from,
            public_key_multibase: public(seed),
            purpose,
            to,
        };
        let of_log = |seed, from, to| range(Purpose::Log, seed, from, to);
        let others = [
            range(Purpose::Record, 11, 0, None),
            range(Purpose::Clock, 12, 0, None),
        ];
        for (pinned, ranges, expected) in [
            (&[1][..], vec![], &[1][..]),
            (&[1], vec![of_log(1, 0, None)], &[1]),
            // One that is announced and pinned will sign.
            (&[1, 2], vec![of_log(1, 0, None)], &[1, 2]),
            (
                &[1],
                vec![of_log(1, 0, Some(7)), of_log(2, 7, None)],
                &[1, 2],
            ),
            (
                &[1],
                vec![
                    of_log(1, 0, Some(7)),
                    of_log(2, 7, Some(9)),
                    of_log(3, 9, None),
                ],
                &[2, 3],
            ),
        ] {
            let log_keys = pinned.iter().map(|seed| key(*seed)).collect();
            let pin = Pin {
                pinned: Pinned {
                    source: String::new(),
                    policy: String::new(),
                    first_use: false,
                    pinned_at: DateTime::UNIX_EPOCH,
                    target: None,
                    contradicted: None,
                    evidence: None,
                    told: None,
                },
                policy: Policy::of_registry(ORIGIN.to_owned(), log_keys, Vec::new()),
                base: base_of(ORIGIN, "https://registry.example").unwrap(),
            };
            let list = KeyList::new(ranges.into_iter().chain(others.clone()).collect());
            let mut known = pin.log_keys(&list);
            known.sort_by_key(|known| expected.iter().position(|seed| *known == key(*seed)));
            let expected: Vec<_> = expected.iter().map(|seed| key(*seed)).collect();
            assert_eq!(known, expected);
        }
    }
}
