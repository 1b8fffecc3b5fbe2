//! What becomes of the registry's own keys, as entries of its log.

use std::sync::Arc;

use charter_proof::{
    entry::{Entry, Event},
    keys::{PublicKey, Purpose, SecretKey},
};

use super::{Ledger, LedgerError};
use crate::storage::keys::{AnnouncedKey, SigningKey};

impl Ledger {
    /// Says that a key will sign; until it does, nothing changes.
    pub async fn announce_key(
        &mut self,
        purpose: Purpose,
        key: PublicKey,
    ) -> Result<u64, LedgerError> {
        let index = self.append(Event::KeyAnnounced { purpose, key }).await?;
        let announced = AnnouncedKey {
            purpose,
            key,
            announced_at: self.at(),
        };
        AnnouncedKey::put(&mut self.tx, &announced).await?;
        Ok(index)
    }

    /// Puts a key in the place of the one in force: from this entry on it signs, the checkpoint over it included.
    pub async fn rotate_key(
        &mut self,
        purpose: Purpose,
        key: SecretKey,
    ) -> Result<u64, LedgerError> {
        let old = self.keys.of(purpose).clone();
        let rotation = Entry::rotation(self.at(), purpose, &old, &key);
        let index = self.append(rotation.event).await?;
        self.end_key(old.public(), index, false).await?;
        self.begin_key(purpose, key, index, true).await?;
        Ok(index)
    }

    /// Says that others may have a key: what it signed for this entry or later does not count. Another takes its place,
    /// where it is in force.
    pub async fn compromise_key(
        &mut self,
        purpose: Purpose,
        key: PublicKey,
        replacement: Option<SecretKey>,
    ) -> Result<u64, LedgerError> {
        let event = Event::KeyCompromised {
            purpose,
            key,
            replaced_by: replacement.as_ref().map(SecretKey::public),
        };
        let index = self.append(event).await?;
        self.end_key(key, index, true).await?;
        if let Some(replacement) = replacement {
            self.begin_key(purpose, replacement, index, false).await?;
        } else {
            self.keys = Arc::new(self.keys.without(purpose, key));
            self.turned = Some(SigningKey::all(&mut self.tx).await?);
        }
        Ok(index)
    }

    async fn begin_key(
        &mut self,
        purpose: Purpose,
        key: SecretKey,
        index: u64,
        former_stays: bool,
    ) -> Result<(), LedgerError> {
        let active = SigningKey::active(purpose, key.public(), index, self.at());
        SigningKey::insert(&mut self.tx, &active).await?;
        AnnouncedKey::remove(&mut self.tx, purpose).await?;
        self.keys = Arc::new(self.keys.with(purpose, key, self.at(), former_stays));
        self.turned = Some(SigningKey::all(&mut self.tx).await?);
        Ok(())
    }

    async fn end_key(
        &mut self,
        key: PublicKey,
        index: u64,
        is_compromised: bool,
    ) -> Result<(), LedgerError> {
        let known = SigningKey::all(&mut self.tx).await?.into_iter();
        let ended = known.filter(|known| known.range.public_key_multibase == key);
        for mut ended in ended {
            let to = ended.range.to.map_or(index, |to| to.min(index));
            ended.range.to = Some(to);
            ended.retired_at = ended.retired_at.or(Some(self.at()));
            if is_compromised {
                ended.compromised_at = ended.compromised_at.or(Some(self.at()));
            }
            SigningKey::update(&mut self.tx, &ended).await?;
        }
        Ok(())
    }
}
