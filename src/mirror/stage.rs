//! Records that were verified and stand in no table yet: while a registry is copied for the first time, they wait in files,
//! a piece of the log in each, until the tables are made of them.
//!
//! A file is written before the entries are committed whose records it has (what a power cut takes of it is fetched again),
//! and is removed once the tables that tell them are. Which records were removed, and which entries say so, stands at its
//! beginning.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{DirBuilder, File},
    io::{self, Read, Write as _},
    iter,
    ops::Range,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use charter_proof::{canonical::Digest, entry::Event, tile::Tile};

use super::check::{Item, Line};
use crate::storage::whole_file;

/// How many entries' records a file has at most: those from a multiple of it on.
pub const PIECE: u64 = 1_024;

/// The folder in the data folder.
const FOLDER: &str = "copying";

/// What a file begins with.
const MAGIC: [u8; 8] = *b"chrwait3";

/// How long a digest is, in bytes.
const DIGEST: usize = 32;

/// Where records wait.
#[derive(Debug, Clone)]
pub struct Stage {
    folder: PathBuf,
}

/// What is lacking of the records that wait.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lacking {
    /// How many were removed though no entry says so.
    pub withheld: usize,
    /// The first entries of the pieces with such records, and of those that are not there.
    pub pieces: Vec<u64>,
}

/// The records that were removed and those of which an entry says so.
#[derive(Default)]
struct Removals {
    removed: BTreeSet<Digest>,
    said: BTreeSet<Digest>,
}

impl Stage {
    /// The stage of the mirror that has this data folder.
    pub fn in_data(data: &Path) -> Self {
        Self {
            folder: data.join(FOLDER),
        }
    }

    fn file(&self, first: u64) -> PathBuf {
        self.folder.join(format!("{}.records", first / PIECE))
    }

    /// Keeps the records of these entries.
    pub fn put(&self, items: &[Item]) -> io::Result<()> {
        let mut folder = DirBuilder::new();
        folder.recursive(true).mode(0o700).create(&self.folder)?;
        let mut pieces = items.chunk_by(|one, next| one.index / PIECE == next.index / PIECE);
        pieces.try_for_each(|piece| self.put_piece(piece))
    }

    fn put_piece(&self, items: &[Item]) -> io::Result<()> {
        let Some(first) = items.first() else {
            return Ok(());
        };
        let mut removals = Removals::default();
        for item in items {
            removals.note(item);
        }
        // What a power cut takes of it is fetched again.
        whole_file::write_for_now(&self.file(first.index), |out| {
            out.write_all(&MAGIC)?;
            out.write_all(&first.index.to_le_bytes())?;
            for digests in [&removals.removed, &removals.said] {
                let many = u32::try_from(digests.len()).map_err(io::Error::other)?;
                out.write_all(&many.to_le_bytes())?;
                for digest in digests {
                    out.write_all(digest.as_bytes())?;
                }
            }
            items.iter().try_for_each(|item| item.write_line(out))
        })
    }

    /// The lines of the records from this entry on, up to the end of its piece; none where the file is not there, or begins
    /// after it.
    pub fn lines_from(&self, first: u64) -> io::Result<Option<Vec<u8>>> {
        let found = whole_file::read(&self.file(first), |from, length| {
            let (start, Removals { removed, said }) = begin(from)?;
            let before = MAGIC.len() + 8 + (removed.len() + said.len()) * DIGEST + 2 * 4;
            let after = 4;
            let length = usize::try_from(length).map_err(io::Error::other)?;
            let mut lines = vec![0; length.saturating_sub(before + after)];
            from.read_exact(&mut lines)?;
            Ok((start, lines))
        })?;
        let Some((start, mut lines)) = found else {
            return Ok(None);
        };
        let Some(before) = first.checked_sub(start) else {
            return Ok(None);
        };
        if before > 0 {
            let before = usize::try_from(before).unwrap_or(usize::MAX);
            let mut ends = lines.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
            let Some((end, _)) = ends.nth(before - 1) else {
                return Ok(None);
            };
            lines.drain(..=end);
        }
        Ok(Some(lines))
    }

    /// The lines of a bundle's records; none where they do not wait here.
    pub fn lines(&self, bundle: &Tile) -> io::Result<Option<Vec<u8>>> {
        let Some(mut lines) = self.lines_from(bundle.first())? else {
            return Ok(None);
        };
        let mut ends = lines.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let last = ends.nth(usize::from(bundle.width()) - 1);
        let end = last.map(|(end, _)| end + 1);
        Ok(end.map(|end| {
            lines.truncate(end);
            lines
        }))
    }

