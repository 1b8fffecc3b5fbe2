use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{ReadTile, Row, Tile, TiledNodes, bundle, tiles_between, tiles_of};
use crate::canonical::Digest;
use crate::merkle::{Frontier, leaf_hash, root};

#[test]
fn the_paths_are_those_of_the_specification() {
    let tile = |row, index, size| Tile::of_tree(row, index, size).unwrap().path();
    assert_eq!(
        tile(Row::Entries, 1_234_067, u64::MAX),
        "tile/entries/x001/x234/067"
    );
    assert_eq!(tile(Row::Hashes(0), 273, 70_000), "tile/0/273.p/112");
    assert_eq!(tile(Row::Hashes(0), 272, 70_000), "tile/0/272");
    assert_eq!(tile(Row::Hashes(1), 1, 70_000), "tile/1/001.p/17");
    assert_eq!(tile(Row::Hashes(2), 0, 70_000), "tile/2/000.p/1");
    assert!(Tile::of_tree(Row::Hashes(3), 0, 70_000).is_none());
    assert!(Tile::of_tree(Row::Hashes(0), 274, 70_000).is_none());
    // 273 full tiles and a partial one of hashes and as many of entries, 1 + 1 above, 1 at the top.
    assert_eq!(tiles_of(70_000).count(), 274 + 274 + 2 + 1);
}

#[test]
fn any_other_spelling_of_a_path_is_refused() {
    for path in [
        "",
        "tile",
        "tile/",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/00/000",
        "tile/+0/000",
        "tile/8/000",
        "tile/0/x000/000",
        "tile/0/1000",
        "tile/0/x001/x000",
        "tile/0/001/000",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/01",
        "tile/0/000.p/",
        "tile/0/000.p/+1",
        "tile/0/000/",
        "/tile/0/000",
        "tile/data/000",
        "tile/0/-01",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/000.p/1.p/1",
    ] {
        assert!(path.parse::<Tile>().is_err(), "{path}");
    }
}

/// Tiles in memory.
#[derive(Default)]
struct Written(BTreeMap<String, Vec<u8>>);

impl ReadTile for Written {
    type Error = String;

    fn read(&self, tile: &Tile) -> Result<Vec<u8>, String> {
        self.0.get(&tile.path()).cloned().ok_or_else(|| tile.path())
    }
}

#[test]
fn every_root_is_read_from_tiles_and_only_new_tiles_are_written() {
    let (mut frontier, mut written) = (Frontier::default(), Written::default());
    let mut rows: BTreeMap<u8, Vec<Digest>> = BTreeMap::new();
    let steps = [
        1, 2, 3, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537, 70_000,
    ];
    let mut old = 0;
    for size in steps {
        for index in old..size {
            let index: u64 = index;
            frontier.push(leaf_hash(&index.to_be_bytes()), |node| {
                if node.level % 8 == 0 {
                    rows.entry(node.level / 8).or_default().push(node.hash);
                }
            });
        }
        for tile in tiles_between(old, size) {
            let Row::Hashes(level) = tile.row() else {
                continue;
            };
            let first = usize::try_from(tile.first()).unwrap();
            let hashes = &rows[&level][first..first + usize::from(tile.width())];
            let bytes = hashes.iter().flat_map(|hash| *hash.as_bytes()).collect();
            assert!(
                written.0.insert(tile.path(), bytes).is_none(),
                "{}",
                tile.path()
            );
        }
        assert_eq!(
            root(&TiledNodes::new(&written, size), size).unwrap(),
            frontier.root()
        );
        old = size;
    }
    let all: Vec<_> = tiles_of(70_000)
        .filter(|tile| tile.row() != Row::Entries)
        .collect();
    assert!(all.iter().all(|tile| written.0.contains_key(&tile.path())));
}

#[test]
fn a_tile_of_another_length_than_its_path_says_is_refused() {
    let mut written = Written::default();
    written.0.insert("tile/0/000.p/2".to_owned(), vec![0; 63]);
    assert!(root(&TiledNodes::new(&written, 2), 2).is_err());
    written.0.insert("tile/0/000.p/2".to_owned(), vec![0; 64]);
    root(&TiledNodes::new(&written, 2), 2).unwrap();
}

proptest! {
    #[test]
    fn a_path_is_read_back(level in 0_u8..8, entries: bool, index in 0..u64::MAX / 256, width in 1..=256_u16) {
        let row = if entries { Row::Entries } else { Row::Hashes(level) };
        let tile = Tile { row, index, width };
        prop_assert_eq!(tile.path().parse::<Tile>().unwrap(), tile);
    }

    #[test]
    fn text_is_no_path_or_is_written_the_same(text in "tile/(entries|[0-9]{1,2})/(x[0-9]{3}/){0,3}[0-9]{3}(\\.p/[0-9]{1,3})?") {
        if let Ok(tile) = text.parse::<Tile>() {
            prop_assert_eq!(tile.path(), text);
        }
    }

    #[test]
    fn a_bundle_is_read_back_and_never_past_its_end(entries: Vec<Vec<u8>>, cut in 0_usize..100) {
        let mut bytes = Vec::new();
        for entry in &entries {
            bundle::push(&mut bytes, entry).unwrap();
        }
        let read: Vec<_> = bundle::entries(&bytes).map(|entry| entry.unwrap().to_vec()).collect();
        prop_assert_eq!(&read, &entries);
        bytes.truncate(bytes.len().saturating_sub(cut));
        for entry in bundle::entries(&bytes).flatten() {
            prop_assert!(entries.iter().any(|known| known == entry));
        }
    }
}

#[test]
fn an_entry_longer_than_two_bytes_can_say_is_refused() {
    let mut bytes = Vec::new();
    bundle::push(&mut bytes, &vec![0; bundle::LONGEST_ENTRY]).unwrap();
    assert!(bundle::push(&mut bytes, &vec![0; bundle::LONGEST_ENTRY + 1]).is_err());
    assert_eq!(bytes.len(), bundle::LONGEST_ENTRY + 2);
}
