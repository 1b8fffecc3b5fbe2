//! The membership proof: one file that shows, offline, what a key of a membership means today.
//!
//! It has the form of C2SP tlog-proof: the last entry of a checkpoint, which is a `state` entry, the way from it to
//! the checkpoint's root, the checkpoint itself, and as `extra` the ways from the state's map to the answer.
//! Reading one checks its form and nothing else; what it shows is for [`crate::verify::verify`] to say.

mod writing;

pub use writing::{Pieces, Way, end, write, write_into};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::canonical::{CanonicalError, Digest, InJcsOrder, StrictJsonError, parse_strict, to_jcs};
use crate::keys::KeyList;
use crate::membership_map::{ClaimValue, MemberValue, Step, leaf_hash};
use crate::note::{Note, NoteError};

/// The first line.
pub const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// The version of the form of `extra`: its `v`.
pub const VERSION: u8 = 1;

/// The longest proof that is read, in bytes.
pub const LONGEST_PROOF: usize = 1 << 20;

/// A tree of entries has no longer path.
const LONGEST_PATH: usize = 63;

/// A membership proof, as it stands in its file.
#[derive(Debug, Clone, PartialEq)]
pub struct ProofFile {
    /// What the state entry says, and the ways from its map to the answer.
    pub extra: Extra,
    /// The index of the state entry.
    pub index: u64,
    /// The way from the state entry to the checkpoint's root.
    pub path: Vec<Digest>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

/// What a proof holds beside the log's own proof. Its fields stand in canonical order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Extra {
    /// The way to the key that is asked for; absent where that is a member's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub claim: Option<MapProof>,
    /// Every key that the registry ever had.
    pub keys: KeyList,
    /// The way to the member; null where the claim leads to none.
    #[serde(deserialize_with = "Option::deserialize")]
    pub membership: Option<MapProof>,
    /// The member's newest record; null where there is no member, or the record was redacted.
    #[serde(deserialize_with = "Option::deserialize")]
    pub record: Option<Value>,
    /// The state entry.
    pub state: Value,
    /// [`VERSION`].
    pub v: u8,
}

/// The way from the root of the membership map to where a key stands, or would have to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MapProof {
    /// The leaf at its end; null only in the empty map.
    #[serde(deserialize_with = "Option::deserialize")]
    pub leaf: Option<Leaf>,
    /// From the root down.
    pub path: Vec<PathStep>,
}

impl InJcsOrder for Leaf {}

/// A leaf of the membership map.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Leaf {
    /// What a claim leads to.
    Claim(ClaimValue),
    /// What a member is.
    Member(MemberValue),
}

impl Leaf {
    /// The hash of the key it stands under.
    pub const fn key_hash(&self) -> Digest {
        match self {
            Self::Claim(value) => value.key_hash,
            Self::Member(value) => value.key_hash,
        }
    }

    /// The index of the entry that last changed it.
    pub const fn event(&self) -> u64 {
        match self {
            Self::Claim(value) => value.event,
            Self::Member(value) => value.event,
        }
    }

    /// The hash by which the map knows it.
    pub fn hash(&self) -> Digest {
        self.hash_of(&self.to_ordered_bytes())
    }

    /// The same, from its canonical bytes.
    fn hash_of(&self, bytes: &[u8]) -> Digest {
        leaf_hash(&self.key_hash(), &Digest::of(bytes))
    }
}

/// A step of a path: `[bit index, "base64 sibling"]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathStep(pub Step);

impl Serialize for PathStep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        (self.0.bit, STANDARD.encode(self.0.sibling.as_bytes())).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PathStep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (bit, sibling): (u8, String) = Deserialize::deserialize(deserializer)?;
        let sibling = digest(&sibling).ok_or_else(|| D::Error::custom("32 bytes in base64"))?;
        Ok(Self(Step { bit, sibling }))
    }
}

