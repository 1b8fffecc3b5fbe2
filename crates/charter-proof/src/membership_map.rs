//! The membership map: a path-compressed binary trie over key hashes, whose root stands in every `state` entry.
//!
//! Cheap to change (a path), one shape for one content, and the same proof shows presence and absence. The
//! registry keeps a [`MembershipMap`]; a verifier needs [`root_of_path`] and the question's key hash alone.

mod arena;
mod frozen;
mod node;
mod trie;
mod value;
mod warm;

pub use frozen::Thawing;
pub use node::{Holder, Origin};
pub use trie::{Full, MembershipMap, Path, Undo};
pub use value::{ClaimValue, MemberValue};

use crate::canonical::Digest;

/// The root of the map without leaves: 32 zero bytes.
pub const EMPTY_ROOT: Digest = Digest::from_bytes([0; 32]);

/// The hash of a leaf: `SHA256(00 ‖ key hash ‖ SHA256(JCS(value)))`.
pub fn leaf_hash(key: &Digest, value: &Digest) -> Digest {
    Digest::of_parts(&[&[0], key.as_bytes(), value.as_bytes()])
}

/// The hash of an inner node: `SHA256(01 ‖ bit index ‖ left ‖ right)`.
pub fn inner_hash(bit: u8, left: &Digest, right: &Digest) -> Digest {
    Digest::of_parts(&[&[1], &[bit], left.as_bytes(), right.as_bytes()])
}

/// Whether a key goes right at a bit; bit 0 is the most significant.
pub fn goes_right(key: &Digest, bit: u8) -> bool {
    let byte = key.as_bytes().get(usize::from(bit / 8)).copied();
    byte.unwrap_or_default() >> (7 - bit % 8) & 1 == 1
}

/// One step of a path: the bit at which an inner node divides its keys, and the hash of the side not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// The first bit in which the subtree's keys differ.
    pub bit: u8,
    /// The other side's hash.
    pub sibling: Digest,
}

/// Why a path shows nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// The bit indices do not strictly increase from the root down.
    #[error("the path's bit indices do not strictly increase")]
    Order,
    /// The leaf at the end stands on another side of a node than the key that is asked for.
    #[error("the path's leaf stands on another side than the key that is asked for")]
    Side,
}

/// The root that a path from it to a leaf leads to, for the question `asked`.
///
/// `leaf` is the key hash of the leaf at the path's end and its [`leaf_hash`]. Where it is not the key that is asked
/// for, a path that leads to the map's root shows that the map does not hold that key: at each node the asked key
/// goes the same way as the leaf, so nowhere else could it stand.
pub fn root_of_path(
    asked: &Digest,
    leaf: (&Digest, Digest),
    path: &[Step],
) -> Result<Digest, PathError> {
    let (key, hash) = leaf;
    if !path.is_sorted_by(|above, below| above.bit < below.bit) {
        return Err(PathError::Order);
    }
    path.iter().rev().try_fold(hash, |hash, step| {
        let right = goes_right(asked, step.bit);
        if goes_right(key, step.bit) != right {
            return Err(PathError::Side);
        }
        Ok(if right {
            inner_hash(step.bit, &step.sibling, &hash)
        } else {
            inner_hash(step.bit, &hash, &step.sibling)
        })
    })
}

#[cfg(test)]
mod tests;
