//! Another key takes over: it is published first, and signs once everybody can know it.

use std::path::PathBuf;

use charter_proof::keys::{PublicKey, Purpose, SecretKey};
use chrono::{DateTime, Utc};

use super::ANNOUNCED_FOR;
use crate::{
    desk::{Begun, Desk, Failure, LogUnit, Request, failures_of},
    log::key_files::KeyFileError,
    rules::audit::{Action, Subject},
    storage::keys::AnnouncedKey,
};

/// That the key of a purpose is to be replaced.
#[derive(Debug, Clone, Copy)]
pub struct RotateKey {
    /// What the key signs.
    pub purpose: Purpose,
    /// Whether the new key signs at once, however long it has been published.
    pub at_once: bool,
    /// Whether another key is announced than the one that was.
    pub anew: bool,
}

/// How far the rotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rotation {
    /// The new key is published and does not sign yet.
    Announced {
        /// The new key.
        key: PublicKey,
        /// From when on it may sign.
        from: DateTime<Utc>,
    },
    /// The new key signs.
    InForce {
        /// The new key.
        key: PublicKey,
        /// The key before it.
        replaces: PublicKey,
        /// The first entry for which it signs.
        index: u64,
    },
}

/// Why the key is not replaced.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The new key is not published for long enough.
    #[error("{key} is announced and does not sign before {from}")]
    TooEarly {
        /// The new key.
        key: PublicKey,
        /// From when on it may sign.
        from: DateTime<Utc>,
    },
    /// The announced key is not the next one in the key folder.
    #[error("{key} was announced, and its private key is not at {path}")]
    NotAtHand {
        /// The announced key.
        key: PublicKey,
        /// Where it should be.
        path: PathBuf,
    },
    /// Somebody else announced or rotated a key meanwhile.
    #[error("what is announced has changed meanwhile: look at the keys and try again")]
    ChangedMeanwhile,
    /// A key file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// It did not come to that.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(RotateError);

/// Announces the next key of a purpose, or puts the announced one in force when it was published for long enough.
pub async fn rotate_key(
    desk: &Desk,
    request: Request,
    command: RotateKey,
) -> Result<Rotation, RotateError> {
    let purpose = command.purpose;
    let announced = AnnouncedKey::of(&mut desk.database.read().await?, purpose).await?;
    match announced.clone().filter(|_| !command.anew) {
        None => announce(desk, &request, command, announced).await,
        Some(waiting) => {
            let from = waiting.announced_at + ANNOUNCED_FOR;
            if desk.now() < from && !command.at_once {
                let key = waiting.key;
                return Err(RotateError::TooEarly { key, from });
            }
            put_in_force(desk, &request, waiting).await
        }
    }
}

/// Makes the next key and announces it; where nobody waits, it signs at once.
async fn announce(
    desk: &Desk,
    request: &Request,
    command: RotateKey,
    before: Option<AnnouncedKey>,
) -> Result<Rotation, RotateError> {
    let (purpose, keyring) = (command.purpose, &desk.signatory.keyring);
    if command.anew {
        keyring.discard_next(purpose)?;
    }
    // Its file is there before anybody hears of it. One that an interrupted run left behind will do.
    let next = keyring.next_or_new(purpose, &desk.clock)?;
    let mut unit = begin(desk, request, Action::KeyAnnounced, purpose, before).await?;
    let (key, at) = (next.public(), unit.at());
    unit.announce_key(purpose, key).await?;
    let rotation = if command.at_once {
        unit.also(Action::KeyRotated, Subject::Registry).await?;
        turn(desk, &mut unit, purpose, next).await?
    } else {
        let from = at + ANNOUNCED_FOR;
        Rotation::Announced { key, from }
    };
    unit.finish(()).await?;
    Ok(rotation)
}

async fn put_in_force(
    desk: &Desk,
    request: &Request,
    announced: AnnouncedKey,
) -> Result<Rotation, RotateError> {
    let (purpose, key) = (announced.purpose, announced.key);
    let keyring = &desk.signatory.keyring;
    let next = keyring.next(purpose)?.filter(|next| next.public() == key);
    let next = next.ok_or_else(|| RotateError::NotAtHand {
        key,
        path: keyring.next_path(purpose),
    })?;
    let mut unit = begin(desk, request, Action::KeyRotated, purpose, Some(announced)).await?;
    let rotation = turn(desk, &mut unit, purpose, next).await?;
    unit.finish(()).await?;
    Ok(rotation)
}

/// Opens the transaction, if what is announced is still what was seen before.
async fn begin(
    desk: &Desk,
    request: &Request,
    action: Action,
    purpose: Purpose,
    seen: Option<AnnouncedKey>,
) -> Result<LogUnit, RotateError> {
    let begun = desk.begin_log::<()>(request, action, Subject::Registry);
    let Begun::Now(mut unit) = begun.await? else {
        return Err(RotateError::ChangedMeanwhile);
    };
    if AnnouncedKey::of(&mut unit, purpose).await? == seen {
        Ok(unit)
    } else {
        Err(RotateError::ChangedMeanwhile)
    }
}

async fn turn(
    desk: &Desk,
    unit: &mut LogUnit,
    purpose: Purpose,
    next: SecretKey,
) -> Result<Rotation, RotateError> {
    let replaces = desk.signatory.keyring.keys().of(purpose).public();
    let key = next.public();
    let index = unit.rotate_key(purpose, next).await?;
    Ok(Rotation::InForce {
        key,
        replaces,
        index,
    })
}
