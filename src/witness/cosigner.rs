//! Who cosigns: a name and a key file, made when there is none.

use charter_proof::{
    keys::{PublicKey, SecretKey},
    note::{Kind, Note, NoteKey},
};
use chrono::{DateTime, Utc};

use crate::{
    clock::Clock,
    log::key_files::{KeyFileError, KeyFolder, Place},
};

/// What a cosignature says of a checkpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Statement {
    /// The log has grown without contradicting itself.
    Log,
    /// And the membership map that its last entry names is what all its entries come to.
    Map,
}

/// A name under which checkpoints are cosigned, and its key.
pub struct Cosigner {
    name: String,
    key: SecretKey,
}

/// Why there is no cosigner.
#[derive(Debug, thiserror::Error)]
pub enum CosignerError {
    /// The key file cannot be used.
    #[error(transparent)]
    File(#[from] KeyFileError),
    /// A key cannot have this name.
    #[error(
        "a witness cannot be named {0:?}: expected a name without spaces and plus signs, such as witness.example/w1"
    )]
    Name(String),
}

impl Cosigner {
    /// The cosigner of a witness of this name for a statement: each statement has a key of its own (C2SP
    /// tlog-cosignature), and the map's is named `<name>/map`.
    pub fn open(
        folder: &KeyFolder,
        name: &str,
        statement: Statement,
        clock: &Clock,
    ) -> Result<Self, CosignerError> {
        let (place, named) = match statement {
            Statement::Log => (Place::Witness, name.to_owned()),
            Statement::Map => (Place::WitnessMap, format!("{name}/map")),
        };
        let is_name = |key: PublicKey| {
            let ours = !name.ends_with("/map") && !name.ends_with("/clock");
            ours && NoteKey::new(named.clone(), Kind::Cosignature, key).is_some()
        };
        let (key, is_new) = match folder.read(place)? {
            Some(key) => (key, false),
            None => (SecretKey::from_seed(clock.random()), true),
        };
        if !is_name(key.public()) {
            return Err(CosignerError::Name(name.to_owned()));
        }
        if is_new {
            folder.write(place, &key)?;
        }
        Ok(Self { name: named, key })
    }

    /// The key as verifiers know it (vkey); none of a name that no key can have.
    pub fn vkey(&self) -> Option<NoteKey> {
        NoteKey::new(self.name.clone(), Kind::Cosignature, self.key.public())
    }

    /// Cosigns the checkpoint in a note as of this time.
    pub(super) fn cosign(&self, note: &mut Note, at: DateTime<Utc>) {
        // A cosignature always has a time: 0 would say that it has none.
        let seconds = u64::try_from(at.timestamp()).unwrap_or_default().max(1);
        note.cosign(&self.name, &self.key, seconds);
    }
}
