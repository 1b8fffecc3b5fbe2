//! The Merkle tree of the log: RFC 6962 hashes, RFC 9162 proofs.
//!
//! A tree is known by its size and its root. [`Frontier`] grows one leaf by leaf; [`inclusion_proof`] and
//! [`consistency_proof`] take the hashes of complete subtrees from wherever they are kept ([`Nodes`]);
//! [`verify_inclusion`] and [`verify_consistency`] need nothing but the proof.

mod frontier;
mod prove;
mod verify;

pub use frontier::{Frontier, Node};
pub use prove::{Nodes, ProofError, consistency_proof, inclusion_proof, root};
pub use verify::{Refused, verify_consistency, verify_inclusion};

use crate::canonical::Digest;

/// The hash of a leaf: `SHA256(00 ‖ entry)` (RFC 6962 §2.1).
pub fn leaf_hash(entry: &[u8]) -> Digest {
    Digest::of_parts(&[&[0], entry])
}

/// The hash of an inner node: `SHA256(01 ‖ left ‖ right)` (RFC 6962 §2.1).
pub fn node_hash(left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// The root of the tree without leaves: `SHA256()` (RFC 6962 §2.1).
pub fn empty_root() -> Digest {
    Digest::of(b"")
}

/// How many of `size` leaves, at least two, stand on the left: the largest power of two below it.
const fn left_of(size: u64) -> u64 {
    1 << (size - 1).ilog2()
}

#[cfg(test)]
mod tests;
