//! The gate: makes a new log at first start, and signs nothing on one that is not whole.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use charter_proof::{
    canonical::Digest,
    entry::{Entry, EntryError, Event, Previous},
    identity::Base,
    keys::{Purpose, SecretKey},
    policy::Policy,
};
use chrono::SubsecRound;

use super::{
    key_files::{KeyFileError, KeyFolder},
    keyring::{Keyring, KeyringError},
    ledger::{LedgerError, time_after},
    mark::{Mark, Marked},
    memory::{Log, LogError, Names, Published},
    signatory::Signatory,
    snapshot,
};
use crate::{
    clock::Clock,
    rules::word::Word,
    storage::{self, Database, LogTransaction, keys::SigningKey, log},
};

/// How often the high-water mark is looked for beside a log that has a checkpoint, and how long is waited in between.
const TRIES: u32 = 10;
const PAUSE: Duration = Duration::from_millis(100);

/// Why the server does not start on this log.
#[derive(Debug, thiserror::Error)]
pub enum GateError {
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// The clock is wrong.
    #[error(transparent)]
    Clock(LedgerError),
    /// A key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// A key in force is not at hand.
    #[error(transparent)]
    Keys(#[from] KeyringError),
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
    /// The log breaks its rules, or its checkpoint is none of it.
    #[error(transparent)]
    Log(#[from] LogError),
    /// The high-water mark cannot be read or written.
    #[error("the high-water mark {path}")]
    Mark {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database has less than was published from here, or something else.
    #[error(
        "the database's log {problem} what was published: {marked} entries with the root {root}, says {path}. It is an \
         older backup, or another database. Nothing is signed on it: bring it up to that from a copy with `log recover \
         --from URL|DIR`, or restore a newer backup. If what was published is lost for good, begin a new log that names \
         this one as its predecessor"
    )]
    Rollback {
        /// In what way.
        problem: &'static str,
        /// How many entries were published.
        marked: u64,
        /// Their root.
        root: Digest,
        /// The mark's file.
        path: PathBuf,
    },
    /// There is no mark beside a log that was published.
    #[error(
        "the log has {size} entries and there is no high-water mark at {path}: whether this is the newest that was \
         published cannot be told. Compare with a mirror, or with a checkpoint that somebody kept; if it is, start with \
         --accept-head {root}"
    )]
    NoMark {
        /// How many entries there are.
        size: u64,
        /// The root over them.
        root: Digest,
        /// Where the mark should be.
        path: PathBuf,
    },
    /// The operator accepts another head than the database's.
    #[error(
        "--accept-head says {accepted}, and the root of the database's log is {root}: nothing is accepted"
    )]
    OtherHead {
        /// What the operator accepts.
        accepted: Digest,
        /// What is there.
        root: Digest,
    },
    /// The log does not begin as a log does.
    #[error("the log does not begin with log.created: this is no registry's database")]
    NotALog,
    /// The log names another log that it succeeds, or none.
    #[error(
        "--succeeds says that this log succeeds {given}, and its first entry {}: only a new log can be told which one it \
         succeeds",
        .logged.as_ref().map_or_else(|| "names none".to_owned(), |origin| format!("names {origin}, or another checkpoint of it"))
    )]
    OtherPredecessor {
        /// Which log its first entry says that it succeeds.
        logged: Option<String>,
        /// Which log the configuration says.
        given: String,
    },
    /// A log succeeds another one.
    #[error("--succeeds names this log itself, {0}: a new log has another public URL")]
    OwnPredecessor(String),
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
}

/// What a log is opened with.
pub struct Opening<'a> {
    /// The private keys.
    pub keys: &'a KeyFolder,
    /// The registry's public address.
    pub base: Base,
    /// The registry's name.
    pub name: String,
    /// The file of the high-water mark.
    pub mark: &'a Path,
    /// The root that an operator accepts as the newest, where there is no mark.
    pub accept_head: Option<Digest>,
    /// The log that this one succeeds, if an operator says so.
    pub previous: Option<Previous>,
    /// Whose cosignatures checkpoints wait for.
    pub policy: Option<Arc<Policy>>,
}

