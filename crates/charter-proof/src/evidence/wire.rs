//! What an evidence file holds.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::canonical::Digest;
use crate::keys::KeyList;

/// Bytes, base64 in JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(D::Error::custom)
    }
}

/// The key list, as the `state` entry that ends a checkpoint has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// Every key that the registry ever had.
    pub keys: KeyList,
    /// The way from the state entry to the checkpoint's root.
    pub path: Vec<Digest>,
    /// The state entry: the checkpoint's last one.
    pub state: Bytes,
}

/// The status lists of one number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lists {
    /// That of revocations.
    pub revocation: Bytes,
    /// That of suspensions.
    pub suspension: Bytes,
}

/// What a registry signed that cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(
    tag = "kind",
    rename_all = "kebab-case",
    rename_all_fields = "camelCase",
    deny_unknown_fields
)]
pub enum Claim {
    /// Two checkpoints of which the newer does not continue the older.
    Fork {
        /// The larger one, or the other one of the same size.
        newer: String,
        /// The smaller one.
        older: String,
        /// That the newer continues the tree of `root`, and so not that of the older; empty where the sizes are equal.
        path: Vec<Digest>,
        /// The root that the newer has over as many entries as the older has; null where the sizes are equal.
        root: Option<Digest>,
    },
    /// A checkpoint that was the newest, and later a smaller one that was.
    Shrunken {
        /// The larger one, cosigned first.
        earlier: String,
        /// The smaller one, cosigned long after it.
        later: String,
    },
    /// An entry that is none by itself.
    Entry {
        /// The checkpoint.
        checkpoint: String,
        /// The entry.
        entry: Bytes,
        /// Its index.
        index: u64,
        /// The way from it to the checkpoint's root.
        path: Vec<Digest>,
    },
    /// A record that an entry names, and that is none of the registry or says another thing.
    Record {
        /// The checkpoint.
        checkpoint: String,
        /// The entry.
        entry: Bytes,
        /// Its index.
        index: u64,
        /// The way from it to the checkpoint's root.
        path: Vec<Digest>,
        /// The record that it names.
        record: Bytes,
        /// The registry's keys.
        stated: Stated,
    },
    /// A log that breaks its rules, a wrong membership map included.
    Log {
        /// The checkpoint.
        checkpoint: String,
        /// Its entries from the first to the one that breaks them.
        entries: Vec<Bytes>,
        /// That the checkpoint continues the tree of these entries.
        path: Vec<Digest>,
    },
    /// Status lists that do not say of credentials what the log says of members.
    StatusLists {
        /// The checkpoint, cosigned after the lists were signed.
        checkpoint: String,
        /// All its entries.
        entries: Vec<Bytes>,
        /// Every list there is.
        lists: Vec<Lists>,
    },
}
