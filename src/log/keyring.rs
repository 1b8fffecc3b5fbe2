//! The private keys at hand, and which of them sign.
//!
//! The database says which public keys are in force; the key files follow it. Where a process ended between the two, or
//! another instance rotated a key, whoever looks next puts the files right ([`Keyring::following`]).

use std::{
    path::PathBuf,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
};

use charter_proof::keys::{KeyList, PublicKey, Purpose, SecretKey};
use chrono::{DateTime, TimeDelta, Utc};

use super::key_files::{KeyFileError, KeyFolder, Place};
use crate::{clock::Clock, rules::word::Word, storage::keys::SigningKey};

/// How long a retired log or clock key signs beside its successor: verifiers have as long to learn of that.
pub const BESIDE: TimeDelta = TimeDelta::days(30);

/// Why the registry's keys are not at hand.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// A key file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// The key in force is not among the files.
    #[error(
        "the {purpose} key of this log is not at {path}: copy the key files of the instance that began it"
    )]
    Missing {
        /// What the key signs.
        purpose: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// The file holds another key than the one in force.
    #[error(
        "the key at {path} is not this log's {purpose} key: copy the key files of the instance that began it, or that \
         rotated the key since"
    )]
    Other {
        /// What the key signs.
        purpose: &'static str,
        /// The file.
        path: PathBuf,
    },
}

/// The keys that sign.
#[derive(Clone)]
pub struct Keys {
    /// Signs records, credentials and status lists.
    pub record: Arc<SecretKey>,
    /// Signs checkpoints.
    pub log: Arc<SecretKey>,
    /// Cosigns checkpoints with a time.
    pub clock: Arc<SecretKey>,
    beside: Vec<Beside>,
}

/// A retired key that signs beside its successor.
#[derive(Clone)]
struct Beside {
    purpose: Purpose,
    key: Arc<SecretKey>,
    until: DateTime<Utc>,
}

impl Keys {
    /// The key of a purpose.
    pub const fn of(&self, purpose: Purpose) -> &Arc<SecretKey> {
        match purpose {
            Purpose::Record => &self.record,
            Purpose::Log => &self.log,
            Purpose::Clock => &self.clock,
        }
    }

    /// Retired keys of a purpose that sign beside the one in force at this time.
    pub fn beside(&self, purpose: Purpose, at: DateTime<Utc>) -> impl Iterator<Item = &SecretKey> {
        let signing = self.beside.iter();
        let signing = signing.filter(move |it| it.purpose == purpose && at < it.until);
        signing.map(|it| &*it.key)
    }

    /// Whether retired keys sign here at this time.
    pub fn has_beside(&self, at: DateTime<Utc>) -> bool {
        self.beside.iter().any(|it| at < it.until)
    }

    /// These keys, one of which another takes over from, as of this time; the former goes on signing beside it where it
    /// may.
    #[must_use]
    pub fn with(&self, purpose: Purpose, key: SecretKey, at: DateTime<Utc>, stays: bool) -> Self {
        let mut keys = self.clone();
        let held = match purpose {
            Purpose::Record => &mut keys.record,
            Purpose::Log => &mut keys.log,
            Purpose::Clock => &mut keys.clock,
        };
        let former = std::mem::replace(held, Arc::new(key));
        if stays && purpose != Purpose::Record {
            let until = at + BESIDE;
            let former = Beside {
                purpose,
                key: former,
                until,
            };
            keys.beside.insert(0, former);
        }
        keys
    }

    /// These keys without a retired one that others may have.
    #[must_use]
    pub fn without(&self, purpose: Purpose, key: PublicKey) -> Self {
        let mut keys = self.clone();
        let is_it = |it: &Beside| it.purpose == purpose && it.key.public() == key;
        keys.beside.retain(|it| !is_it(it));
        keys
    }

    /// Whether all that sign beside others may, by the database's list.
    fn are_among_former(&self, list: &[SigningKey]) -> bool {
        let may = |it: &Beside| may_stay(list, it.purpose, it.key.public());
        self.beside.iter().all(may)
    }

    /// Whether these are the keys in force by a key list.
    pub fn are_in_force(&self, list: &KeyList) -> bool {
        let mut purposes = Purpose::all().iter();
        purposes.all(|purpose| {
            let mut open = list.ranges().iter();
            open.any(|range| {
                range.to.is_none()
                    && range.purpose == *purpose
                    && range.public_key_multibase == self.of(*purpose).public()
            })
        })
    }

    /// Reads the keys in force, once the files are put right.
    fn read(
        folder: &KeyFolder,
        list: &[SigningKey],
        now: DateTime<Utc>,
    ) -> Result<Self, KeyringError> {
        let key = |purpose| in_force(folder, list, purpose).map(Arc::new);
        let mut keys = Self {
            record: key(Purpose::Record)?,
            log: key(Purpose::Log)?,
            clock: key(Purpose::Clock)?,
            beside: Vec::new(),
        };
        for (purpose, public, until) in former(list) {
            if now >= until {
                continue;
            }
            match folder.read(Place::Former(purpose, public))? {
                Some(key) => keys.beside.push(Beside {
                    purpose,
                    key: Arc::new(key),
                    until,
                }),
                None => {
                    tracing::warn!(
                        key = %public,
                        purpose = purpose.as_str(),
                        "a retired key is not at hand and signs beside its successor no more"
                    );
                }
            }
        }
        Ok(keys)
    }
}

/// The retired keys that sign beside their successors, the newest first, and until when each does.
fn former(list: &[SigningKey]) -> impl Iterator<Item = (Purpose, PublicKey, DateTime<Utc>)> {
    list.iter().rev().filter_map(|key| {
        let purpose = key.range.purpose;
        let is_former = purpose != Purpose::Record && key.compromised_at.is_none();
        let retired_at = key.retired_at.filter(|_| is_former)?;
        Some((purpose, key.range.public_key_multibase, retired_at + BESIDE))
    })
}

