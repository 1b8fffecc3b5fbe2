//! The address of a tile: `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]` (C2SP tlog-tiles).

use std::fmt::{self, Write as _};
use std::str::FromStr;

use super::{FULL_WIDTH, Row, Tile};

/// The text is not the address of a tile in its one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a tile's path is `tile/<level>/<index>` or `tile/entries/<index>`, `.p/<width>` where it is partial"
)]
pub struct ParseTileError;

impl Tile {
    /// The address under the log's prefix.
    pub fn path(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            Row::Entries => f.write_str("tile/entries/")?,
            Row::Hashes(level) => write!(f, "tile/{level}/")?,
        }
        f.write_str(&groups(self.index))?;
        if self.is_full() {
            Ok(())
        } else {
            write!(f, ".p/{}", self.width)
        }
    }
}

/// An index in groups of three digits, all but the last with an `x`: 1234067 is `x001/x234/067`.
fn groups(index: u64) -> String {
    let mut text = String::new();
    let mut scale = 1_u64;
    while index / scale >= 1000 {
        scale *= 1000;
    }
    while scale > 1 {
        // A `String` takes whatever is written.
        let _ = write!(text, "x{:03}/", index / scale % 1000);
        scale /= 1000;
    }
    let _ = write!(text, "{:03}", index % 1000);
    text
}

impl FromStr for Tile {
    type Err = ParseTileError;

    fn from_str(path: &str) -> Result<Self, ParseTileError> {
        let rest = path.strip_prefix("tile/").ok_or(ParseTileError)?;
        let (row, rest) = rest.split_once('/').ok_or(ParseTileError)?;
        let row = match row {
            "entries" => Row::Entries,
            level => Row::Hashes(level.parse().map_err(|_| ParseTileError)?),
        };
        let (index, width) = match rest.split_once(".p/") {
            Some((index, width)) => (index, width.parse().map_err(|_| ParseTileError)?),
            None => (rest, FULL_WIDTH),
        };
        let index = index.split('/').try_fold(0_u64, |index, group| {
            let digits = group.strip_prefix('x').unwrap_or(group);
            let group: u64 = digits.parse().map_err(|_| ParseTileError)?;
            let index = index.checked_mul(1000).ok_or(ParseTileError)?;
            index.checked_add(group).ok_or(ParseTileError)
        })?;
        let tile = Self { row, index, width };
        let is_possible = !matches!(row, Row::Hashes(8..))
            && (1..=FULL_WIDTH).contains(&width)
            && index < u64::MAX / u64::from(FULL_WIDTH);
        // One tile, one address: what is written otherwise is refused.
        if is_possible && tile.path() == path {
            Ok(tile)
        } else {
            Err(ParseTileError)
        }
    }
}
