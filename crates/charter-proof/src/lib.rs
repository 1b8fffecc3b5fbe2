//! Verifies, offline, what a charter registry signs, and writes it to the byte.
//!
//! What a verifier needs and nothing else: no I/O, no async, no clock, no randomness. The registry
//! itself uses the same code to write, so that the two can never disagree about a format.
//!
//! Where to start: [`verify::verify_record`] answers whether a record is authentic. Below it,
//! from the bottom up:
//!
//! - [`canonical`]: canonical JSON, strict parsing, digests;
//! - [`identity`]: a registry's public URL and the names derived from it;
//! - [`keys`]: ed25519 keys and the forms in which they are published;
//! - [`secured`]: Data Integrity proofs, cryptosuite `eddsa-jcs-2022`;
//! - [`entry`]: the events of the log;
//! - [`merkle`]: the tree over the log's entries, and proofs in it;
//! - [`tile`]: the log as files;
//! - [`note`]: signed notes, checkpoints, cosignatures;
//! - [`membership_map`]: who holds which key, as one digest;
//! - [`record`]: the registry record, one signed document per change of a membership.

pub mod canonical;
pub mod entry;
pub mod identity;
pub mod keys;
pub mod membership_map;
pub mod merkle;
pub mod note;
pub mod record;
pub mod secured;
pub mod tile;
pub mod verify;

mod whole_seconds;

#[cfg(test)]
mod fixtures;