/// Opens the log of a registry, or begins it, and returns what it signs with.
///
/// Several instances may start at once on one database: the first begins the log, the others find it.
pub async fn open(
    database: &Database,
    opening: Opening<'_>,
    clock: &Clock,
) -> Result<Signatory, GateError> {
    let mut tx = database.begin_log().await?;
    let base = opening.base.clone();
    if tx.head().size == 0 {
        begin(&mut tx, &opening, clock).await?;
    }
    check(&mut tx, &opening).await?;
    let list = SigningKey::all(&mut tx).await?;
    let keyring = Keyring::open(opening.keys.clone(), &list, clock.now())?;
    let io = |source| GateError::Mark {
        path: opening.mark.to_owned(),
        source,
    };
    let mark = Mark::open(opening.mark).map_err(io)?;
    let log = Log::new(
        mark,
        Names {
            origin: base.origin(),
            clock: format!("{}/clock", base.host()),
        },
        opening.mark.with_file_name(snapshot::FILE),
        opening.policy.clone(),
    );
    log.load(&mut tx).await?;
    let marked = marked(&log).await.map_err(io)?;
    match (marked, log.newest()) {
        (Some(marked), _) => compare(&log, &marked, opening.mark).await?,
        // A log whose checkpoints were never signed was never published either.
        (None, None) => {}
        (None, Some(newest)) => accept(&newest, &opening)?,
    }
    if let Some(newest) = log.newest() {
        let mark = log.mark();
        mark.advance(&newest.checkpoint, &newest.note).map_err(io)?;
        tx.commit().await?;
    } else {
        // A new log, or one of before checkpoints were signed: its first state entry and checkpoint.
        let at = time_after(clock.now(), tx.head().last_at).map_err(GateError::Clock)?;
        let closing = log.close(&mut tx, at, &keyring.keys()).await?;
        tx.commit().await?;
        closing.settle()?;
    }
    Ok(Signatory::new(base, opening.name, keyring, log))
}

/// What is known to be published. Another process that shares the folder may have begun the log just now, and be
/// about to write it down.
async fn marked(log: &Log) -> io::Result<Option<Marked>> {
    for _ in 0..TRIES {
        match log.mark().read()? {
            None if log.newest().is_some() => tokio::time::sleep(PAUSE).await,
            found => return Ok(found),
        }
    }
    Ok(None)
}

/// Whether the database's log goes on from what was published.
async fn compare(log: &Log, marked: &Marked, path: &Path) -> Result<(), GateError> {
    let memory = log.memory().await;
    let problem = match memory.root_at(marked.checkpoint.size) {
        Some(root) if root == marked.checkpoint.root => return Ok(()),
        Some(_) => "contradicts",
        None => "has less than",
    };
    Err(GateError::Rollback {
        problem,
        marked: marked.checkpoint.size,
        root: marked.checkpoint.root,
        path: path.to_owned(),
    })
}

/// Takes the database's head for the newest, if the operator says that it is.
fn accept(newest: &Published, opening: &Opening<'_>) -> Result<(), GateError> {
    let (size, root) = (newest.checkpoint.size, newest.checkpoint.root);
    match opening.accept_head {
        None => Err(GateError::NoMark {
            size,
            root,
            path: opening.mark.to_owned(),
        }),
        Some(accepted) if accepted != root => Err(GateError::OtherHead { accepted, root }),
        Some(_) => {
            tracing::warn!(size, %root, "an operator accepts this head of the log");
            Ok(())
        }
    }
}

/// Makes the three keys and appends `log.created`, which names them all from index 0.
async fn begin(
    tx: &mut LogTransaction,
    opening: &Opening<'_>,
    clock: &Clock,
) -> Result<(), GateError> {
    let origin = opening.base.origin();
    let previous = opening.previous.as_ref();
    if previous.is_some_and(|previous| previous.origin == origin) {
        return Err(GateError::OwnPredecessor(origin));
    }
    let created_at = clock.now().trunc_subsecs(0);
    let mut keys = Vec::new();
    for &purpose in Purpose::all() {
        let key = make_key(opening.keys, purpose, clock)?;
        let public = SigningKey::active(purpose, key.public(), 0, created_at);
        SigningKey::insert(tx, &public).await?;
        keys.push(public);
    }
    let event = Event::LogCreated {
        origin,
        keys: SigningKey::list(&keys),
        previous: previous.cloned(),
    };
    let at = created_at;
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

/// Checks that the log is whole and was begun under this address.
async fn check(tx: &mut LogTransaction, opening: &Opening<'_>) -> Result<(), GateError> {
    let size = tx.head().size;
    let found = log::count(&mut *tx).await?;
    if found != size {
        return Err(GateError::Incomplete { size, found });
    }
    let first = entry_at(tx, 0).await?.ok_or(GateError::NotALog)?;
    let Event::LogCreated {
        origin, previous, ..
    } = first.event
    else {
        return Err(GateError::NotALog);
    };
    let configured = opening.base.origin();
    if origin != configured {
        return Err(GateError::OtherOrigin {
            logged: origin,
            configured,
        });
    }
    if let Some(given) = &opening.previous
        && previous.as_ref() != Some(given)
    {
        return Err(GateError::OtherPredecessor {
            logged: previous.map(|previous| previous.origin),
            given: given.origin.clone(),
        });
    }
    // Indices are unique and there are `size` of them: a last one at size − 1 means that none is missing.
    entry_at(tx, size - 1).await?.ok_or(GateError::Incomplete {
        size,
        found: size - 1,
    })?;
    Ok(())
}

async fn entry_at(tx: &mut LogTransaction, index: u64) -> Result<Option<Entry>, GateError> {
    match log::entries(&mut *tx, index, 1).await?.pop() {
        Some((found, body)) if found == index => Entry::parse(&body)
            .map(Some)
            .map_err(|source| GateError::DamagedEntry { index, source }),
        _ => Ok(None),
    }
}
