//! The checkpoint: a log's size and root, as a note's text (C2SP tlog-checkpoint).

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::canonical::Digest;

/// What a log has at one time: `<origin>\n<size>\n<base64 root>\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log it is.
    pub origin: String,
    /// How many entries it has.
    pub size: u64,
    /// The root of the tree over them.
    pub root: Digest,
}

/// The text is no checkpoint of a charter registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a checkpoint is three lines: origin, size in decimal, root in base64; extension lines are not used"
)]
pub struct CheckpointError;

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.origin)?;
        writeln!(f, "{}", self.size)?;
        writeln!(f, "{}", STANDARD.encode(self.root.as_bytes()))
    }
}

impl FromStr for Checkpoint {
    type Err = CheckpointError;

    fn from_str(text: &str) -> Result<Self, CheckpointError> {
        let lines: Vec<&str> = text.split('\n').collect();
        let [origin, size, root, ""] = lines.as_slice() else {
            return Err(CheckpointError);
        };
        let size = size.parse().map_err(|_| CheckpointError)?;
        let root = STANDARD.decode(root).map_err(|_| CheckpointError)?;
        let root = root.try_into().map_err(|_| CheckpointError)?;
        let checkpoint = Self {
            origin: (*origin).to_owned(),
            size,
            root: Digest::from_bytes(root),
        };
        // One checkpoint, one spelling: no sign and no zero before a size.
        if !origin.is_empty() && checkpoint.to_string() == text {
            Ok(checkpoint)
        } else {
            Err(CheckpointError)
        }
    }
}
