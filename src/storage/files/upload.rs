//! A file while it arrives: on disk and not in memory, without a name, gone when the process is.

use std::{io::SeekFrom, path::PathBuf};

use charter_proof::canonical::Digest;
use ring::digest::{Context, SHA256};
use tokio::{
    fs::File,
    io::{AsyncReadExt as _, AsyncSeekExt as _, AsyncWriteExt as _},
    task::spawn_blocking,
};

use crate::storage::{Error, Result};

/// A file that arrives.
pub struct Upload {
    file: File,
    folder: PathBuf,
    length: usize,
    hash: Context,
}

impl Upload {
    pub(super) async fn begin(folder: PathBuf) -> Result<Self> {
        let opened = spawn_blocking({
            let folder = folder.clone();
            move || tempfile::tempfile_in(folder)
        })
        .await
        .map_err(std::io::Error::other);
        match opened.and_then(|opened| opened) {
            Ok(file) => Ok(Self {
                file: File::from_std(file),
                folder,
                length: 0,
                hash: Context::new(&SHA256),
            }),
            Err(source) => Err(Error::Lock {
                path: folder.display().to_string(),
                source,
            }),
        }
    }

    /// Takes the next bytes.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.length += bytes.len();
        self.hash.update(bytes);
        let written = self.file.write_all(bytes).await;
        written.map_err(|source| self.failed(source))
    }

    /// How many bytes have come.
    pub const fn length(&self) -> usize {
        self.length
    }

    /// The digest of what has come.
    pub fn digest(&self) -> Digest {
        let hash = self.hash.clone().finish();
        Digest::from_bytes(hash.as_ref().try_into().unwrap_or_default())
    }

    /// All of it.
    pub async fn content(mut self) -> Result<Vec<u8>> {
        let mut content = Vec::with_capacity(self.length);
        let read = async {
            self.file.flush().await?;
            self.file.seek(SeekFrom::Start(0)).await?;
            self.file.read_to_end(&mut content).await
        };
        match read.await {
            Ok(_) => Ok(content),
            Err(source) => Err(self.failed(source)),
        }
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Lock {
            path: self.folder.display().to_string(),
            source,
        }
    }
}
