//! The files of a backup, which nobody but its owner may read.

use std::{
    fs::{self, File, OpenOptions},
    io::{Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use charter_proof::canonical::Digest;
use ring::digest::{Context, SHA256};

use super::{BackupError, FILES, Part, failed, make_private};
use crate::storage::files::Files;

/// How much of a file is read at once.
const CHUNK: usize = 64 * 1024;

/// The folder of a backup.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Of a backup that is there.
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Of one that is to be.
    pub(super) fn make(path: &Path) -> Result<Self, BackupError> {
        make_private(path)?;
        Ok(Self(path.to_owned()))
    }

    /// The path of a part; of the folder itself for an empty name.
    pub(super) fn path(&self, part: &str) -> PathBuf {
        if part.is_empty() {
            self.0.clone()
        } else {
            self.0.join(part)
        }
    }

    /// A folder in it, made when missing.
    pub(super) fn folder(&self, name: &str) -> Result<PathBuf, BackupError> {
        let path = self.path(name);
        make_private(&path)?;
        Ok(path)
    }

    /// Writes a part.
    pub(super) fn write(&self, name: &str, content: &[u8]) -> Result<(), BackupError> {
        let path = self.path(name);
        let write = || {
            let mut options = OpenOptions::new();
            let mut file = options
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&path)?;
            file.write_all(content)?;
            file.sync_all()
        };
        write().map_err(|source| failed(&path, source))
    }

    /// The length and digest of a part.
    pub(super) fn digest(&self, name: &str) -> Result<Part, BackupError> {
        let path = self.path(name);
        let read = || {
            let mut file = File::open(&path)?;
            let mut hash = Context::new(&SHA256);
            let mut bytes = 0;
            let mut chunk = vec![0; CHUNK];
            loop {
                let length = file.read(&mut chunk)?;
                if length == 0 {
                    break;
                }
                hash.update(chunk.get(..length).unwrap_or_default());
                bytes += u64::try_from(length).unwrap_or_default();
            }
            let hex = hash
                .finish()
                .as_ref()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            Ok(Part { bytes, sha256: hex })
        };
        read().map_err(|source| failed(&path, source))
    }

    /// Copies every uploaded file, and returns their digests in order.
    pub(super) async fn copy_files(&self, files: &Files) -> Result<Vec<Digest>, BackupError> {
        self.folder(FILES)?;
        let mut digests = files.list().await?;
        digests.sort_unstable();
        for digest in &digests {
            let content = files.get(*digest).await?;
            self.write(&name_of(*digest), &content)?;
        }
        Ok(digests)
    }

    /// The content of an uploaded file, which must be what its name says.
    pub(super) fn file(&self, digest: Digest) -> Result<Vec<u8>, BackupError> {
        let path = self.path(&name_of(digest));
        let content = fs::read(&path).map_err(|source| failed(&path, source))?;
        if Digest::of(&content) == digest {
            Ok(content)
        } else {
            let told = format!("file {digest} has changed since the backup was taken");
            Err(BackupError::Damaged(told))
        }
    }

    /// Makes what was written outlive a power cut.
    pub(super) fn sync(&self) -> Result<(), BackupError> {
        for folder in [self.path(""), self.path(super::DATABASE), self.path(FILES)] {
            let synced = File::open(&folder).and_then(|folder| folder.sync_all());
            synced.map_err(|source| failed(&folder, source))?;
        }
        Ok(())
    }
}

fn name_of(digest: Digest) -> String {
    format!("{FILES}/{digest}")
}

/// Makes a folder's new name outlive a power cut.
pub(super) fn sync_parent(folder: &Path) -> Result<(), BackupError> {
    let parent = match folder.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let synced = File::open(parent).and_then(|parent| parent.sync_all());
    synced.map_err(|source| failed(parent, source))
}
