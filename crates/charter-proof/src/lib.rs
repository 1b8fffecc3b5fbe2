//! Verifies, offline, what a charter registry signs, and writes it to the byte.
//!
//! What a verifier needs and nothing else: no I/O, no async, no clock, no randomness. The registry
//! itself uses the same code to write, so that the two can never disagree about a format.
//!
//! Where to start: [`verify()`] answers a question by a membership proof, [`verify::verify_record`] whether a
//! record is authentic. Below them, from the bottom up:
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
//! - [`record`]: the registry record, one signed document per change of a membership;
//! - [`credential`]: the membership credential, short-lived, and its form as a JSON Web Token;
//! - [`status_list`]: which credentials were revoked or suspended before their time;
//! - [`replay`]: the log entry by entry, and the rules that it keeps;
//! - [`batch`]: many signatures of one key at once;
//! - [`audit`]: every record of a log, by its entries;
//! - [`evidence`]: that a registry contradicts itself, one file;
//! - [`proof_file`]: the membership proof, one file;
//! - [`policy`]: whom a verifier trusts.
//!
//! The feature `key-files`, on by default, reads and writes secret keys as PKCS#8 PEM; a verifier has none.

pub mod audit;
pub mod batch;
pub mod canonical;
pub mod credential;
pub mod entry;
pub mod evidence;
pub mod identity;
pub mod keys;
pub mod membership_map;
pub mod merkle;
pub mod note;
pub mod policy;
pub mod proof_file;
pub mod record;
pub mod replay;
pub mod secured;
pub mod status_list;
pub mod tile;
pub mod verify;

mod whole_seconds;

pub use verify::verify;

// The README's example compiles.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod parsers;
#[cfg(test)]
mod vectors;
