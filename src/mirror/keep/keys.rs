//! The registry's keys as its log tells of them.

use charter_proof::{
    entry::Event,
    keys::{PublicKey, Purpose},
};
use chrono::{DateTime, Utc};

use crate::storage::{
    self, LogTransaction,
    keys::{AnnouncedKey, SigningKey},
};

/// Takes in an entry about a key.
pub(super) async fn keep(
    tx: &mut LogTransaction,
    index: u64,
    at: DateTime<Utc>,
    event: &Event,
) -> Result<(), storage::Error> {
    match event {
        Event::LogCreated { keys, .. } => {
            for range in keys.ranges() {
                let mut key =
                    SigningKey::active(range.purpose, range.public_key_multibase, range.from, at);
                key.range.to = range.to;
                SigningKey::insert(tx, &key).await?;
            }
            Ok(())
        }
        Event::KeyAnnounced { purpose, key } => {
            let announced = AnnouncedKey {
                purpose: *purpose,
                key: *key,
                announced_at: at,
            };
            AnnouncedKey::put(tx, &announced).await
        }
        Event::KeyRotated {
            purpose,
            key,
            replaces,
            ..
        } => {
            end(tx, *replaces, index, at, false).await?;
            begin(tx, *purpose, *key, index, at).await
        }
        Event::KeyCompromised {
            purpose,
            key,
            replaced_by,
        } => {
            end(tx, *key, index, at, true).await?;
            match replaced_by {
                Some(replacement) => begin(tx, *purpose, *replacement, index, at).await,
                None => Ok(()),
            }
        }
        _ => Ok(()),
    }
}

async fn begin(
    tx: &mut LogTransaction,
    purpose: Purpose,
    key: PublicKey,
    index: u64,
    at: DateTime<Utc>,
) -> Result<(), storage::Error> {
    SigningKey::insert(tx, &SigningKey::active(purpose, key, index, at)).await?;
    AnnouncedKey::remove(tx, purpose).await
}

async fn end(
    tx: &mut LogTransaction,
    key: PublicKey,
    index: u64,
    at: DateTime<Utc>,
    is_compromised: bool,
) -> Result<(), storage::Error> {
    let known = SigningKey::all(tx).await?.into_iter();
    for mut ended in known.filter(|known| known.range.public_key_multibase == key) {
        ended.range.to = Some(ended.range.to.map_or(index, |to| to.min(index)));
        ended.retired_at = ended.retired_at.or(Some(at));
        if is_compromised {
            ended.compromised_at = ended.compromised_at.or(Some(at));
        }
        SigningKey::update(tx, &ended).await?;
    }
    Ok(())
}
