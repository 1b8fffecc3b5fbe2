//! The gate: makes a new log at first start, and signs nothing on one that is not whole.

use std::path::PathBuf;

use charter_proof::{
    entry::{Entry, EntryError, Event},
    identity::Base,
    keys::{KeyRange, Purpose, SecretKey},
};
use chrono::{DateTime, SubsecRound, Utc};

use super::{
    key_files::{KeyFileError, KeyFolder},
    ledger::Signatory,
};
use crate::{
    clock::Clock,
    rules::word::Word,
    storage::{self, Database, LogTransaction, keys::SigningKey, log},
};

/// Why the server does not start on this log.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// A key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// An entry is not what an entry is.
    #[error("log entry {index} is damaged: restore the database from a backup or a mirror")]
    DamagedEntry {
        /// Its index.
        index: u64,
        /// What is wrong with it.
        #[source]
        source: EntryError,
    },
    /// Entries are missing, or there are more than the head says.
    #[error(
        "the log's head says {size} entries, but {found} are stored: restore the database from a backup or a mirror"
    )]
    Incomplete {
        /// What the head says.
        size: u64,
        /// What is stored.
        found: u64,
    },
    /// The log does not begin as a log does.
    #[error("the log does not begin with log.created: this is no registry's database")]
    NotALog,
    /// The log was begun under another address.
    #[error(
        "the log's origin is {logged}, but the public URL gives {configured}: set the public URL it was begun with"
    )]
    OtherOrigin {
        /// What the log says.
        logged: String,
        /// What the configuration says.
        configured: String,
    },
    /// The log's key is not among the files.
    #[error(
        "the {purpose} key of this log is not at {path}: copy the key files of the instance that began it"
    )]
    KeyMissing {
        /// What the key signs.
        purpose: &'static str,
        /// Where it should be.
        path: PathBuf,
    },
    /// The file holds another key than the log names.
    #[error(
        "the key at {path} is not this log's {purpose} key: copy the key files of the instance that began it"
    )]
    OtherKey {
        /// What the key signs.
        purpose: &'static str,
        /// The file.
        path: PathBuf,
    },
}

/// Opens the log of a registry, or begins it, and returns what it signs with.
///
/// Several instances may start at once on one database: the first begins the log, the others find it.
pub async fn open(
    database: &Database,
    keys: &KeyFolder,
    base: Base,
    name: String,
    clock: &Clock,
) -> Result<Signatory, GateError> {
    let mut tx = database.begin_log().await?;
    let record_key = if tx.head().size == 0 {
        begin(&mut tx, keys, &base, clock).await?
    } else {
        check(&mut tx, keys, &base).await?
    };
    tx.commit().await?;
    Ok(Signatory {
        base,
        name,
        record_key,
    })
}

/// Makes the three keys and appends `log.created`, which names them all from index 0.
async fn begin(
    tx: &mut LogTransaction,
    folder: &KeyFolder,
    base: &Base,
    clock: &Clock,
) -> Result<SecretKey, GateError> {
    let created_at = clock.now().trunc_subsecs(0);
    let mut keys = Vec::new();
    for &purpose in Purpose::all() {
        let key = make_key(folder, purpose, clock)?;
        let range = KeyRange {
            from: 0,
            public_key_multibase: key.public(),
            purpose,
            to: None,
        };
        let public = SigningKey { range, created_at };
        SigningKey::insert(tx, &public).await?;
        keys.push((public, key));
    }
    let list = SigningKey::list(
        &keys
            .iter()
            .map(|(public, _)| public.clone())
            .collect::<Vec<_>>(),
    );
    append_created(tx, base, list, created_at).await?;
    let record_key = keys
        .into_iter()
        .find(|(public, _)| public.range.purpose == Purpose::Record);
    record_key.map(|(_, key)| key).ok_or(GateError::NotALog)
}

async fn append_created(
    tx: &mut LogTransaction,
    base: &Base,
    keys: charter_proof::keys::KeyList,
    at: DateTime<Utc>,
) -> Result<(), GateError> {
    let event = Event::LogCreated {
        origin: base.origin(),
        keys,
        previous: None,
    };
    let body = Entry { at, event }
        .to_bytes()
        .map_err(|source| GateError::DamagedEntry { index: 0, source })?;
    tx.append(at, &body).await?;
    Ok(())
}

/// The key that an interrupted first start left behind, or a new one.
fn make_key(folder: &KeyFolder, purpose: Purpose, clock: &Clock) -> Result<SecretKey, GateError> {
    if let Some(key) = folder.read(purpose)? {
        return Ok(key);
    }
    let key = SecretKey::from_seed(clock.random());
    folder.write(purpose, &key)?;
    Ok(key)
}

/// Checks that the log is whole, was begun under this address, and that its keys are at hand.
async fn check(
    tx: &mut LogTransaction,
    folder: &KeyFolder,
    base: &Base,
) -> Result<SecretKey, GateError> {
    let size = tx.head().size;
    let found = log::count(&mut *tx).await?;
    if found != size {
        return Err(GateError::Incomplete { size, found });
    }
    let first = entry_at(tx, 0).await?.ok_or(GateError::NotALog)?;
    let Event::LogCreated { origin, .. } = first.event else {
        return Err(GateError::NotALog);
    };
    if origin != base.origin() {
        return Err(GateError::OtherOrigin {
            logged: origin,
            configured: base.origin(),
        });
    }
    // Indices are unique and there are `size` of them: a last one at size − 1 means that none is missing.
    entry_at(tx, size - 1).await?.ok_or(GateError::Incomplete {
        size,
        found: size - 1,
    })?;
    let keys = SigningKey::list(&SigningKey::all(&mut *tx).await?);
    let mut record_key = None;
    for &purpose in Purpose::all() {
        let path = folder.path(purpose);
        let purpose_name = purpose.as_str();
        let key = folder.read(purpose)?.ok_or_else(|| GateError::KeyMissing {
            purpose: purpose_name,
            path: path.clone(),
        })?;
        let active = keys
            .covering(purpose, size)
            .map(|range| &range.public_key_multibase);
        if active != Some(&key.public()) {
            return Err(GateError::OtherKey {
                purpose: purpose_name,
                path,
            });
        }
        if purpose == Purpose::Record {
            record_key = Some(key);
        }
    }
    record_key.ok_or(GateError::NotALog)
}

async fn entry_at(tx: &mut LogTransaction, index: u64) -> Result<Option<Entry>, GateError> {
    match log::entries(&mut *tx, index, 1).await?.pop() {
        Some((found, body)) if found == index => Entry::parse(&body)
            .map(Some)
            .map_err(|source| GateError::DamagedEntry { index, source }),
        _ => Ok(None),
    }
}
