//! The hashes that a proof needs, read from tiles.

use super::{HASH_LENGTH, Row, Tile};
use crate::canonical::Digest;
use crate::merkle::{Nodes, node_hash};

/// Where tiles are read.
pub trait ReadTile {
    /// Why a tile cannot be had.
    type Error;

    /// The bytes of this tile, exactly.
    fn read(&self, tile: &Tile) -> Result<Vec<u8>, Self::Error>;
}

/// Why a hash cannot be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TileError<E> {
    /// The tree does not hold this subtree whole.
    #[error("the tree of {size} leaves does not hold subtree {index} of level {level}")]
    Outside {
        /// The tree's size.
        size: u64,
        /// The subtree's level.
        level: u8,
        /// The subtree's place.
        index: u64,
    },
    /// The tile has another length than its path says.
    #[error("{path} has {length} bytes")]
    Length {
        /// The tile's path.
        path: String,
        /// Its length.
        length: usize,
    },
    /// The tile cannot be had.
    #[error(transparent)]
    Read(#[from] E),
}

/// The complete subtrees of a tree of one size, from its tiles.
#[derive(Debug)]
pub struct TiledNodes<'a, R> {
    tiles: &'a R,
    size: u64,
}

impl<'a, R: ReadTile> TiledNodes<'a, R> {
    /// The subtrees of the tree of `size` leaves.
    pub const fn new(tiles: &'a R, size: u64) -> Self {
        Self { tiles, size }
    }
}

impl<R: ReadTile> Nodes for TiledNodes<'_, R> {
    type Error = TileError<R::Error>;

    fn node(&self, level: u8, index: u64) -> Result<Digest, Self::Error> {
        let (row, height) = (Row::Hashes(level / 8), level % 8);
        let outside = || TileError::Outside {
            size: self.size,
            level,
            index,
        };
        let count = 1_u64 << height;
        let first = index.checked_mul(count).ok_or_else(outside)?;
        let tile = Tile::of_tree(row, first / 256, self.size).ok_or_else(outside)?;
        let bytes = self.tiles.read(&tile)?;
        if bytes.len() != usize::from(tile.width()) * HASH_LENGTH {
            return Err(TileError::Length {
                path: tile.path(),
                length: bytes.len(),
            });
        }
        let (hashes, _) = bytes.as_chunks::<HASH_LENGTH>();
        let place = usize::try_from(first % 256).map_err(|_| outside())?;
        let count = usize::try_from(count).map_err(|_| outside())?;
        let hashes = hashes.get(place..place + count).ok_or_else(outside)?;
        let mut row: Vec<Digest> = hashes.iter().copied().map(Digest::from_bytes).collect();
        while let [_, _, ..] = row.as_slice() {
            let (pairs, _) = row.as_chunks::<2>();
            row = pairs
                .iter()
                .map(|[left, right]| node_hash(left, right))
                .collect();
        }
        row.first().copied().ok_or_else(outside)
    }
}
