//! The private keys: PKCS#8 PEM files that only the server's own user may read.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt, FileExt as _, OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};

use charter_proof::keys::{KeyError, PublicKey, Purpose, SecretKey};

use crate::rules::word::Word as _;

/// A folder with a key file for each purpose: `record.pem`, `log.pem`, `clock.pem`; beside them `record.next.pem` while
/// a key is announced, `log.former-z6Mk….pem` and `clock.former-z6Mk….pem` while retired keys still sign, and the keys of a
/// witness.
#[derive(Debug, Clone)]
pub struct KeyFolder(PathBuf);

/// Which key a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The one that signs for a purpose.
    Active(Purpose),
    /// The one that will.
    Next(Purpose),
    /// This one, which signed for a purpose and still signs beside its successor.
    Former(Purpose, PublicKey),
    /// The one that cosigns other logs' checkpoints.
    Witness,
    /// The one that says besides that their map was recomputed.
    WitnessMap,
}

impl Place {
    /// The place of a file of this name; none of any other file.
    fn named(file: &str) -> Option<Self> {
        let name = file.strip_suffix(".pem")?;
        match name {
            "witness" => return Some(Self::Witness),
            "witness-map" => return Some(Self::WitnessMap),
            _ => {}
        }
        if let Some((purpose, key)) = name.split_once(".former-") {
            let purpose = Purpose::from_word(purpose)?;
            let key = PublicKey::from_multibase(key).ok()?;
            return Some(Self::Former(purpose, key));
        }
        match name.strip_suffix(".next") {
            Some(purpose) => Purpose::from_word(purpose).map(Self::Next),
            None => Purpose::from_word(name).map(Self::Active),
        }
    }
}

impl From<Purpose> for Place {
    fn from(purpose: Purpose) -> Self {
        Self::Active(purpose)
    }
}

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

    /// Where a key lies.
    pub fn path(&self, place: impl Into<Place>) -> PathBuf {
        self.0.join(match place.into() {
            Place::Active(purpose) => format!("{}.pem", purpose.as_str()),
            Place::Next(purpose) => format!("{}.next.pem", purpose.as_str()),
            Place::Former(purpose, key) => format!("{}.former-{key}.pem", purpose.as_str()),
            Place::Witness => "witness.pem".to_owned(),
            Place::WitnessMap => "witness-map.pem".to_owned(),
        })
    }

    /// The keys that lie here, whatever their files hold.
    pub fn places(&self) -> Result<Vec<Place>, KeyFileError> {
        let io = |source| KeyFileError::Io {
            path: self.0.clone(),
            source,
        };
        let mut places = Vec::new();
        let files = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(places),
            files => files.map_err(io)?,
        };
        for file in files {
            places.extend(
                file.map_err(io)?
                    .file_name()
                    .to_str()
                    .and_then(Place::named),
            );
        }
        Ok(places)
    }

    /// Reads a key; `None` when there is no file.
    pub fn read(&self, place: impl Into<Place>) -> Result<Option<SecretKey>, KeyFileError> {
        let path = self.path(place);
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
        let pem = match fs::read_to_string(&path) {
            // Another process that shares the folder was just putting the next key in its place.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            read => read.map_err(io)?,
        };
        SecretKey::from_pkcs8_pem(&pem)
            .map(Some)
            .map_err(|source| KeyFileError::Malformed { path, source })
    }

    /// Writes a key to disk; never over a file that exists.
    pub fn write(&self, place: impl Into<Place>, key: &SecretKey) -> Result<(), KeyFileError> {
        let path = self.path(place);
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

    /// Puts the next key of a purpose in the active one's place, and destroys that; it is kept aside first where it is one
    /// of those that stay.
    ///
    /// Interrupted at any step, it can be done again; another process may be doing the same.
    pub fn take_over(
        &self,
        purpose: Purpose,
        stays: impl Fn(PublicKey) -> bool,
    ) -> Result<(), KeyFileError> {
        let (current, next) = (self.path(purpose), self.path(Place::Next(purpose)));
        let io = |source| KeyFileError::Io {
            path: current.clone(),
            source,
        };
        let former = OpenOptions::new().write(true).open(&current).ok();
        let (old, new) = (self.read(purpose), self.read(Place::Next(purpose))?);
        let Some(new) = new else { return Ok(()) };
        if let Ok(Some(old)) = &old
            && old.public() != new.public()
            && stays(old.public())
        {
            self.keep_aside(purpose, old)?;
        }
        match fs::rename(&next, &current) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            renamed => renamed.map_err(io)?,
        }
        sync_folder(&self.0).map_err(io)?;
        // What was opened is no file of the folder any more, unless it was the new key's already.
        match former.filter(|_| !matches!(old, Ok(Some(old)) if old.public() == new.public())) {
            Some(former) => overwrite(&former).map_err(io),
            None => Ok(()),
        }
    }

    fn keep_aside(&self, purpose: Purpose, key: &SecretKey) -> Result<(), KeyFileError> {
        let place = Place::Former(purpose, key.public());
        match self.write(place, key) {
            Err(KeyFileError::Io { source, .. })
                if source.kind() == io::ErrorKind::AlreadyExists =>
            {
                Ok(())
            }
            written => written,
        }
    }

    /// Destroys a key: overwrites its file and removes it. Says whether there was one.
    pub fn destroy(&self, place: impl Into<Place>) -> Result<bool, KeyFileError> {
        let path = self.path(place);
        let destroyed = match OpenOptions::new().write(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            opened => opened.and_then(|file| {
                fs::remove_file(&path)?;
                sync_folder(&self.0)?;
                overwrite(&file)
            }),
        };
        destroyed
            .map(|()| true)
            .map_err(|source| KeyFileError::Io { path, source })
    }
}

/// Writes zeros over a file's content: what a file system keeps of it elsewhere is out of reach.
fn overwrite(file: &fs::File) -> io::Result<()> {
    let length = usize::try_from(file.metadata()?.len()).map_err(io::Error::other)?;
    file.write_all_at(&vec![0; length], 0)?;
    file.sync_all()
}

/// Makes the folder's new entry outlive a power cut.
fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use charter_proof::keys::{Purpose, SecretKey};

    use super::{KeyFileError, KeyFolder, Place};

    #[test]
    fn every_key_that_lies_there_is_found_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let keys = KeyFolder::at(folder.path().join("keys"));
        assert_eq!(keys.places().unwrap(), []);
        let key = SecretKey::from_seed([3; 32]);
        let mut places = vec![
            Place::Active(Purpose::Record),
            Place::Active(Purpose::Log),
            Place::Next(Purpose::Clock),
            Place::Former(Purpose::Log, key.public()),
            Place::Former(Purpose::Clock, key.public()),
            Place::Witness,
            Place::WitnessMap,
        ];
        for place in &places {
            keys.write(*place, &key).unwrap();
        }
        for other in [
            "record.pem.old",
            "notes.pem",
            "log.former-z6Mk.pem",
            "notes.former-z6Mk.pem",
        ] {
            fs::write(folder.path().join("keys").join(other), "").unwrap();
        }
        let mut found = keys.places().unwrap();
        let by_path = |place: &Place| keys.path(*place);
        places.sort_by_key(by_path);
        found.sort_by_key(by_path);
        assert_eq!(found, places);
    }

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
