//! The log's memory on disk, so that a start takes in what was appended since then, and not every entry there is.
//!
//! It is trusted as the database is: both lie with who runs the registry. Whoever doubts them has `fsck` replay the log.

use std::{
    io::{self, Read, Write},
    path::Path,
};

use charter_proof::{canonical::Digest, entry::Event, replay::Replay};
use chrono::DateTime;

use super::{members::Members, tiles::Tiles};
use crate::storage::whole_file;

/// The file, under the data folder.
pub const FILE: &str = "log.snapshot";

/// What it begins with.
const MAGIC: [u8; 8] = *b"chrlogs4";

/// What was taken in and settled.
pub(super) struct Snapshot {
    /// Tree, map and key list.
    pub replay: Replay,
    /// The tree's hashes.
    pub tiles: Tiles,
    /// Which members the map's leaves are of.
    pub members: Members,
    /// The digest of the last entry.
    pub last: Digest,
}

impl Snapshot {
    /// Writes it in the place of the one before.
    pub(super) fn save(&self, path: &Path) -> io::Result<()> {
        write(path, &self.replay, &self.tiles, &self.members, self.last)
    }

    /// Reads what was written last; none where nothing was, or not by this version.
    pub(super) fn load(path: &Path) -> io::Result<Option<Self>> {
        whole_file::read(path, |from, _| {
            let (mut magic, mut last) = ([0; 8], [0; 32]);
            from.read_exact(&mut magic)?;
            if magic != MAGIC {
                return Err(io::ErrorKind::InvalidData.into());
            }
            from.read_exact(&mut last)?;
            let (size, tiles) = Tiles::thaw(from)?;
            let members = Members::thaw(from)?;
            let replay = Replay::thaw(from)?;
            if replay.size() != size {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let last = Digest::from_bytes(last);
            Ok(Self {
                replay,
                tiles,
                members,
                last,
            })
        })
    }
}

/// Writes what a snapshot has in the place of the one before.
pub(super) fn write(
    path: &Path,
    replay: &Replay,
    tiles: &Tiles,
    members: &Members,
    last: Digest,
) -> io::Result<()> {
    whole_file::write(path, |out| {
        out.write_all(&MAGIC)?;
        out.write_all(last.as_bytes())?;
        tiles.freeze(replay.size(), out)?;
        members.freeze(out)?;
        replay.freeze(out)
    })
}

/// How far a snapshot goes, and the roots of its tree and its map; none where there is none that can be read.
pub fn roots(path: &Path) -> io::Result<Option<(u64, Digest, Digest)>> {
    let snapshot = Snapshot::load(path)?;
    Ok(snapshot.map(|mut snapshot| {
        let state = snapshot.replay.state(DateTime::UNIX_EPOCH).event;
        let map = match state {
            Event::State { map, .. } => map,
            _ => snapshot.last,
        };
        (snapshot.replay.size(), snapshot.replay.root(), map)
    }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use charter_proof::{
        canonical::Digest,
        entry::{Entry, Event},
        keys::KeyList,
        replay::Replay,
        tile::{ReadTile as _, tiles_of},
    };
    use chrono::DateTime;

    use super::{Members, Snapshot, Tiles};

    fn of_states(count: u64) -> Snapshot {
        let (mut replay, mut tiles) = (Replay::default(), Tiles::default());
        let at = DateTime::UNIX_EPOCH;
        let created = Event::LogCreated {
            origin: "registry.example/log".to_owned(),
            keys: KeyList::new(Vec::new()),
            previous: None,
        };
        let mut entry = Entry { at, event: created };
        let mut last = Digest::of(b"");
        for _ in 0..count {
            let bytes = entry.to_bytes().unwrap();
            replay
                .push(&entry, &bytes, None, |node| tiles.keep(&node))
                .unwrap();
            last = Digest::of(&bytes);
            entry = replay.state(at);
        }
        replay.settle();
        Snapshot {
            replay,
            tiles,
            members: Members::default(),
            last,
        }
    }

    #[test]
    fn a_snapshot_has_every_tile_and_goes_on_where_memory_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.snapshot");
        assert!(Snapshot::load(&path).unwrap().is_none());
        for size in [2, 255, 256, 257, 700] {
            let mut kept = of_states(size);
            kept.save(&path).unwrap();
            let mut found = Snapshot::load(&path).unwrap().unwrap();
            assert_eq!(found.last, kept.last);
            assert_eq!(found.replay.root(), kept.replay.root());
            let hashes =
                tiles_of(size).filter_map(|tile| kept.tiles.read(&tile).ok().map(|it| (tile, it)));
            let mut count = 0;
            for (tile, bytes) in hashes {
                assert_eq!(found.tiles.read(&tile).unwrap(), bytes);
                count += 1;
            }
            assert!(count > 0);
            let at = DateTime::UNIX_EPOCH;
            let next = kept.replay.state(at);
            assert_eq!(found.replay.state(at), next);
            let bytes = next.to_bytes().unwrap();
            found
                .replay
                .push(&next, &bytes, None, |node| found.tiles.keep(&node))
                .unwrap();
            assert_eq!(found.replay.size(), size + 1);
        }
        let whole = fs::read(&path).unwrap();
        for place in (0..whole.len()).step_by(97) {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert!(Snapshot::load(&path).unwrap().is_none(), "{place}");
        }
    }
}
