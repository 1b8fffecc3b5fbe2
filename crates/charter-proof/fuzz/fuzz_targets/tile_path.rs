//! A tile's address that is read is written the same.
#![no_main]

use charter_proof::tile::Tile;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(tile) = text.parse::<Tile>()
    {
        assert_eq!(tile.path(), text);
    }
});