    /// What of these entries' records is not known to be there or removed by the log.
    pub fn lacking(&self, entries: Range<u64>) -> io::Result<Lacking> {
        let (mut removed, mut said) = (BTreeMap::new(), BTreeSet::new());
        let mut lacking = Lacking::default();
        let next = |first: &u64| Some((first + 1).next_multiple_of(PIECE));
        let starts = iter::successors(Some(entries.start), next);
        for first in starts.take_while(|first| *first < entries.end) {
            match self.removals(first)? {
                Some(removals) => {
                    removed.insert(first, removals.removed);
                    said.extend(removals.said);
                }
                None => lacking.pieces.push(first),
            }
        }
        for (first, removed) in removed {
            let withheld = removed.difference(&said).count();
            lacking.withheld += withheld;
            lacking.pieces.extend((withheld > 0).then_some(first));
        }
        Ok(lacking)
    }

    /// What stands at the beginning of the piece from this entry on; none where it is not whole there.
    fn removals(&self, first: u64) -> io::Result<Option<Removals>> {
        let file = match File::open(self.file(first)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            file => file?,
        };
        match begin(&mut io::BufReader::new(file)) {
            Ok((start, removals)) => Ok((start == first).then_some(removals)),
            Err(error) if whole_file::is_damage(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Removes the piece of this entry, of which the tables tell.
    pub fn remove(&self, first: u64) -> io::Result<()> {
        gone(std::fs::remove_file(self.file(first)))
    }

    /// Removes whatever is left: the tables tell everything.
    pub fn clear(&self) -> io::Result<()> {
        gone(std::fs::remove_dir_all(&self.folder))
    }
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

impl Removals {
    fn note(&mut self, item: &Item) {
        match (&item.line, item.entry.as_ref().map(|entry| &entry.event)) {
            (Line::Removed, Some(Event::Member { record, .. })) => {
                self.removed.insert(*record);
            }
            (_, Some(Event::RecordRedacted { record, .. })) => {
                self.said.insert(*record);
            }
            _ => {}
        }
    }
}

/// What stands at the beginning of a file: the index of its first entry, and what was removed.
fn begin(from: &mut impl Read) -> io::Result<(u64, Removals)> {
    let (mut magic, mut first) = ([0; 8], [0; 8]);
    from.read_exact(&mut magic)?;
    if magic != MAGIC {
        return Err(io::ErrorKind::InvalidData.into());
    }
    from.read_exact(&mut first)?;
    let removals = Removals {
        removed: digests(from)?,
        said: digests(from)?,
    };
    Ok((u64::from_le_bytes(first), removals))
}

fn digests(from: &mut impl Read) -> io::Result<BTreeSet<Digest>> {
    let mut many = [0; 4];
    from.read_exact(&mut many)?;
    let mut digests = BTreeSet::new();
    for _ in 0..u32::from_le_bytes(many) {
        let mut digest = [0; DIGEST];
        from.read_exact(&mut digest)?;
        digests.insert(Digest::from_bytes(digest));
    }
    Ok(digests)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use bytes::Bytes;
    use charter_proof::{
        canonical::Digest,
        entry::{Entry, Event, MemberEventKind, Status},
        tile::Tile,
    };
    use chrono::DateTime;

    use super::{FOLDER, PIECE, Stage};
    use crate::mirror::check::{self, Item};

    fn entry(event: Event) -> Vec<u8> {
        let at = DateTime::UNIX_EPOCH;
        Entry { at, event }.to_bytes().unwrap()
    }

    /// A record's bytes; nothing here reads them.
    fn record(index: u64) -> String {
        format!("{{\"of\":{index}}}")
    }

    fn member(index: u64) -> Vec<u8> {
        entry(Event::Member {
            kind: MemberEventKind::Included,
            charter: "charter".to_owned(),
            member: uuid::Uuid::from_u128(u128::from(index)),
            status: Status::Active,
            record: Digest::of(record(index).as_bytes()),
            claims: Vec::new(),
        })
    }

    fn removed(index: u64) -> String {
        let digest = Digest::of(record(index).as_bytes());
        format!("{{\"redacted\":\"{digest}\"}}")
    }

    /// A piece of members, of whom one's record was removed.
    fn piece(first: u64, many: u64, without: u64) -> (Vec<Item>, String) {
        let indices = first..first + many;
        let lines = indices.clone().map(|index| {
            let line = if index == without {
                removed(index)
            } else {
                record(index)
            };
            line + "\n"
        });
        let lines: String = lines.collect();
        let entries = indices.map(|index| member(index).into()).collect();
        (
            check::items(first, entries, &lines.clone().into()).unwrap(),
            lines,
        )
    }

    fn lacking(stage: &Stage, size: u64) -> (usize, Vec<u64>) {
        let lacking = stage.lacking(0..size).unwrap();
        (lacking.withheld, lacking.pieces)
    }

    #[test]
    fn records_wait_as_they_came_until_the_tables_tell_them() {
        let data = tempfile::tempdir().unwrap();
        let stage = Stage::in_data(data.path());
        assert_eq!(stage.lines_from(0).unwrap(), None);
        assert_eq!(lacking(&stage, PIECE + 1), (0, vec![0, PIECE]));
        stage.clear().unwrap();
        let (first, lines) = piece(0, PIECE, 300);
        let (second, rest) = piece(PIECE, 300, u64::MAX);
        stage.put(&first).unwrap();
        stage.put(&second).unwrap();
        assert_eq!(stage.lines_from(0).unwrap().unwrap(), lines.as_bytes());
        assert_eq!(stage.lines_from(PIECE).unwrap().unwrap(), rest.as_bytes());
        let tail = lines.lines().skip(1_000).map(|line| format!("{line}\n"));
        let tail: String = tail.collect();
        assert_eq!(stage.lines_from(1_000).unwrap().unwrap(), tail.as_bytes());
        let bundle: Tile = "tile/entries/001".parse().unwrap();
        let of_bundle = lines
            .lines()
            .skip(256)
            .take(256)
            .map(|line| format!("{line}\n"));
        let of_bundle: String = of_bundle.collect();
        let found = stage.lines(&bundle).unwrap().unwrap();
        assert_eq!(found, of_bundle.as_bytes());
        let last: Tile = "tile/entries/005.p/44".parse().unwrap();
        assert!(
            rest.as_bytes()
                .ends_with(&stage.lines(&last).unwrap().unwrap())
        );
        let beyond: Tile = "tile/entries/005.p/45".parse().unwrap();
        assert_eq!(stage.lines(&beyond).unwrap(), None);
        stage.remove(0).unwrap();
        stage.remove(0).unwrap();
        assert_eq!(stage.lines(&bundle).unwrap(), None);
        stage.clear().unwrap();
        assert!(!data.path().join(FOLDER).exists());
    }

    #[test]
    fn a_file_that_is_not_what_was_written_is_none() {
        let data = tempfile::tempdir().unwrap();
        let stage = Stage::in_data(data.path());
        let (items, _) = piece(0, 3, 1);
        stage.put(&items).unwrap();
        let path = data.path().join(FOLDER).join("0.records");
        let whole = fs::read(&path).unwrap();
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&path, &damaged).unwrap();
            assert_eq!(stage.lines_from(0).unwrap(), None, "{place}");
            fs::write(&path, &whole[..place]).unwrap();
            assert_eq!(stage.lines_from(0).unwrap(), None, "{place}");
            let is_begun = place >= 8 + 8 + 4 + 32 + 4;
            let withheld = usize::from(is_begun);
            assert_eq!(lacking(&stage, 1), (withheld, vec![0]), "{place}");
        }
        fs::write(&path, vec![0; whole.len()]).unwrap();
        assert_eq!(lacking(&stage, 1), (0, vec![0]));
    }

    #[test]
    fn a_record_is_withheld_until_an_entry_says_that_it_was_removed() {
        let data = tempfile::tempdir().unwrap();
        let stage = Stage::in_data(data.path());
        let (items, _) = piece(0, PIECE, 7);
        stage.put(&items).unwrap();
        assert_eq!(lacking(&stage, PIECE), (1, vec![0]));
        let other = |record| Event::RecordRedacted {
            record,
            ground: "personal_data".to_owned(),
        };
        let said = |record| {
            let entries = vec![entry(other(record)).into()];
            check::items(PIECE, entries, &Bytes::from_static(b"null\n")).unwrap()
        };
        let nobody = said(Digest::of(record(8).as_bytes()));
        stage.put(&nobody).unwrap();
        assert_eq!(lacking(&stage, PIECE + 1), (1, vec![0]));
        stage.put(&said(Digest::of(record(7).as_bytes()))).unwrap();
        assert_eq!(lacking(&stage, PIECE + 1), (0, vec![]));
    }
}
