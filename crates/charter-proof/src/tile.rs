//! The log as files: tiles of hashes and bundles of entries (C2SP tlog-tiles).
//!
//! A tile holds up to 256 hashes of one row: row 0 those of the leaves, row `L` the roots of complete subtrees of
//! `256^L` leaves. [`Tile::path`] is its address under the log's prefix, [`TiledNodes`] reads proofs' hashes
//! from tiles, [`bundle`] is the form of entries.

pub mod bundle;
mod nodes;
mod path;

pub use nodes::{ReadTile, TileError, TiledNodes};
pub use path::ParseTileError;

/// How many hashes a full tile has, and entries a full bundle.
pub const FULL_WIDTH: u16 = 256;

/// The length of a hash in a tile, in bytes.
pub const HASH_LENGTH: usize = 32;

/// What a tile holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Row {
    /// The entries themselves.
    Entries,
    /// The roots of complete subtrees of `256^level` leaves; level 0 to 7 holds every tree there can be.
    Hashes(u8),
}

/// A tile or a bundle: its row, its place in it, and how much of it there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    row: Row,
    index: u64,
    width: u16,
}

impl Tile {
    /// The tile of a row at `index`, of a tree of `size` leaves; none where the tree does not reach it.
    pub fn of_tree(row: Row, index: u64, size: u64) -> Option<Self> {
        let first = index.checked_mul(u64::from(FULL_WIDTH))?;
        let there = row.length_at(size).checked_sub(first)?;
        let width = u16::try_from(there).map_or(FULL_WIDTH, |there| there.min(FULL_WIDTH));
        (width > 0).then_some(Self { row, index, width })
    }

    /// What it holds.
    pub const fn row(&self) -> Row {
        self.row
    }

    /// Its place in its row.
    pub const fn index(&self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has: 1 to 256.
    pub const fn width(&self) -> u16 {
        self.width
    }

    /// Whether it will never change.
    pub const fn is_full(&self) -> bool {
        self.width == FULL_WIDTH
    }

    /// The place in its row of the first hash or entry.
    pub const fn first(&self) -> u64 {
        self.index.saturating_mul(256)
    }

    /// Whether the tree of `size` leaves has all of it.
    pub fn is_in_tree(&self, size: u64) -> bool {
        Self::of_tree(self.row, self.index, size).is_some_and(|there| there.width >= self.width)
    }
}

impl Row {
    /// How many hashes or entries the row has in a tree of `size` leaves: `⌊size / 256^level⌋`.
    pub fn length_at(self, size: u64) -> u64 {
        match self {
            Self::Entries => size,
            Self::Hashes(level) => size.checked_shr(8 * u32::from(level)).unwrap_or(0),
        }
    }
}

/// Every tile and bundle of the tree of `size` leaves, the partial ones last in each row.
pub fn tiles_of(size: u64) -> impl Iterator<Item = Tile> {
    tiles_between(0, size)
}

/// The tiles and bundles that the tree of `size` leaves has and that of its first `old` leaves had not.
pub fn tiles_between(old: u64, size: u64) -> impl Iterator<Item = Tile> {
    let rows = std::iter::once(Row::Entries).chain((0..8).map(Row::Hashes));
    rows.take_while(move |row| row.length_at(size) > 0)
        .flat_map(move |row| {
            let had = row.length_at(old);
            let first = had / u64::from(FULL_WIDTH);
            let end = row.length_at(size).div_ceil(u64::from(FULL_WIDTH));
            (first..end)
                .filter_map(move |index| Tile::of_tree(row, index, size))
                .filter(move |tile| !tile.is_in_tree(old))
        })
}

#[cfg(test)]
mod tests;
