//! Proofs, made from the hashes of complete subtrees.

use super::{empty_root, left_of, node_hash};
use crate::canonical::Digest;

/// Where the hashes of complete subtrees are kept.
pub trait Nodes {
    /// Why a hash cannot be had.
    type Error;

    /// The root of the complete subtree of `2^level` leaves that begins at leaf `index · 2^level`.
    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error>;
}

/// Why there is no proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError<E> {
    /// The leaf, or the older tree, is not inside the tree.
    #[error("a tree of {size} leaves holds no proof about {asked}")]
    Outside {
        /// The leaf's index or the older tree's size.
        asked: u64,
        /// The tree's size.
        size: u64,
    },
    /// A hash cannot be had.
    #[error(transparent)]
    Nodes(#[from] E),
}

/// The root of the first `size` leaves.
pub fn root<N: Nodes>(nodes: &N, size: u64) -> Result<Digest, N::Error> {
    if size == 0 {
        return Ok(empty_root());
    }
    root_of(nodes, 0, size)
}

/// The root over the leaves `[from, to)`, of which a tree has at least one and begins its split at `from`.
fn root_of<N: Nodes>(nodes: &N, from: u64, to: u64) -> Result<Digest, N::Error> {
    // The complete subtrees of the range, largest first: the bits of its length.
    let mut peaks = Vec::new();
    let mut start = from;
    while start < to {
        let level = (to - start).ilog2();
        peaks.push(nodes.node(u8::try_from(level).unwrap_or(u8::MAX), start >> level)?);
        start += 1 << level;
    }
    let folded = peaks
        .into_iter()
        .rev()
        .reduce(|right, left| node_hash(&left, &right));
    Ok(folded.unwrap_or_else(empty_root))
}

/// The proof that leaf `index` stands in the tree of `size` leaves (RFC 9162 §2.1.3.1).
pub fn inclusion_proof<N: Nodes>(
    nodes: &N,
    index: u64,
    size: u64,
) -> Result<Vec<Digest>, ProofError<N::Error>> {
    if index >= size {
        return Err(ProofError::Outside { asked: index, size });
    }
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while to - from > 1 {
        let middle = from + left_of(to - from);
        if index < middle {
            path.push(root_of(nodes, middle, to)?);
            to = middle;
        } else {
            path.push(root_of(nodes, from, middle)?);
            from = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The proof that the tree of `size` leaves continues that of its first `old` leaves (RFC 9162 §2.1.4.1).
///
/// It is empty when both have the same size, or the older one none.
pub fn consistency_proof<N: Nodes>(
    nodes: &N,
    old: u64,
    size: u64,
) -> Result<Vec<Digest>, ProofError<N::Error>> {
    if old > size {
        return Err(ProofError::Outside { asked: old, size });
    }
    if old == 0 {
        return Ok(Vec::new());
    }
    let (mut from, mut to) = (0, size);
    let mut path = Vec::new();
    while old != to {
        let middle = from + left_of(to - from);
        if old <= middle {
            path.push(root_of(nodes, middle, to)?);
            to = middle;
        } else {
            path.push(root_of(nodes, from, middle)?);
            from = middle;
        }
    }
    // The older tree itself is what the verifier has.
    if from > 0 {
        path.push(root_of(nodes, from, to)?);
    }
    path.reverse();
    Ok(path)
}