/// Whether a key may sign beside its successor.
fn may_stay(list: &[SigningKey], purpose: Purpose, key: PublicKey) -> bool {
    former(list).any(|(of, former, _)| (of, former) == (purpose, key))
}

/// The key of a purpose that is in force: the active file's, or the next one's, which then takes its place.
fn in_force(
    folder: &KeyFolder,
    list: &[SigningKey],
    purpose: Purpose,
) -> Result<SecretKey, KeyringError> {
    let wanted = SigningKey::in_force(list, purpose).map(|key| key.range.public_key_multibase);
    let is_wanted = |key: &SecretKey| Some(key.public()) == wanted;
    let mut held = folder.read(purpose);
    if !matches!(&held, Ok(Some(key)) if is_wanted(key)) {
        let next = folder.read(Place::Next(purpose));
        if matches!(&next, Ok(Some(key)) if is_wanted(key)) {
            folder.take_over(purpose, |old| may_stay(list, purpose, old))?;
        }
        // Another process may have done it in between.
        held = folder.read(purpose);
    }
    let (name, path) = (purpose.as_str(), folder.path(purpose));
    match held? {
        Some(key) if is_wanted(&key) => Ok(key),
        Some(_) => Err(KeyringError::Other {
            purpose: name,
            path,
        }),
        None => Err(KeyringError::Missing {
            purpose: name,
            path,
        }),
    }
}

/// The folder of key files, and the keys in force as they were last read from it.
pub struct Keyring {
    folder: KeyFolder,
    keys: RwLock<Arc<Keys>>,
    is_lacking: AtomicBool,
}

impl Keyring {
    /// Reads the keys that are in force by the database's list.
    pub fn open(
        folder: KeyFolder,
        list: &[SigningKey],
        now: DateTime<Utc>,
    ) -> Result<Self, KeyringError> {
        let keys = Keys::read(&folder, list, now)?;
        Ok(Self {
            folder,
            keys: RwLock::new(Arc::new(keys)),
            is_lacking: AtomicBool::default(),
        })
    }

    /// A keyring for whoever follows another registry: its keys are made for this moment and in force nowhere, so that
    /// whoever would sign is refused ([`Keyring::following`]).
    pub fn of_nobody(folder: KeyFolder, clock: &Clock) -> Self {
        let key = || Arc::new(SecretKey::from_seed(clock.random()));
        let keys = Keys {
            record: key(),
            log: key(),
            clock: key(),
            beside: Vec::new(),
        };
        Self {
            folder,
            keys: RwLock::new(Arc::new(keys)),
            is_lacking: AtomicBool::default(),
        }
    }

    /// The keys that sign, as far as is known here.
    pub fn keys(&self) -> Arc<Keys> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.clone()
    }

    /// The keys that sign by the database's list; the files are put right where they are not.
    ///
    /// # Errors
    ///
    /// When one of them is not at hand: nothing may be signed then.
    pub fn following(
        &self,
        list: &[SigningKey],
        now: DateTime<Utc>,
    ) -> Result<Arc<Keys>, KeyringError> {
        let held = self.keys();
        let is_right = held.are_in_force(&SigningKey::list(list)) && held.are_among_former(list);
        let read = if is_right {
            Ok(held)
        } else {
            Keys::read(&self.folder, list, now).map(Arc::new)
        };
        self.is_lacking.store(read.is_err(), Ordering::Relaxed);
        let keys = read?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys.clone();
        Ok(keys)
    }

    /// Whether a key in force is not at hand, so that nothing is signed.
    pub fn is_lacking(&self) -> bool {
        self.is_lacking.load(Ordering::Relaxed)
    }

    /// Where the key of a purpose that is in force lies.
    pub fn active_path(&self, purpose: Purpose) -> PathBuf {
        self.folder.path(purpose)
    }

    /// Where the next key of a purpose lies.
    pub fn next_path(&self, purpose: Purpose) -> PathBuf {
        self.folder.path(Place::Next(purpose))
    }

    /// The next key of a purpose, if there is one.
    pub fn next(&self, purpose: Purpose) -> Result<Option<SecretKey>, KeyFileError> {
        self.folder.read(Place::Next(purpose))
    }

    /// The next key of a purpose: the one that is there, or a new one.
    pub fn next_or_new(&self, purpose: Purpose, clock: &Clock) -> Result<SecretKey, KeyFileError> {
        if let Some(key) = self.next(purpose)? {
            return Ok(key);
        }
        let key = SecretKey::from_seed(clock.random());
        self.folder.write(Place::Next(purpose), &key)?;
        Ok(key)
    }

    /// Destroys the next key of a purpose, which never signed.
    pub fn discard_next(&self, purpose: Purpose) -> Result<(), KeyFileError> {
        self.folder.destroy(Place::Next(purpose)).map(drop)
    }

    /// Destroys the retired keys whose time beside their successors is over, and those that others may have; says how many
    /// there were.
    pub fn destroy_former(
        &self,
        list: &[SigningKey],
        now: DateTime<Utc>,
    ) -> Result<usize, KeyFileError> {
        let mut destroyed = 0;
        let retired = list.iter().filter(|key| key.retired_at.is_some());
        for key in retired {
            let (purpose, key) = (key.range.purpose, key.range.public_key_multibase);
            let signs = former(list)
                .any(|(of, former, until)| (of, former) == (purpose, key) && now < until);
            if !signs && self.folder.destroy(Place::Former(purpose, key))? {
                destroyed += 1;
            }
        }
        Ok(destroyed)
    }
}

#[cfg(test)]
mod tests;
