//! What a backup says of itself.

use std::collections::BTreeMap;

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{BackupError, DATABASE, KEYS, parts::Folder};
use crate::storage::backup::Copied;

/// The manifest's file.
pub(super) const FILE: &str = "manifest.json";

/// The format that this program writes and reads.
const FORMAT: u32 = 1;

/// What a backup holds, and when and by which program it was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Manifest {
    /// The format of the backup.
    format: u32,
    /// The version of the program that took it.
    pub program: String,
    /// When it was begun: what was acknowledged before is in it.
    pub taken_at: DateTime<Utc>,
    /// How far the log goes.
    pub log: LogState,
    /// The database's copy.
    pub database: Copied,
    /// Every part but the manifest, the uploaded files and the private keys, with its digest.
    pub parts: BTreeMap<String, Part>,
    /// The uploaded files: the digest of each is its name.
    pub files: Vec<Digest>,
    /// Whether the private keys are in it.
    pub private_keys: bool,
}

/// How far a log goes: what a restored log has to come up to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogState {
    /// How many entries there are.
    pub size: u64,
    /// The last one's time.
    pub last_at: Option<DateTime<Utc>>,
    /// The SHA-256 of its bytes.
    pub last_entry: Option<String>,
    /// How many rows the audit has.
    pub audit_size: u64,
    /// The hash that ends its chain.
    pub audit_head: Digest,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256.
    pub sha256: String,
}

impl Manifest {
    /// The manifest of what lies in a folder.
    pub(super) fn of(
        folder: &Folder,
        database: Copied,
        log: LogState,
        files: Vec<Digest>,
        private_keys: bool,
        taken_at: DateTime<Utc>,
    ) -> Result<Self, BackupError> {
        let mut parts = BTreeMap::new();
        let of_database = database.files().into_iter();
        let of_database = of_database.map(|file| format!("{DATABASE}/{}", file.display()));
        for name in of_database.chain([KEYS.to_owned()]) {
            let part = folder.digest(&name)?;
            parts.insert(name, part);
        }
        Ok(Self {
            format: FORMAT,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            taken_at,
            log,
            database,
            parts,
            files,
            private_keys,
        })
    }

    /// Reads the manifest of a backup.
    pub(super) fn read(folder: &Folder) -> Result<Self, BackupError> {
        let no_backup = |why: String| BackupError::NoBackup {
            path: folder.path(""),
            why,
        };
        let bytes =
            std::fs::read(folder.path(FILE)).map_err(|error| no_backup(error.to_string()))?;
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|error| no_backup(error.to_string()))?;
        if manifest.format == FORMAT {
            Ok(manifest)
        } else {
            let format = manifest.format;
            Err(no_backup(format!(
                "its format is {format}, expected {FORMAT}"
            )))
        }
    }

    /// The manifest as it is written.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec_pretty(self).unwrap_or_default();
        bytes.push(b'\n');
        bytes
    }

    /// Compares every part with what the manifest says of it.
    pub(super) fn check_parts(&self, folder: &Folder) -> Result<(), BackupError> {
        for file in self.database.files() {
            let name = format!("{DATABASE}/{}", file.display());
            if !self.parts.contains_key(&name) {
                return Err(BackupError::Damaged(format!(
                    "{name} is not in the manifest"
                )));
            }
        }
        for (name, part) in &self.parts {
            let found = folder.digest(name)?;
            if found != *part {
                let told = format!("{name} has changed since the backup was taken");
                return Err(BackupError::Damaged(told));
            }
        }
        for digest in &self.files {
            folder.file(*digest)?;
        }
        Ok(())
    }

    /// Compares a restored log with the one that was copied.
    pub(super) fn check_log(&self, found: &LogState) -> Result<(), BackupError> {
        if *found == self.log {
            return Ok(());
        }
        Err(BackupError::Damaged(format!(
            "the restored log has {} entries and ends otherwise than the manifest's, of {}",
            found.size, self.log.size
        )))
    }
}
