//! The index on disk, so that a start reads a few long lists instead of every member.

use std::{
    fs::File,
    io::{self, Read as _, Write as _},
    path::Path,
    sync::Arc,
};

use super::{
    bytes::{Reading, Writing},
    index::{Charter, Index, Place, Records, Row, Words},
    terms::Coming,
};
use crate::storage::whole_file::{self, Reader, Writer};

/// What a snapshot begins with.
const MAGIC: [u8; 8] = *b"chrindx4";

/// How many items are turned into bytes at a time.
const AT_ONCE: usize = 8192;

/// Writes the index as of this length of the packed file, and puts it in the place of the one before.
///
/// The packed file must be on the disk before what points into it.
pub(super) fn save(index: &Index, end: u64, fingerprint: &[u8; 32], path: &Path) -> io::Result<()> {
    index.file.sync_data()?;
    whole_file::write(path, |out| write(index, end, fingerprint, out))
}

fn write(index: &Index, end: u64, fingerprint: &[u8; 32], out: &mut Writer) -> io::Result<()> {
    let mut out = Lists(out);
    out.put(&MAGIC)?;
    out.put(fingerprint)?;
    out.list(&[end, index.applied, index.dead], |out, number| {
        out.long(*number);
    })?;
    out.put(&index.last)?;
    out.list(&index.words.list, |out, word| out.text(word))?;
    out.list(&index.charters, |out, charter| out.text(&charter.slug))?;
    for charter in &index.charters {
        for order in [&charter.by_number, &charter.by_name, &charter.by_since] {
            out.list(order, |out, member| out.int(*member))?;
        }
    }
    out.list(&index.members, write_row)?;
    out.list(&index.facets, |out, facets| out.long(*facets))?;
    out.bytes(&index.keys)?;
    out.list(index.records.all(), |out, (id, place)| {
        out.raw(id);
        write_place(out, *place);
    })?;
    let unlisted = &index.unlisted;
    out.items(unlisted.len(), unlisted.iter(), |out, (member, id)| {
        out.int(*member);
        out.raw(id);
    })?;
    let terms = &index.terms;
    out.bytes(terms.text())?;
    out.list(terms.ends(), |out, end| out.int(*end))?;
    let count = terms.ends().len();
    out.items(count, terms.sorted(), Writing::int)?;
    let many = terms.found().map(<[u32]>::len);
    out.items(count, many.clone(), |out, many| {
        out.int(u32::try_from(many).unwrap_or(u32::MAX));
    })?;
    let members = terms.found().flatten();
    out.items(many.sum(), members, |out, member| out.int(*member))
}

/// Reads the index of this packed file, and how long the file was; none where the snapshot is none of it.
pub(super) fn load(
    path: &Path,
    fingerprint: &[u8; 32],
    pack: &Arc<File>,
) -> io::Result<Option<(Index, u64)>> {
    let found = whole_file::read(path, |from, longest| {
        read(&mut Lists(from), longest, fingerprint, pack)
    })?;
    Ok(found.flatten())
}

fn read(
    from: &mut Lists<'_, Reader>,
    longest: u64,
    fingerprint: &[u8; 32],
    pack: &Arc<File>,
) -> io::Result<Option<(Index, u64)>> {
    if from.take(8)? != MAGIC || from.take(32)? != fingerprint {
        return Ok(None);
    }
    let mut index = Index::of_nothing(pack.clone());
    let numbers = from.list(longest, 8, long)?;
    let [end, applied, dead] = numbers[..] else {
        return Ok(None);
    };
    (index.applied, index.dead) = (applied, dead);
    index.last = from.take(32)?.try_into().unwrap_or_default();
    let text = |bytes: &mut Reading<'_>| bytes.text().map(str::to_owned);
    index.words = Words::of(from.list(longest, 2, text)?);
    for slug in from.list(longest, 2, text)? {
        index.charters.push(Charter {
            slug,
            ..Charter::default()
        });
    }
    let mut orders = Vec::new();
    for _ in 0..3 * index.charters.len() {
        orders.push(from.list(longest, 4, int)?);
    }
    let members = from.list(longest, 52, read_row)?;
    index.fill(members, from.list(longest, 8, long)?);
    let mut orders = orders.into_iter();
    for charter in &mut index.charters {
        charter.by_number = orders.next().unwrap_or_default();
        charter.by_name = orders.next().unwrap_or_default();
        charter.by_since = orders.next().unwrap_or_default();
    }
    index.keys = from.bytes(longest)?;
    let records = from.list(longest, 28, |bytes| {
        Some((bytes.array()?, read_place(bytes)?))
    })?;
    index.records = Records::of(records);
    let unlisted = from.list(longest, 20, |bytes| Some((bytes.int()?, bytes.array()?)))?;
    index.unlisted = unlisted.into_iter().collect();
    let mut terms = Coming::of(from.bytes(longest)?, from.list(longest, 4, int)?);
    from.each(longest, 4, |bytes| {
        terms.sorted(bytes.int()?);
        Some(())
    })?;
    terms.counted(from.list(longest, 4, int)?);
    from.each(longest, 4, |bytes| {
        terms.found(bytes.int()?);
        Some(())
    })?;
    Ok(terms.finish().map(|terms| {
        index.terms = terms;
        (index, end)
    }))
}

