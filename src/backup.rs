//! Backups: a copy of the registry beside a running server, tried out before it counts, and put back elsewhere.
//!
//! A backup is a folder: `manifest.json`, the database's copy in `database/`, the uploaded files under their digests
//! in `files/`, the public keys in `keys.json`, and the private ones in `private-keys/` where that was asked for. The
//! database comes first and in one snapshot; files are kept under their digests and are there before a row names
//! them, so those that are copied afterwards are all that the snapshot names. A backup holds personal data: nobody
//! but its owner may read it, and what is erased in the registry stays in backups until they are thrown away.

mod check;
mod manifest;
mod parts;

use std::{
    fs, io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

pub use manifest::{LogState, Manifest, Part};

use crate::{
    clock::Clock,
    config::Config,
    log::key_files::{KeyFileError, KeyFolder},
    storage::{
        self, Database,
        backup::{self, Trial},
        files::Files,
    },
};
use parts::Folder;

/// Where the database's copy lies in a backup.
const DATABASE: &str = "database";
/// Where the uploaded files lie.
const FILES: &str = "files";
/// The public keys.
const KEYS: &str = "keys.json";
/// Where the private keys lie, in a backup that has them.
const PRIVATE_KEYS: &str = "private-keys";

/// Why there is no backup, or why one cannot be put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database or the file storage failed, or refused.
    #[error("the copy of the database or of the files failed")]
    Storage(#[from] storage::Error),
    /// A file of the backup could not be read or written.
    #[error("could not read or write {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A key file cannot be used.
    #[error(transparent)]
    KeyFile(#[from] KeyFileError),
    /// Something is where nothing may be.
    #[error("{0} exists and is not empty: choose another place")]
    NotEmpty(PathBuf),
    /// There is no manifest, or none that this program reads.
    #[error("{path} is no backup that this program reads: {why}")]
    NoBackup {
        /// The folder.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// The backup is not what its manifest says, or does not hold together.
    #[error("the backup is not whole: {0}")]
    Damaged(String),
}

/// Takes a backup of the registry into a folder that must not exist, and tries it out.
pub async fn take(
    config: &Config,
    folder: &Path,
    with_private_keys: bool,
    clock: &Clock,
) -> Result<Manifest, BackupError> {
    if folder.exists() {
        return Err(BackupError::NotEmpty(folder.to_owned()));
    }
    let mut name = folder.as_os_str().to_owned();
    name.push(".partial");
    let partial = PathBuf::from(name);
    if partial.exists() {
        // What an interrupted backup left is of no use to anybody.
        fs::remove_dir_all(&partial).map_err(|source| failed(&partial, source))?;
    }
    let parts = Folder::make(&partial)?;
    let manifest = write(config, &parts, with_private_keys, clock).await;
    if manifest.is_err() {
        // Best effort: what kept the backup from being made is what is told.
        let _ = fs::remove_dir_all(&partial);
    }
    let manifest = manifest?;
    fs::rename(&partial, folder).map_err(|source| failed(folder, source))?;
    parts::sync_parent(folder)?;
    Ok(manifest)
}

async fn write(
    config: &Config,
    parts: &Folder,
    with_private_keys: bool,
    clock: &Clock,
) -> Result<Manifest, BackupError> {
    let taken_at = clock.now();
    let url = config.database_url.reveal();
    let database = parts.folder(DATABASE)?;
    let copied = backup::copy(url, &database).await?;
    let files = Files::open(&config.files, &config.data)?;
    let digests = parts.copy_files(&files).await?;
    let mut private_keys = false;
    if with_private_keys {
        private_keys = copy_keys(
            &KeyFolder::at(config.key_folder()),
            &KeyFolder::at(parts.path(PRIVATE_KEYS)),
        )?;
    }
    let (log, keys) = try_out(url, parts, &copied, &digests).await?;
    parts.write(KEYS, &keys)?;
    let manifest = Manifest::of(parts, copied, log, digests, private_keys, taken_at)?;
    parts.write(manifest::FILE, &manifest.to_bytes())?;
    parts.sync()?;
    Ok(manifest)
}

/// Puts the backup back into a place that goes afterwards, and looks whether it holds together.
async fn try_out(
    url: &str,
    parts: &Folder,
    copied: &backup::Copied,
    files: &[charter_proof::canonical::Digest],
) -> Result<(LogState, Vec<u8>), BackupError> {
    let place = place_beside(parts)?;
    let trial = Trial::prepare(url, &place).await?;
    let found = async {
        backup::restore(trial.url(), &parts.path(DATABASE), copied).await?;
        let database = Database::connect(trial.url()).await?;
        check::check(&database, copied, files).await
    }
    .await;
    trial.end().await?;
    fs::remove_dir_all(&place).map_err(|source| failed(&place, source))?;
    found
}

/// A folder for a trial, beside the backup's parts.
fn place_beside(parts: &Folder) -> Result<PathBuf, BackupError> {
    let mut name = parts.path("").into_os_string();
    name.push(".trial");
    let place = PathBuf::from(name);
    if place.exists() {
        fs::remove_dir_all(&place).map_err(|source| failed(&place, source))?;
    }
    make_private(&place)?;
    Ok(place)
}

/// Checks an existing backup: every part against the manifest, then all of it by putting it back for a trial.
pub async fn verify(config: &Config, folder: &Path) -> Result<Manifest, BackupError> {
    let parts = Folder::at(folder);
    let manifest = Manifest::read(&parts)?;
    manifest.check_parts(&parts)?;
    let url = config.database_url.reveal();
    let (log, _) = try_out(url, &parts, &manifest.database, &manifest.files).await?;
    manifest.check_log(&log)?;
    Ok(manifest)
}

/// Puts a backup back where the configuration says the registry is: neither its database nor its files may hold
/// anything yet.
pub async fn restore(config: &Config, folder: &Path) -> Result<Manifest, BackupError> {
    let parts = Folder::at(folder);
    let manifest = Manifest::read(&parts)?;
    manifest.check_parts(&parts)?;
    make_private(&config.data)?;
    let files = Files::open(&config.files, &config.data)?;
    if !files.list().await?.is_empty() {
        return Err(BackupError::NotEmpty(config.files.to_string().into()));
    }
    let url = config.database_url.reveal();
    backup::restore(url, &parts.path(DATABASE), &manifest.database).await?;
    for digest in &manifest.files {
        files.put(parts.file(*digest)?).await?;
    }
    if manifest.private_keys {
        copy_keys(
            &KeyFolder::at(parts.path(PRIVATE_KEYS)),
            &KeyFolder::at(config.key_folder()),
        )?;
    }
    let database = Database::connect(url).await?;
    let (log, _) = check::check(&database, &manifest.database, &manifest.files).await?;
    manifest.check_log(&log)?;
    Ok(manifest)
}

/// Copies the private keys that are there and not yet there, those to come and retired log keys included; returns whether
/// there were any.
fn copy_keys(from: &KeyFolder, to: &KeyFolder) -> Result<bool, BackupError> {
    let mut any = false;
    for place in from.places()? {
        let Some(key) = from.read(place)? else {
            continue;
        };
        any = true;
        match to.read(place)? {
            None => to.write(place, &key)?,
            Some(present) if present.public() == key.public() => {}
            Some(_) => return Err(BackupError::NotEmpty(to.path(place))),
        }
    }
    Ok(any)
}

fn make_private(folder: &Path) -> Result<(), BackupError> {
    let mut making = fs::DirBuilder::new();
    let made = making.recursive(true).mode(0o700).create(folder);
    made.map_err(|source| failed(folder, source))
}

fn failed(path: &Path, source: io::Error) -> BackupError {
    BackupError::Io {
        path: path.to_owned(),
        source,
    }
}
