//! Proofs, checked with nothing but themselves.

use super::{empty_root, node_hash};
use crate::canonical::Digest;

/// The proof does not show what it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proof does not lead to the tree's root")]
pub struct Refused;

/// Checks that the leaf with this hash stands at `index` of the tree (RFC 9162 §2.1.3.2).
pub fn verify_inclusion(
    leaf: &Digest,
    index: u64,
    size: u64,
    path: &[Digest],
    root: &Digest,
) -> Result<(), Refused> {
    if index >= size {
        return Err(Refused);
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in path {
        if last == 0 {
            return Err(Refused);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && hash == *root {
        Ok(())
    } else {
        Err(Refused)
    }
}

/// Checks that the tree of `size` leaves continues that of `old` leaves (RFC 9162 §2.1.4.2).
pub fn verify_consistency(
    old: u64,
    old_root: &Digest,
    size: u64,
    root: &Digest,
    path: &[Digest],
) -> Result<(), Refused> {
    if old > size {
        return Err(Refused);
    }
    if old == size {
        return if path.is_empty() && old_root == root {
            Ok(())
        } else {
            Err(Refused)
        };
    }
    if old == 0 {
        return if path.is_empty() && *old_root == empty_root() {
            Ok(())
        } else {
            Err(Refused)
        };
    }
    let (mut node, mut last) = (old - 1, size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // A complete older tree is a node of the newer one: the proof begins with it, and leaves it out.
    let (first, rest) = if old.is_power_of_two() {
        (*old_root, path)
    } else {
        let (first, rest) = path.split_first().ok_or(Refused)?;
        (*first, rest)
    };
    let (mut older, mut newer) = (first, first);
    for sibling in rest {
        if last == 0 {
            return Err(Refused);
        }
        if node & 1 == 1 || node == last {
            older = node_hash(sibling, &older);
            newer = node_hash(sibling, &newer);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            newer = node_hash(&newer, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    if last == 0 && older == *old_root && newer == *root {
        Ok(())
    } else {
        Err(Refused)
    }
}