fn int(bytes: &mut Reading<'_>) -> Option<u32> {
    bytes.int()
}

fn long(bytes: &mut Reading<'_>) -> Option<u64> {
    bytes.long()
}

fn write_row(out: &mut Writing, row: &Row) {
    out.raw(&row.id);
    out.int(row.record_number);
    write_place(out, row.place);
    out.int(row.log_index);
    out.int(row.key_end);
    out.short(row.key_length);
    out.short(row.charter);
    out.int(row.number);
    out.day(row.since);
}

fn read_row(bytes: &mut Reading<'_>) -> Option<Row> {
    Some(Row {
        id: bytes.array()?,
        record_number: bytes.int()?,
        place: read_place(bytes)?,
        log_index: bytes.int()?,
        key_end: bytes.int()?,
        key_length: bytes.short()?,
        charter: bytes.short()?,
        number: bytes.int()?,
        since: bytes.day()?,
    })
}

fn write_place(out: &mut Writing, place: Place) {
    out.long(place.at());
    out.int(place.length());
}

fn read_place(bytes: &mut Reading<'_>) -> Option<Place> {
    Place::new(bytes.long()?, bytes.int()?).ok()
}

/// A file of lists.
struct Lists<'a, F>(&'a mut F);

impl Lists<'_, Writer> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }

    fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.head(bytes.len())?;
        self.put(bytes)
    }

    fn head(&mut self, number: usize) -> io::Result<()> {
        self.put(&u64::try_from(number).unwrap_or(u64::MAX).to_le_bytes())
    }

    /// Writes items with their number; pieces of them with their length, so that they are read in long reads.
    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Writing, &T)) -> io::Result<()> {
        self.items(items.len(), items.iter(), write)
    }

    /// The same of so many items, which stand nowhere side by side.
    fn items<T>(
        &mut self,
        count: usize,
        mut items: impl Iterator<Item = T>,
        write: impl Fn(&mut Writing, T),
    ) -> io::Result<()> {
        self.head(count)?;
        let mut left = count;
        while left > 0 {
            let many = left.min(AT_ONCE);
            let mut out = Writing::default();
            for item in items.by_ref().take(many) {
                write(&mut out, item);
            }
            self.head(out.0.len())?;
            self.put(&out.0)?;
            left -= many;
        }
        Ok(())
    }
}

impl Lists<'_, Reader> {
    fn take(&mut self, count: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; count];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    /// A number that is written before something, which cannot be longer than the file.
    fn head(&mut self, longest: u64) -> io::Result<usize> {
        let bytes = self.take(8)?.try_into().unwrap_or_default();
        let number = u64::from_le_bytes(bytes);
        if number > longest {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        usize::try_from(number).map_err(io::Error::other)
    }

    fn bytes(&mut self, longest: u64) -> io::Result<Vec<u8>> {
        let count = self.head(longest)?;
        self.take(count)
    }

    fn list<T>(
        &mut self,
        longest: u64,
        shortest_item: u64,
        read: impl Fn(&mut Reading<'_>) -> Option<T>,
    ) -> io::Result<Vec<T>> {
        let count = self.head(longest / shortest_item)?;
        let mut items = Vec::with_capacity(count);
        self.items(count, longest, |bytes| {
            items.push(read(bytes)?);
            Some(())
        })?;
        Ok(items)
    }

    /// Reads items that nobody keeps as they stand there.
    fn each(
        &mut self,
        longest: u64,
        shortest_item: u64,
        read: impl FnMut(&mut Reading<'_>) -> Option<()>,
    ) -> io::Result<()> {
        let count = self.head(longest / shortest_item)?;
        self.items(count, longest, read)
    }

    fn items(
        &mut self,
        count: usize,
        longest: u64,
        mut read: impl FnMut(&mut Reading<'_>) -> Option<()>,
    ) -> io::Result<()> {
        let mut left = count;
        while left > 0 {
            let many = left.min(AT_ONCE);
            let length = self.head(longest)?;
            let piece = self.take(length)?;
            let mut piece = Reading(&piece);
            for _ in 0..many {
                read(&mut piece).ok_or(io::ErrorKind::UnexpectedEof)?;
            }
            left -= many;
        }
        Ok(())
    }
}
