//! The private keys: PKCS#8 PEM files that only the server's own user may read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use charter_proof::keys::{KeyError, Purpose, SecretKey};

/// A folder with a key file for each purpose: `record.pem`, `log.pem`, `clock.pem`.
#[derive(Debug, Clone)]
pub struct KeyFolder(PathBuf);

/// Why a key file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It could not be read or written.
    #[error("key file {path}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Others than its owner may read or change it.
    #[error(
        "key file {path} has mode {mode:03o}: only its owner may read it; run `chmod 600 {path}`"
    )]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds no ed25519 private key.
    #[error("key file {path} holds no ed25519 private key in PKCS#8 PEM")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: KeyError,
    },
}

impl KeyFolder {
    /// The folder at `path`; nothing is read or made yet.
    pub const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// Where the key of a purpose lies.
    pub fn path(&self, purpose: Purpose) -> PathBuf {
        self.0.join(format!("{}.pem", purpose.as_str()))
    }

    /// Reads the key of a purpose; `None` when there is no file.
    pub fn read(&self, purpose: Purpose) -> Result<Option<SecretKey>, KeyFileError> {
        let path = self.path(purpose);
        let io = |source| KeyFileError::Io {
            path: path.clone(),
            source,
        };
        let mode = match fs::metadata(&path) {
            Ok(metadata) => metadata.permissions().mode() & 0o777,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io(error)),
        };
        if mode & 0o077 != 0 {
            return Err(KeyFileError::TooOpen { path, mode });
        }
        let pem = fs::read_to_string(&path).map_err(io)?;
        SecretKey::from_pkcs8_pem(&pem)
            .map(Some)
            .map_err(|source| KeyFileError::Malformed { path, source })
    }

    /// Writes the key of a purpose to disk; never over a file that exists.
    pub fn write(&self, purpose: Purpose, key: &SecretKey) -> Result<(), KeyFileError> {
        let path = self.path(purpose);
        let io = |source| KeyFileError::Io {
            path: path.clone(),
            source,
        };
        let pem = key
            .to_pkcs8_pem()
            .map_err(|source| KeyFileError::Malformed {
                path: path.clone(),
                source,
            })?;
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.0)
            .map_err(io)?;
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(io)?;
        file.write_all(pem.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(io)?;
        sync_folder(&self.0).map_err(io)
    }
}

/// Makes the folder's new entry outlive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use charter_proof::keys::{Purpose, SecretKey};

    use super::{KeyFileError, KeyFolder};

    #[test]
    fn a_key_reads_back_is_never_overwritten_and_is_refused_when_others_may_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::at(folder.path().join("keys"));
        assert!(keys.read(Purpose::Log).unwrap().is_none());
        let key = SecretKey::from_seed([3; 32]);
        keys.write(Purpose::Log, &key).unwrap();
        assert_eq!(
            keys.read(Purpose::Log).unwrap().unwrap().public(),
            key.public()
        );
        assert!(matches!(
            keys.write(Purpose::Log, &key),
            Err(KeyFileError::Io { .. })
        ));

        let path = keys.path(Purpose::Log);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(
            keys.read(Purpose::Log),
            Err(KeyFileError::TooOpen { mode: 0o640, .. })
        ));
    }
}