/// The text is no membership proof.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofFileError {
    /// Longer than [`LONGEST_PROOF`].
    #[error("the proof is longer than a mebibyte")]
    TooLong,
    /// Not text.
    #[error("the proof is not text in UTF-8")]
    NotText,
    /// The lines do not stand in the order of C2SP tlog-proof.
    #[error("the file does not have the lines of a proof: {0} is expected")]
    Shape(&'static str),
    /// A hash, or `extra`, is not base64 in its one spelling.
    #[error("{0} is not base64 in its one spelling")]
    Base64(&'static str),
    /// The state entry's position is not a number in its one spelling.
    #[error("the index is not a number without sign and leading zeros")]
    Index,
    /// `extra` is not strict JSON.
    #[error("extra is not valid JSON: {0}")]
    Json(#[from] StrictJsonError),
    /// `extra` has other fields than a proof's, or in another form.
    #[error("extra does not have the fields of a proof: {0}")]
    Fields(#[source] serde_json::Error),
    /// `extra` is valid JSON, and not the canonical bytes of what it says.
    #[error("extra is not the canonical JSON of what it says")]
    NotCanonical,
    /// Another version of the form than [`VERSION`].
    #[error("the proof's version (v) is not {VERSION}; a newer verifier may know it")]
    UnknownVersion,
    /// The checkpoint is no signed note.
    #[error("the checkpoint is not a signed note: {0}")]
    Note(#[from] NoteError),
}

impl ProofFile {
    /// The file's bytes.
    ///
    /// # Errors
    ///
    /// When a number in it is beyond what canonical JSON can say.
    pub fn to_text(&self) -> Result<String, CanonicalError> {
        let extra = to_jcs(&self.extra)?;
        let end = end(self.index, &self.path, &self.checkpoint.to_string());
        Ok(write(&extra, &end))
    }

    /// Reads a file, strictly: what [`ProofFile::to_text`] would write otherwise is refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        if bytes.len() > LONGEST_PROOF {
            return Err(ProofFileError::TooLong);
        }
        let text = std::str::from_utf8(bytes).map_err(|_| ProofFileError::NotText)?;
        let mut lines = Lines(text);
        if lines.next() != Some(HEADER) {
            return Err(ProofFileError::Shape("the line c2sp.org/tlog-proof@v1"));
        }
        let extra = lines.after("extra ")?;
        let extra = STANDARD
            .decode(extra)
            .map_err(|_| ProofFileError::Base64("extra"))?;
        let index = lines.after("index ")?;
        let parsed = index.parse().map_err(|_| ProofFileError::Index)?;
        if u64::to_string(&parsed) != index {
            return Err(ProofFileError::Index);
        }
        let mut path = Vec::new();
        loop {
            match lines.next() {
                Some("") => break,
                Some(hash) if path.len() < LONGEST_PATH => {
                    path.push(digest(hash).ok_or(ProofFileError::Base64("a hash of the path"))?);
                }
                _ => return Err(ProofFileError::Shape("an empty line after the path")),
            }
        }
        Ok(Self {
            extra: Extra::parse(&extra)?,
            index: parsed,
            path,
            checkpoint: lines.0.parse()?,
        })
    }
}

impl Extra {
    fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        let value = parse_strict(bytes)?;
        if value.get("v").and_then(Value::as_u64) != Some(VERSION.into()) {
            return Err(ProofFileError::UnknownVersion);
        }
        let extra: Self = serde_json::from_value(value).map_err(ProofFileError::Fields)?;
        if to_jcs(&extra).is_ok_and(|canonical| canonical == bytes) {
            Ok(extra)
        } else {
            Err(ProofFileError::NotCanonical)
        }
    }
}

fn digest(encoded: &str) -> Option<Digest> {
    let bytes = STANDARD.decode(encoded).ok()?;
    bytes.try_into().ok().map(Digest::from_bytes)
}

/// The lines of a text that are left; the rest is what stands after them.
struct Lines<'a>(&'a str);

impl<'a> Lines<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let (line, rest) = self.0.split_once('\n')?;
        self.0 = rest;
        Some(line)
    }

    fn after(&mut self, start: &'static str) -> Result<&'a str, ProofFileError> {
        let line = self.next().and_then(|line| line.strip_prefix(start));
        line.ok_or(ProofFileError::Shape(start))
    }
}
