//! A piece of the log as it arrives: its bundles held against the signed tree, its records against the entries that name
//! them, its signatures verified in batches.

use std::{
    io::{self, Write},
    num::NonZero,
    ops::Range,
    panic::resume_unwind,
    sync::Arc,
    thread,
};

use bytes::Bytes;
use charter_proof::{
    audit::{Audit, Bad},
    canonical::Digest,
    entry::{Entry, Event},
    tile::{Row, Tile, bundle},
    verify::TrustedKeys,
};

use tokio::task::JoinError;

use super::{
    keep::Told,
    source::{Source, SourceError, records_path},
    tree::SignedTree,
};
use crate::clock::Clock;

/// How many records are verified by one processor before another one helps.
const SHARE: usize = 512;

/// What the registry gives of an entry's record.
#[derive(Debug)]
pub enum Line {
    /// The entry names none.
    None,
    /// Its document was removed.
    Removed,
    /// Its exact bytes, and what they tell where that was read already, or what of them is not understood.
    Document(Bytes, Option<Result<Box<Told>, String>>),
}

/// An entry of the signed tree, and its record.
#[derive(Debug)]
pub struct Item {
    /// Its index.
    pub index: u64,
    /// Its bytes, those of the leaf.
    pub bytes: Bytes,
    /// The hash of the leaf, where that was compared with the tree.
    pub leaf: Option<Digest>,
    /// What it says; none where that is no entry.
    pub entry: Option<Entry>,
    /// The record.
    pub line: Line,
}

/// Fetches the bundles of these indices with their records; what is not of the signed tree is refused.
pub async fn fetch(
    source: Arc<Source>,
    tree: Arc<SignedTree>,
    bundles: Range<u64>,
) -> Result<Vec<Item>, SourceError> {
    let broken_off = |error: JoinError| SourceError::Form {
        path: "a bundle".to_owned(),
        what: error.to_string(),
    };
    let mut fetching = Vec::new();
    for index in bundles {
        let Some(tile) = Tile::of_tree(Row::Entries, index, tree.checkpoint().size) else {
            break;
        };
        let source = source.clone();
        fetching.push(tokio::spawn(async move {
            let (entries, records) = tokio::join!(source.tile(&tile), source.records(&tile));
            Ok((tile, Bytes::from(entries?), Bytes::from(records?)))
        }));
    }
    let mut fetched = Vec::with_capacity(fetching.len());
    for bundle in fetching {
        fetched.push(bundle.await.map_err(broken_off)??);
    }
    let read = tokio::task::spawn_blocking(move || {
        let mut items = Vec::new();
        for (tile, entries, records) in &fetched {
            items.extend(read(&tree, tile, entries, records)?);
        }
        Ok(items)
    });
    read.await.map_err(broken_off)?
}

fn read(
    tree: &SignedTree,
    tile: &Tile,
    entries: &Bytes,
    records: &Bytes,
) -> Result<Vec<Item>, SourceError> {
    let form = |path: String, what: &str| SourceError::Form {
        path,
        what: what.to_owned(),
    };
    let entries: Result<Vec<Bytes>, _> = bundle::entries(entries)
        .map(|entry| entry.map(|entry| entries.slice_ref(entry)))
        .collect();
    let entries = entries.ok();
    let known = entries.and_then(|entries| Some((tree.leaves(tile, &entries)?, entries)));
    let (leaves, entries) = known.ok_or_else(|| {
        let what = "these entries do not come to the root that the checkpoint names";
        form(tile.path(), what)
    })?;
    let items = items(tile.first(), entries, records);
    let mut items = items.map_err(|what| form(records_path(tile), &what))?;
    for (item, leaf) in items.iter_mut().zip(leaves) {
        item.leaf = Some(leaf);
    }
    Ok(items)
}

