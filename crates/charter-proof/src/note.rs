//! Signed notes, and what the log signs with them: checkpoints and cosignatures (C2SP signed-note).
//!
//! A [`Note`] is text with signature lines below it; reading one checks its form and no signature. A [`NoteKey`] is
//! a published key (vkey) with its name, and says what it signed: [`NoteKey::verify`].

mod checkpoint;
mod key;

use std::fmt::{self, Write as _};
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use checkpoint::{Checkpoint, CheckpointError};
pub use key::{Kind, NoteKey, ParseKeyError, Signed, VerifyError};

/// The longest note that is read, in bytes.
pub const LONGEST_NOTE: usize = 1 << 20;

/// The most signature lines that a note may have.
pub const MOST_SIGNATURES: usize = 100;

/// What begins a signature line: an em dash and a space.
const MARK: &str = "\u{2014} ";

/// A text and the signature lines below it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<Signature>,
}

/// A signature line: whose it says it is, and the bytes after the key id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The key's name.
    pub name: String,
    /// The key's id: a hint, which proves nothing.
    pub key_id: [u8; 4],
    /// The signature, in the form of its type.
    pub bytes: Vec<u8>,
}

/// The text is no signed note.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// It is longer than [`LONGEST_NOTE`].
    #[error("the note is longer than a mebibyte")]
    TooLong,
    /// It holds a control character, a carriage return included.
    #[error("the note holds a control character")]
    ControlCharacter,
    /// There is no empty line between text and signatures, or no final newline.
    #[error("a note is text, an empty line, and signature lines, each with a newline at its end")]
    Shape,
    /// A line below the text is no signature line.
    #[error("line {0} below the note's text is no signature line")]
    Signature(usize),
    /// It has more than [`MOST_SIGNATURES`].
    #[error("the note has too many signatures")]
    TooMany,
}

impl Note {
    /// A note without signatures.
    ///
    /// # Errors
    ///
    /// [`NoteError`] when the text is empty, holds control characters or does not end with a newline.
    pub fn new(text: String) -> Result<Self, NoteError> {
        check_text(&text)?;
        Ok(Self {
            text,
            signatures: Vec::new(),
        })
    }

    /// A checkpoint without signatures.
    pub fn unsigned(checkpoint: &Checkpoint) -> Self {
        Self {
            text: checkpoint.to_string(),
            signatures: Vec::new(),
        }
    }

    /// The text that is signed, its final newline included.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Adds a signature line.
    pub fn push(&mut self, signature: Signature) {
        self.signatures.push(signature);
    }
}

fn check_text(text: &str) -> Result<(), NoteError> {
    if text.len() > LONGEST_NOTE {
        return Err(NoteError::TooLong);
    }
    if text
        .chars()
        .any(|c| c != '\n' && (c < ' ' || c == '\u{7f}'))
    {
        return Err(NoteError::ControlCharacter);
    }
    if text.ends_with('\n') {
        Ok(())
    } else {
        Err(NoteError::Shape)
    }
}

/// Whether a key may have this name: not empty, no space of any kind, no plus sign.
fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        check_text(note)?;
        let end = note.rfind("\n\n").ok_or(NoteError::Shape)?;
        let (text, below) = note.split_at_checked(end + 1).ok_or(NoteError::Shape)?;
        let lines = below
            .strip_prefix('\n')
            .and_then(|lines| lines.strip_suffix('\n'));
        let lines = lines
            .filter(|lines| !lines.is_empty())
            .ok_or(NoteError::Shape)?;
        let mut signatures = Vec::new();
        for (index, line) in lines.split('\n').enumerate() {
            if index == MOST_SIGNATURES {
                return Err(NoteError::TooMany);
            }
            signatures.push(
                line.parse()
                    .map_err(|ParseSignatureError| NoteError::Signature(index + 1))?,
            );
        }
        Ok(Self {
            text: text.to_owned(),
            signatures,
        })
    }
}

/// The line is no signature line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a signature line is an em dash, a name and base64")]
pub struct ParseSignatureError;

impl FromStr for Signature {
    type Err = ParseSignatureError;

    fn from_str(line: &str) -> Result<Self, ParseSignatureError> {
        let rest = line.strip_prefix(MARK).ok_or(ParseSignatureError)?;
        let (name, encoded) = rest.split_once(' ').ok_or(ParseSignatureError)?;
        // The engine refuses padding bits that are not zero, so a signature has one spelling.
        let bytes = STANDARD.decode(encoded).map_err(|_| ParseSignatureError)?;
        match bytes.split_first_chunk::<4>() {
            Some((key_id, signature)) if is_name(name) && !signature.is_empty() => Ok(Self {
                name: name.to_owned(),
                key_id: *key_id,
                bytes: signature.to_vec(),
            }),
            _ => Err(ParseSignatureError),
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        f.write_char('\n')?;
        self.signatures
            .iter()
            .try_for_each(|signature| writeln!(f, "{signature}"))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.key_id.as_slice(), &self.bytes].concat();
        write!(f, "{MARK}{} {}", self.name, STANDARD.encode(bytes))
    }
}

#[cfg(test)]
mod tests;
