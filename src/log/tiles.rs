//! The hashes of the log's complete subtrees, in memory, in the tiles in which they are served.

use std::io::{self, Read, Write};

use charter_proof::{
    merkle::Node,
    tile::{HASH_LENGTH, ReadTile, Row, Tile},
};

/// How many bytes a full tile has.
const FULL: usize = 256 * HASH_LENGTH;

/// The rows of hashes of one tree, row 0 those of its leaves.
#[derive(Clone, Default)]
pub(super) struct Tiles {
    rows: Vec<Vec<Vec<u8>>>,
}

/// The tree does not have this tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log does not have this tile")]
pub struct NoTile;

impl Tiles {
    /// Keeps the hash of a complete subtree, if tiles hold those of its height.
    pub(super) fn keep(&mut self, node: &Node) {
        let (row, 0) = (usize::from(node.level / 8), node.level % 8) else {
            return;
        };
        if self.rows.len() <= row {
            self.rows.resize_with(row + 1, Vec::new);
        }
        let Some(tiles) = self.rows.get_mut(row) else {
            return;
        };
        match tiles.last_mut() {
            Some(tile) if tile.len() < FULL => tile.extend_from_slice(node.hash.as_bytes()),
            _ => {
                let mut tile = Vec::with_capacity(FULL);
                tile.extend_from_slice(node.hash.as_bytes());
                tiles.push(tile);
            }
        }
    }

    /// Forgets what the tree of `size` leaves did not have.
    pub(super) fn cut(&mut self, size: u64) {
        for (level, tiles) in (0..).zip(&mut self.rows) {
            let length = length(level, size);
            tiles.truncate(length.div_ceil(256));
            let rest = length % 256;
            if let Some(last) = tiles.last_mut().filter(|_| rest > 0) {
                last.truncate(rest * HASH_LENGTH);
            }
        }
    }

    /// Writes what the tree of `size` leaves has and that of `from` has not, and `size`.
    pub(super) fn freeze(&self, from: u64, size: u64, out: &mut impl Write) -> io::Result<()> {
        out.write_all(&size.to_le_bytes())?;
        for (level, tiles) in (0..).zip(&self.rows) {
            let [from, to] = [from, size].map(|size| length(level, size));
            let (first, mut skipped) = (from / 256, from % 256 * HASH_LENGTH);
            let until = to.div_ceil(256);
            for tile in tiles.get(first..until).unwrap_or_default() {
                out.write_all(tile.get(skipped..).unwrap_or_default())?;
                skipped = 0;
            }
        }
        Ok(())
    }

    /// Reads what [`Tiles::freeze`] wrote after that which was read before, the tiles of the tree of `from` leaves.
    pub(super) fn thaw(&mut self, from: u64, bytes: &mut impl Read) -> io::Result<u64> {
        let mut size = [0; 8];
        bytes.read_exact(&mut size)?;
        let size = u64::from_le_bytes(size);
        for level in 0..=u8::MAX {
            let to = length(level, size);
            if to == 0 {
                break;
            }
            let row = usize::from(level);
            if self.rows.len() <= row {
                self.rows.push(Vec::new());
            }
            let row = self.rows.get_mut(row).ok_or(io::ErrorKind::InvalidData)?;
            let mut left = to.saturating_sub(length(level, from)) * HASH_LENGTH;
            while left > 0 {
                let known = match row.last_mut() {
                    Some(tile) if tile.len() < FULL => tile,
                    _ => {
                        row.push(Vec::with_capacity(FULL));
                        continue;
                    }
                };
                let before = known.len();
                known.resize(FULL.min(before + left), 0);
                bytes.read_exact(known.get_mut(before..).unwrap_or_default())?;
                left -= known.len() - before;
            }
        }
        Ok(size)
    }
}

/// How many hashes the row of this level has in the tree of so many leaves.
fn length(level: u8, size: u64) -> usize {
    usize::try_from(Row::Hashes(level).length_at(size)).unwrap_or(usize::MAX)
}

impl ReadTile for Tiles {
    type Error = NoTile;

    fn read(&self, tile: &Tile) -> Result<Vec<u8>, NoTile> {
        let Row::Hashes(level) = tile.row() else {
            return Err(NoTile);
        };
        let row = self.rows.get(usize::from(level)).ok_or(NoTile)?;
        let index = usize::try_from(tile.index()).map_err(|_| NoTile)?;
        let hashes = row.get(index).ok_or(NoTile)?;
        let bytes = hashes.get(..usize::from(tile.width()) * HASH_LENGTH);
        bytes.map(<[u8]>::to_vec).ok_or(NoTile)
    }
}

#[cfg(test)]
mod tests {
    use charter_proof::{
        canonical::Digest,
        merkle::{Frontier, leaf_hash, root},
        tile::{ReadTile as _, Row, Tile, TiledNodes, tiles_of},
    };

    use super::Tiles;

    #[test]
    fn every_tile_of_every_size_is_there_and_what_is_cut_off_comes_again() {
        let (mut tiles, mut tree) = (Tiles::default(), Frontier::default());
        let mut roots = vec![tree.root()];
        let grow = |tiles: &mut Tiles, tree: &mut Frontier| {
            let leaf = leaf_hash(&tree.size().to_be_bytes());
            tree.push(leaf, |node| tiles.keep(&node));
        };
        for _ in 0..1_000 {
            grow(&mut tiles, &mut tree);
            roots.push(tree.root());
        }
        for size in [1_000, 999, 768, 700, 513, 512, 511, 256, 255, 1, 0_u64] {
            tiles.cut(size);
            let held = root(&TiledNodes::new(&tiles, size), size).unwrap();
            assert_eq!(held, roots[usize::try_from(size).unwrap()], "{size}");
            for tile in tiles_of(size).filter(|tile| tile.row() != Row::Entries) {
                assert_eq!(
                    tiles.read(&tile).unwrap().len(),
                    32 * usize::from(tile.width())
                );
            }
            let beyond = Tile::of_tree(Row::Hashes(0), size / 256, size + 1).unwrap();
            assert!(tiles.read(&beyond).is_err());
        }
        let mut tree = Frontier::default();
        for root in &roots[1..300] {
            grow(&mut tiles, &mut tree);
            assert_eq!(tree.root(), *root);
        }
        let first = tiles.read(&Tile::of_tree(Row::Hashes(1), 0, 256).unwrap());
        assert_eq!(first.unwrap(), roots[256].as_bytes());
        assert_ne!(roots[1], Digest::of(b""));
    }
}