/// These entries, the first of which has this index, each with its line of the records.
///
/// # Errors
///
/// Which line is not the record that its entry names.
pub fn items(first: u64, entries: Vec<Bytes>, records: &Bytes) -> Result<Vec<Item>, String> {
    let lines = lines_of(records);
    if lines.len() != entries.len() {
        return Err("there is not one line for each entry".to_owned());
    }
    let mut items = Vec::with_capacity(entries.len());
    for ((index, bytes), line) in (first..).zip(entries).zip(lines) {
        let entry = Entry::parse(&bytes).ok();
        let line = line_of(entry.as_ref(), &line).ok_or_else(|| {
            format!("the line of entry {index} is not the record that the entry names")
        })?;
        items.push(Item {
            index,
            bytes,
            leaf: None,
            entry,
            line,
        });
    }
    Ok(items)
}

/// The lines, without what ends them.
fn lines_of(records: &Bytes) -> Vec<Bytes> {
    let mut from = 0;
    let mut lines = Vec::new();
    let ends = memchr::memchr_iter(b'\n', records);
    let rest = (!records.is_empty() && !records.ends_with(b"\n")).then_some(records.len());
    for end in ends.chain(rest) {
        lines.push(records.slice(from..end));
        from = end + 1;
    }
    lines
}

impl Item {
    /// Writes the line that it came with.
    pub fn write_line(&self, lines: &mut impl Write) -> io::Result<()> {
        match (&self.line, self.entry.as_ref().map(|entry| &entry.event)) {
            (Line::Document(bytes, _), _) => lines.write_all(bytes)?,
            (Line::Removed, Some(Event::Member { record, .. })) => {
                lines.write_all(removed(record).as_bytes())?;
            }
            _ => lines.write_all(b"null")?,
        }
        lines.write_all(b"\n")
    }

    /// Reads what its record tells.
    pub fn read(&mut self) {
        if let Line::Document(bytes, told) = &mut self.line {
            told.get_or_insert_with(|| Told::read(bytes, self.index).map(Box::new));
        }
    }
}

/// What stands in the place of a record whose document was removed.
fn removed(record: &Digest) -> String {
    format!("{{\"redacted\":\"{record}\"}}")
}

fn is_removed(line: &[u8], record: &Digest) -> bool {
    // Every record is told apart from it by how it begins.
    line.starts_with(b"{\"redacted\":") && line == removed(record).as_bytes()
}

/// The record of an entry, if that is what the line gives.
fn line_of(entry: Option<&Entry>, line: &Bytes) -> Option<Line> {
    let named = match entry.map(|entry| &entry.event) {
        Some(Event::Member { record, .. }) => Some(*record),
        _ => None,
    };
    let Some(named) = named else {
        // Nothing follows from what stands beside an entry that names no record.
        return (**line == *b"null" || entry.is_none()).then_some(Line::None);
    };
    if is_removed(line, &named) {
        return Some(Line::Removed);
    }
    if Digest::of(line) != named {
        return None;
    }
    Some(Line::Document(line.clone(), None))
}

/// Verifies the records of a piece: their signatures by the keys in force at their entries, and that they say the same. Each
/// processor takes a share. That they are the ones that the entries name was compared when they were fetched.
pub fn audit(items: &[Item], keys: &TrustedKeys, clock: &Clock) -> Result<(), Bad> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = items.len().div_ceil(processors).max(SHARE);
    let mut shares = items.chunks(share);
    let first = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others = shares.map(|share| scope.spawn(|| audit_alone(share, keys, clock.random())));
        let others: Vec<_> = others.collect();
        let mut found = audit_alone(first, keys, clock.random());
        for other in others {
            let other = other.join().unwrap_or_else(|panic| resume_unwind(panic));
            found = found.and(other);
        }
        found
    })
}

/// The same by one processor, with this randomness.
pub fn audit_alone(items: &[Item], keys: &TrustedKeys, seed: [u8; 32]) -> Result<(), Bad> {
    let mut audit = Audit::new(keys, seed);
    for item in items {
        if let (Some(entry), Line::Document(bytes, _)) = (&item.entry, &item.line) {
            audit.push_compared(item.index, entry, bytes)?;
        }
    }
    audit.finish().map(drop)
}
