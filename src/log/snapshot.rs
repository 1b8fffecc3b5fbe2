//! The log's memory on disk, so that a start takes in what was appended since then, and not every entry there is.
//!
//! It is trusted as the database is: both lie with who runs the registry. Whoever doubts them has `fsck` replay the log.

use std::{
    io::{self, Read, Write},
    path::Path,
};

use charter_proof::{
    canonical::Digest,
    entry::Event,
    replay::{Replay, Thawing},
};
use chrono::DateTime;

use super::{members::Members, tiles::Tiles};
use crate::storage::{frames, whole_file};

/// The file, under the data folder.
pub const FILE: &str = "log.snapshot";

/// What each of its parts begins with.
const MAGIC: [u8; 8] = *b"chrlogs5";

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

/// How far it goes that is on the disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Saved {
    /// How many entries.
    pub size: u64,
    /// How many keys of the map.
    keys: u32,
    /// How many members.
    members: usize,
    /// Where its parts end.
    end: u64,
}

/// What is written down, of a log in memory.
pub(super) struct Part<'a> {
    pub replay: &'a Replay,
    pub tiles: &'a Tiles,
    pub members: &'a Members,
    pub last: Digest,
}

impl Part<'_> {
    /// Writes all of it in the place of what was there before.
    pub(super) fn save(&self, path: &Path) -> io::Result<Saved> {
        let nothing = Saved::default();
        let length = frames::length_of(|out| self.write(&nothing, &[], out))?;
        let end = frames::create(path, length, |out| self.write(&nothing, &[], out))?;
        Ok(self.saved(end))
    }

    /// What was taken in since that was written down, and of what was known then, those keys of the map that changed.
    pub(super) fn grown(&self, known: Saved, changed: &[u32]) -> io::Result<Grown> {
        let mut bytes = Vec::new();
        self.write(&known, changed, &mut bytes)?;
        Ok(Grown {
            known,
            bytes,
            saved: self.saved(known.end),
        })
    }

    fn write(&self, known: &Saved, changed: &[u32], out: &mut impl Write) -> io::Result<()> {
        out.write_all(&MAGIC)?;
        out.write_all(self.last.as_bytes())?;
        out.write_all(&known.size.to_le_bytes())?;
        self.tiles.freeze(known.size, self.replay.size(), out)?;
        self.members.freeze(known.members, out)?;
        self.replay.freeze(known.keys, changed, out)
    }

    fn saved(&self, end: u64) -> Saved {
        Saved {
            size: self.replay.size(),
            keys: self.replay.keys_in_map(),
            members: self.members.len(),
            end,
        }
    }
}

/// What is appended to what is on the disk.
pub struct Grown {
    /// What is there.
    pub(super) known: Saved,
    bytes: Vec<u8>,
    /// How far it goes with this, but for where that ends.
    saved: Saved,
}

impl Grown {
    /// Appends it.
    pub(super) fn append(&self, path: &Path) -> io::Result<Saved> {
        let length = u64::try_from(self.bytes.len()).map_err(io::Error::other)?;
        let end = if self.known.end == 0 {
            frames::create(path, length, |out| out.write_all(&self.bytes))?
        } else {
            frames::append(path, self.known.end, length, |out| {
                out.write_all(&self.bytes)
            })?
        };
        Ok(Saved { end, ..self.saved })
    }
}

impl Snapshot {
    /// What of it is written down.
    pub(super) fn part(&self) -> Part<'_> {
        Part {
            replay: &self.replay,
            tiles: &self.tiles,
            members: &self.members,
            last: self.last,
        }
    }

    /// Reads what was written last, and how far that goes; none where nothing was, or not by this version.
    pub(super) fn load(path: &Path) -> io::Result<Option<(Self, Saved)>> {
        let mut thawing = Thawing::default();
        let (mut tiles, mut members) = (Tiles::default(), Members::default());
        let mut last = [0; 32];
        let read = frames::read(path, |from| {
            let (mut magic, mut known) = ([0; 8], [0; 8]);
            from.read_exact(&mut magic)?;
            from.read_exact(&mut last)?;
            from.read_exact(&mut known)?;
            let known = u64::from_le_bytes(known);
            if magic != MAGIC || known != thawing.size() {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let size = tiles.thaw(known, from)?;
            members.thaw(from)?;
            thawing.read(from)?;
            if thawing.size() != size {
                return Err(io::ErrorKind::InvalidData.into());
            }
            Ok(())
        });
        let replay = read.and_then(|end| {
            let replay = (end > 0).then(|| thawing.finish());
            Ok(replay.transpose()?.map(|replay| (replay, end)))
        });
        match replay {
            Ok(None) => Ok(None),
            Ok(Some((replay, end))) => {
                let last = Digest::from_bytes(last);
                let snapshot = Self {
                    replay,
                    tiles,
                    members,
                    last,
                };
                let saved = snapshot.part().saved(end);
                Ok(Some((snapshot, saved)))
            }
            Err(error) if whole_file::is_damage(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// How far a snapshot goes, and the roots of its tree and its map; none where there is none that can be read.
pub fn roots(path: &Path) -> io::Result<Option<(u64, Digest, Digest)>> {
    let snapshot = Snapshot::load(path)?;
    Ok(snapshot.map(|(mut snapshot, _)| {
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
            // At once, and in two parts.
            let mut saved = kept.part().save(&path).unwrap();
            if size > 2 {
                let before = of_states(size / 2);
                let known = before.part().save(&path).unwrap();
                saved = kept
                    .part()
                    .grown(known, &[])
                    .unwrap()
                    .append(&path)
                    .unwrap();
            }
            let (mut found, told) = Snapshot::load(&path).unwrap().unwrap();
            assert_eq!((told, told.size), (saved, size));
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
        of_states(700).part().save(&path).unwrap();
        let whole = fs::read(&path).unwrap();
        for place in (0..whole.len()).step_by(97) {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, damaged).unwrap();
            assert!(Snapshot::load(&path).unwrap().is_none(), "{place}");
        }
    }
}
