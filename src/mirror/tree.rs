//! The tree that a checkpoint names, as far as it is needed to tell what belongs to it.
//!
//! The roots of its bundles of 256 entries, a tile for each 65,536 entries, are fetched first and come to the signed root
//! or are refused. From then on every bundle that arrives is known to be the signed one, or thrown away.

use std::collections::BTreeMap;

use charter_proof::{
    canonical::Digest,
    merkle::{Nodes, consistency_proof, inclusion_proof, leaf_hash, node_hash, root},
    note::Checkpoint,
    tile::{HASH_LENGTH, Row, Tile, bundle},
};

use super::source::{Source, SourceError};

/// The level of a full bundle's root: 2^8 entries.
const BUNDLE: u8 = 8;

/// Why there is no tree to go by.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// Something cannot be had.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What was fetched is not what was signed: it was damaged, or is of another time.
    #[error("what {0} gives does not come to the root that the checkpoint names")]
    NotTheRoot(String),
}

/// A tree whose root is signed.
#[derive(Debug, Clone)]
pub struct SignedTree {
    checkpoint: Checkpoint,
    /// The roots of its full bundles.
    bundles: Vec<Digest>,
    /// The leaves of the bundles that were looked into.
    leaves: BTreeMap<u64, Vec<Digest>>,
}

/// A subtree was asked for that was not looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tree was not looked into so closely")]
pub struct NotKnown;

impl SignedTree {
    /// Fetches the tree of a checkpoint, with the leaves around its entry `near`.
    pub async fn fetch(
        source: &Source,
        checkpoint: Checkpoint,
        near: u64,
    ) -> Result<Self, TreeError> {
        let size = checkpoint.size;
        let mut tree = Self {
            checkpoint,
            bundles: Vec::new(),
            leaves: BTreeMap::new(),
        };
        for index in 0.. {
            let Some(tile) = Tile::of_tree(Row::Hashes(1), index, size) else {
                break;
            };
            let bytes = source.tile(&tile).await?;
            let (hashes, rest) = bytes.as_chunks::<HASH_LENGTH>();
            if !rest.is_empty() || hashes.len() != usize::from(tile.width()) {
                return Err(TreeError::NotTheRoot(tile.path()));
            }
            let hashes = hashes.iter().map(|hash| Digest::from_bytes(*hash));
            tree.bundles.extend(hashes);
        }
        let partial = (!size.is_multiple_of(256)).then_some(size / 256);
        let near = (!near.is_multiple_of(256)).then_some(near / 256);
        for index in partial.into_iter().chain(near) {
            let Some(tile) = Tile::of_tree(Row::Entries, index, size) else {
                continue;
            };
            let bytes = source.tile(&tile).await?;
            let leaves: Result<Vec<_>, _> = bundle::entries(&bytes)
                .map(|entry| entry.map(leaf_hash))
                .collect();
            let leaves = leaves.map_err(|_| TreeError::NotTheRoot(tile.path()))?;
            if leaves.len() != usize::from(tile.width()) {
                return Err(TreeError::NotTheRoot(tile.path()));
            }
            let known = usize::try_from(index).ok();
            let known = known.and_then(|index| tree.bundles.get(index));
            if known.is_some_and(|known| *known != folded(&leaves)) {
                return Err(TreeError::NotTheRoot(tile.path()));
            }
            tree.leaves.insert(index, leaves);
        }
        if root(&tree, size) == Ok(tree.checkpoint.root) {
            Ok(tree)
        } else {
            Err(TreeError::NotTheRoot("log/tile/1".to_owned()))
        }
    }

    /// What was signed of it.
    pub const fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The leaves of a bundle; none where these entries are not those of this tree.
    pub fn leaves(&self, tile: &Tile, entries: &[impl AsRef<[u8]>]) -> Option<Vec<Digest>> {
        let leaves = entries.iter().map(|entry| leaf_hash(entry.as_ref()));
        let leaves: Vec<Digest> = leaves.collect();
        let index = usize::try_from(tile.index()).unwrap_or(usize::MAX);
        let is_so = match (self.bundles.get(index), self.leaves.get(&tile.index())) {
            (Some(known), _) => tile.is_full() && leaves.len() == 256 && folded(&leaves) == *known,
            (None, Some(known)) => *known == leaves,
            (None, None) => false,
        };
        is_so.then_some(leaves)
    }

    /// The root over its first `size` entries, which must be those of a bundle that was looked into or end one.
    pub fn root_at(&self, size: u64) -> Result<Digest, NotKnown> {
        root(self, size)
    }

    /// The tree with the leaves of this bundle, which must be its own.
    #[must_use]
    pub fn looked_into(mut self, bundle: u64, leaves: Vec<Digest>) -> Self {
        self.leaves.insert(bundle, leaves);
        self
    }

    /// The way from an entry, whose bundle was looked into, to the root.
    pub fn inclusion(&self, index: u64) -> Option<Vec<Digest>> {
        inclusion_proof(self, index, self.checkpoint.size).ok()
    }

    /// That it continues the tree of its own first `size` entries.
    pub fn consistency(&self, size: u64) -> Option<Vec<Digest>> {
        consistency_proof(self, size, self.checkpoint.size).ok()
    }
}

impl Nodes for SignedTree {
    type Error = NotKnown;

    fn node(&self, level: u8, index: u64) -> Result<Digest, NotKnown> {
        let (row, place): (&[Digest], u64) = if level >= BUNDLE {
            (&self.bundles, index)
        } else {
            let bundle = index >> (BUNDLE - level);
            let leaves = self.leaves.get(&bundle).ok_or(NotKnown)?;
            (leaves, index - (bundle << (BUNDLE - level)))
        };
        let height = if level >= BUNDLE {
            level - BUNDLE
        } else {
            level
        };
        let from = usize::try_from(place << height).map_err(|_| NotKnown)?;
        let to = from.checked_add(1 << height).ok_or(NotKnown)?;
        row.get(from..to).map(folded).ok_or(NotKnown)
    }
}

/// The root over a power of two of neighbours.
fn folded(hashes: &[Digest]) -> Digest {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        let (pairs, _) = row.as_chunks::<2>();
        row = pairs
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    row.pop().unwrap_or_else(|| Digest::of(b""))
}
