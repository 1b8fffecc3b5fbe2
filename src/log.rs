//! The public log: one door to append to it, one gate to open it.
//!
//! [`ledger`] signs records and appends events, in a transaction that holds the log head; [`memory`] closes what was
//! appended with a `state` entry and a signed checkpoint, and answers with tiles and proofs. [`gate`] makes a new log at
//! first start and lets nothing be signed on a log that is not whole, or older than [`mark`] knows. [`snapshot`] spares a
//! start the replay of what was taken in before. [`key_files`] keeps the private keys, [`keyring`] knows which of them
//! sign, and [`signatory`] who signs, and when nobody may.
//! `status_lists` follows what happens to memberships.

mod bulk;
pub mod gate;
pub mod key_files;
pub mod keyring;
pub mod ledger;
pub mod mark;
mod members;
pub mod memory;
pub mod proofs;
pub mod signatory;
pub mod snapshot;
mod status_lists;
mod tiles;

pub use bulk::Told;
