//! Safe repetition: a request with an `Idempotency-Key` is carried out once and answered alike ever after.
//!
//! The outcome is kept in the use case's own transaction, sealed with a key made of the request itself: an
//! outcome may hold a token that is shown once, and the database alone must not give it away. A refusal is not
//! kept: nothing was written, so the request may be tried again.

use charter_proof::canonical::Digest;
use chrono::{DateTime, TimeDelta, Utc};
use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, Nonce, UnboundKey};
use serde::{Serialize, de::DeserializeOwned};

use super::Failure;
use crate::storage::{Database, Transaction, idempotency};

/// How long an outcome is kept.
const KEPT_FOR: TimeDelta = TimeDelta::hours(24);

/// What a request's `Idempotency-Key` comes down to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Idempotency {
    /// The digest of caller and key, under which the request is entered.
    id: Digest,
    /// The digest of method, path and body.
    request: Digest,
    /// What the outcome is sealed with; known to whoever has caller, key and request, and nowhere stored.
    seal: Digest,
}

impl Idempotency {
    /// Of a caller (its token, or nothing), the key it sent, the request's method and path, and the body's digest.
    pub fn new(caller: &str, key: &str, target: &str, body: Digest) -> Self {
        let digest = |label: &str, parts: &[Digest]| {
            // Each part is hashed first, so that no two lists of parts can run into the same bytes.
            let mut bytes = label.as_bytes().to_vec();
            for part in parts {
                bytes.extend_from_slice(part.as_bytes());
            }
            Digest::of(&bytes)
        };
        let [caller, key, target] = [caller, key, target].map(|part| Digest::of(part.as_bytes()));
        Self {
            id: digest("idempotency-id\n", &[caller, key]),
            request: digest("idempotency-request\n", &[target, body]),
            seal: digest("idempotency-seal\n", &[caller, key, target, body]),
        }
    }

    /// Enters the request; returns the outcome that it had before.
    pub(super) async fn enter<T: DeserializeOwned>(
        &self,
        tx: &mut Transaction,
        at: DateTime<Utc>,
    ) -> Result<Option<T>, Failure> {
        idempotency::forget_before(tx, at - KEPT_FOR).await?;
        let entered = idempotency::enter(tx, self.id, self.request, at).await;
        let earlier = entered.map_err(|error| {
            if error.is_busy() {
                Failure::StillRunning
            } else {
                error.into()
            }
        })?;
        let Some(earlier) = earlier else {
            return Ok(None);
        };
        if earlier.request_digest != self.request {
            return Err(Failure::KeyReused);
        }
        let opened = self.open(earlier.answer)?;
        serde_json::from_slice(&opened)
            .map(Some)
            .map_err(|_| Failure::Outcome)
    }

    /// Keeps the outcome of the request.
    pub(super) async fn answer<T: Serialize>(
        &self,
        tx: &mut Transaction,
        outcome: &T,
    ) -> Result<(), Failure> {
        let plain = serde_json::to_vec(outcome).map_err(|_| Failure::Outcome)?;
        Ok(idempotency::answer(tx, self.id, &self.sealed(plain)?).await?)
    }

    /// The nonce may be constant: the key is used for one message only, that of this very request.
    fn aead(&self) -> Result<(LessSafeKey, Nonce), Failure> {
        let key = UnboundKey::new(&CHACHA20_POLY1305, self.seal.as_bytes())
            .map_err(|_| Failure::Outcome)?;
        Ok((LessSafeKey::new(key), Nonce::assume_unique_for_key([0; 12])))
    }

    fn sealed(&self, mut plain: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let (key, nonce) = self.aead()?;
        key.seal_in_place_append_tag(nonce, Aad::empty(), &mut plain)
            .map_err(|_| Failure::Outcome)?;
        Ok(plain)
    }

    fn open(&self, mut sealed: Vec<u8>) -> Result<Vec<u8>, Failure> {
        let (key, nonce) = self.aead()?;
        let plain = key
            .open_in_place(nonce, Aad::empty(), &mut sealed)
            .map_err(|_| Failure::Outcome)?;
        Ok(plain.to_vec())
    }
}

/// Takes the outcomes away that are not kept any more.
pub(super) async fn forget(database: &Database, at: DateTime<Utc>) -> Result<(), Failure> {
    let mut tx = database.begin().await?;
    idempotency::forget_before(&mut tx, at - KEPT_FOR).await?;
    Ok(tx.commit().await?)
}

#[cfg(test)]
mod tests {
    use charter_proof::canonical::Digest;

    use super::Idempotency;

    #[test]
    fn only_the_same_request_opens_the_outcome() {
        let request = Idempotency::new("token", "key", "POST /v1/x", Digest::of(b"{}"));
        let sealed = request.sealed(b"secret".to_vec()).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret"));
        assert_eq!(request.open(sealed.clone()).unwrap(), b"secret");
        let others = [
            ("other", "key", "{}"),
            ("token", "other", "{}"),
            ("token", "key", "{ }"),
        ];
        for (caller, key, body) in others {
            assert!(
                Idempotency::new(caller, key, "POST /v1/x", Digest::of(body.as_bytes()))
                    .open(sealed.clone())
                    .is_err()
            );
        }
    }
}
