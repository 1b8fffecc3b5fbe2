//! A tree that grows at its right edge and remembers no more than that edge.

use super::{empty_root, node_hash};
use crate::canonical::Digest;

/// A complete subtree: `2^level` leaves, the first of which is `index · 2^level`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Node {
    /// The height above the leaves.
    pub level: u8,
    /// The position among the complete subtrees of this level.
    pub index: u64,
    /// The subtree's root.
    pub hash: Digest,
}

/// The roots of the complete subtrees that together hold every leaf, largest first: what growing a tree needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Digest>,
}

impl Frontier {
    /// The frontier of a tree that stands elsewhere: one hash for each bit that is set in `size`, largest first.
    pub fn from_peaks(size: u64, peaks: Vec<Digest>) -> Option<Self> {
        let wanted = usize::try_from(size.count_ones()).ok()?;
        (peaks.len() == wanted).then_some(Self { size, peaks })
    }

    /// How many leaves the tree has.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of the complete subtrees, largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }

    /// Adds a leaf by its hash, and hands over every subtree that it completes, the leaf itself first.
    pub fn push(&mut self, leaf: Digest, mut completed: impl FnMut(Node)) {
        let (mut level, mut index, mut hash) = (0_u8, self.size, leaf);
        completed(Node { level, index, hash });
        while index & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            index >>= 1;
            level += 1;
            completed(Node { level, index, hash });
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The tree's root.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev();
        let Some(smallest) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(*smallest, |right, left| node_hash(left, &right))
    }
}
