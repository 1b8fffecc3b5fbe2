//! Keys of notes, in their published form, and what they signed.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Note, Signature, is_name};
use crate::keys::{CLOCK_SIGNATURE, LOG_SIGNATURE, PublicKey, SecretKey, key_id, vkey};

/// How a key signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The note's text, by plain ed25519: type 01 (C2SP signed-note).
    Plain,
    /// A checkpoint and the time at which it was the newest one seen: type 04 (C2SP tlog-cosignature).
    Cosignature,
}

impl Kind {
    /// The byte that stands for it in key ids and published keys.
    pub const fn signature_type(self) -> u8 {
        match self {
            Self::Plain => LOG_SIGNATURE,
            Self::Cosignature => CLOCK_SIGNATURE,
        }
    }
}

/// A key with its name: `name+<hex8 key id>+base64(type ‖ key)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteKey {
    name: String,
    kind: Kind,
    key: PublicKey,
}

/// What a key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signed {
    /// The text, without a time.
    Text,
    /// The checkpoint, as the newest one at this time: seconds since 1970.
    At(u64),
}

/// Why a note does not count as signed by a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// No line names the key.
    #[error("the key signed nothing here")]
    Missing,
    /// More than one line names the key.
    #[error("the key signed twice")]
    Twice,
    /// The line's signature is not the key's signature of this text.
    #[error("the signature is not the key's signature of this text")]
    Signature,
}

impl NoteKey {
    /// A key and its name; none where a note's key cannot have that name.
    pub fn new(name: String, kind: Kind, key: PublicKey) -> Option<Self> {
        is_name(&name).then_some(Self { name, kind, key })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it signs.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The key itself.
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    fn id(&self) -> [u8; 4] {
        key_id(&self.name, self.kind.signature_type(), &self.key)
    }

    /// What this key signed in a note, if that is what it signed, and once.
    pub fn verify(&self, note: &Note) -> Result<Signed, VerifyError> {
        let id = self.id();
        let mut lines = (note.signatures().iter())
            .filter(|signature| signature.name == self.name && signature.key_id == id);
        let line = lines.next().ok_or(VerifyError::Missing)?;
        if lines.next().is_some() {
            return Err(VerifyError::Twice);
        }
        self.signed(note.text(), line).ok_or(VerifyError::Signature)
    }

    /// What a signature line says of a text, if this key made it.
    pub fn signed(&self, text: &str, line: &Signature) -> Option<Signed> {
        if line.name != self.name || line.key_id != self.id() {
            return None;
        }
        let (signed, message, signature) = match self.kind {
            Kind::Plain => (Signed::Text, text.to_owned(), line.bytes.as_slice()),
            Kind::Cosignature => {
                let (time, signature) = line.bytes.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                (Signed::At(time), cosigned(time, text), signature)
            }
        };
        let signature = signature.try_into().ok()?;
        let is_its = self.key.verify_strict(message.as_bytes(), signature);
        is_its.then_some(signed)
    }
}

impl Note {
    /// Signs the text under a name, by plain ed25519.
    pub fn sign(&mut self, name: &str, key: &SecretKey) {
        let signature = key.sign(self.text().as_bytes());
        self.add(name, Kind::Plain, key, signature.to_vec());
    }

    /// Cosigns the checkpoint in the text under a name: at this time, in seconds since 1970, it was the newest.
    pub fn cosign(&mut self, name: &str, key: &SecretKey, time: u64) {
        let signature = key.sign(cosigned(time, self.text()).as_bytes());
        let bytes = [time.to_be_bytes().as_slice(), &signature].concat();
        self.add(name, Kind::Cosignature, key, bytes);
    }

    fn add(&mut self, name: &str, kind: Kind, key: &SecretKey, bytes: Vec<u8>) {
        self.push(Signature {
            name: name.to_owned(),
            key_id: key_id(name, kind.signature_type(), &key.public()),
            bytes,
        });
    }
}

/// What a cosignature signs (C2SP tlog-cosignature, "cosignature/v1").
fn cosigned(time: u64, checkpoint: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{checkpoint}")
}

impl fmt::Display for NoteKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&vkey(&self.name, self.kind.signature_type(), &self.key))
    }
}

/// The text is not a published key of a kind that is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a note's key is `name+<8 hex digits>+<base64>`, of signature type 01 or 04, and its id is its own"
)]
pub struct ParseKeyError;

impl FromStr for NoteKey {
    type Err = ParseKeyError;

    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        // The base64 may itself hold plus signs, a name and an id never do.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(_), Some(material)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(ParseKeyError);
        };
        let material = STANDARD.decode(material).map_err(|_| ParseKeyError)?;
        let (kind, key) = match material.split_first() {
            Some((&LOG_SIGNATURE, key)) => (Kind::Plain, key),
            Some((&CLOCK_SIGNATURE, key)) => (Kind::Cosignature, key),
            _ => return Err(ParseKeyError),
        };
        let key = key.try_into().map_err(|_| ParseKeyError)?;
        let key = PublicKey::from_bytes(key).map_err(|_| ParseKeyError)?;
        let key = Self::new(name.to_owned(), kind, key).ok_or(ParseKeyError)?;
        if key.to_string() == text {
            Ok(key)
        } else {
            Err(ParseKeyError)
        }
    }
}
