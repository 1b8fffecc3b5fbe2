//! Evidence that a registry contradicts itself: one file, which convinces whoever trusts the registry's keys.
//!
//! A mirror that finds what cannot be writes it down, canonical JSON: what the registry signed, and the hashes that bind
//! the one to the other. [`verify_evidence`] believes nobody's word but the registry's own signatures. What has no
//! signature behind it (no answer, a cut file, bytes of another digest) is no evidence, and never stands in such a file.

mod judge;
mod wire;

pub use judge::{NotShown, Shown, verify_evidence};
pub use wire::{Bytes, Claim, Lists, Stated};

use serde::{Deserialize, Serialize};

use crate::canonical::to_jcs;

/// The version of the form: the `v` of every file.
pub const VERSION: u8 = 1;

/// The longest file that is read, in bytes.
pub const LONGEST_EVIDENCE: usize = 256 << 20;

/// How far the clocks of a registry's instances may be apart, in seconds: each at most five minutes from the database's.
pub const CLOCKS_APART: u64 = 600;

/// An evidence file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// The log's origin.
    pub origin: String,
    /// [`VERSION`].
    pub v: u8,
    /// What cannot be.
    pub what: Claim,
}

impl Evidence {
    /// The evidence against the registry with this log.
    pub const fn new(origin: String, what: Claim) -> Self {
        Self {
            origin,
            v: VERSION,
            what,
        }
    }

    /// The file's bytes: canonical JSON.
    pub fn to_bytes(&self) -> Vec<u8> {
        // It holds strings, lists and small numbers alone.
        to_jcs(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
