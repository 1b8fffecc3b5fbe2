//! A piece of the log as it arrives: its bundles held against the signed tree, its records against the entries that name
//! them, its signatures verified in batches.

use std::{ops::Range, sync::Arc};

use charter_proof::{
    audit::{Audit, Bad},
    canonical::Digest,
    entry::{Entry, Event},
    tile::{Row, Tile, bundle},
    verify::TrustedKeys,
};

use super::{
    keep::Told,
    source::{Source, SourceError, records_path},
    tree::SignedTree,
};

/// What the registry gives of an entry's record.
#[derive(Debug)]
pub enum Line {
    /// The entry names none.
    None,
    /// Its document was removed.
    Removed,
    /// Its exact bytes, and what they tell, or what of them is not understood.
    Document(Vec<u8>, Result<Box<Told>, String>),
}

/// An entry of the signed tree, and its record.
#[derive(Debug)]
pub struct Item {
    /// Its index.
    pub index: u64,
    /// Its bytes, those of the leaf.
    pub bytes: Vec<u8>,
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
    let mut fetching = Vec::new();
    for index in bundles {
        let Some(tile) = Tile::of_tree(Row::Entries, index, tree.checkpoint().size) else {
            break;
        };
        let (source, tree) = (source.clone(), tree.clone());
        fetching.push(tokio::spawn(async move { one(&source, tree, tile).await }));
    }
    let mut items = Vec::new();
    for bundle in fetching {
        let bundle = bundle.await.map_err(|error| SourceError::Form {
            path: "a bundle".to_owned(),
            what: error.to_string(),
        });
        items.extend(bundle??);
    }
    Ok(items)
}

async fn one(source: &Source, tree: Arc<SignedTree>, tile: Tile) -> Result<Vec<Item>, SourceError> {
    let (entries, records) = tokio::join!(source.tile(&tile), source.records(&tile));
    let (entries, records) = (entries?, records?);
    let read = tokio::task::spawn_blocking(move || read(&tree, &tile, &entries, &records));
    read.await.unwrap_or_else(|error| {
        Err(SourceError::Form {
            path: tile.path(),
            what: error.to_string(),
        })
    })
}

fn read(
    tree: &SignedTree,
    tile: &Tile,
    entries: &[u8],
    records: &[u8],
) -> Result<Vec<Item>, SourceError> {
    let form = |path: String, what: &str| SourceError::Form {
        path,
        what: what.to_owned(),
    };
    let entries: Result<Vec<Vec<u8>>, _> = bundle::entries(entries)
        .map(|entry| entry.map(<[u8]>::to_vec))
        .collect();
    let entries = entries.ok().filter(|entries| tree.has(tile, entries));
    let entries = entries.ok_or_else(|| {
        let what = "these entries do not come to the root that the checkpoint names";
        form(tile.path(), what)
    })?;
    let path = || records_path(tile);
    let lines: Vec<&[u8]> = records.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.len() != entries.len() {
        return Err(form(path(), "there is not one line for each entry"));
    }
    let mut items = Vec::with_capacity(entries.len());
    for ((index, bytes), line) in (tile.first()..).zip(entries).zip(lines) {
        let entry = Entry::parse(&bytes).ok();
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line_of(index, entry.as_ref(), line).ok_or_else(|| {
            let what = format!("the line of entry {index} is not the record that the entry names");
            form(path(), &what)
        })?;
        items.push(Item {
            index,
            bytes,
            entry,
            line,
        });
    }
    Ok(items)
}

/// The record of an entry, if that is what the line gives.
fn line_of(index: u64, entry: Option<&Entry>, line: &[u8]) -> Option<Line> {
    let named = match entry.map(|entry| &entry.event) {
        Some(Event::Member { record, .. }) => Some(*record),
        _ => None,
    };
    let Some(named) = named else {
        // Nothing follows from what stands beside an entry that names no record.
        return (line == b"null" || entry.is_none()).then_some(Line::None);
    };
    if line == format!("{{\"redacted\":\"{named}\"}}").as_bytes() {
        return Some(Line::Removed);
    }
    if Digest::of(line) != named {
        return None;
    }
    let told = Told::read(line, index).map(Box::new);
    Some(Line::Document(line.to_vec(), told))
}

/// Verifies the records of a piece: their signatures by the keys in force at their entries, and that they say the same.
pub fn audit(items: &[Item], keys: &TrustedKeys, seed: [u8; 32]) -> Result<(), Bad> {
    let mut audit = Audit::new(keys, seed);
    for item in items {
        if let (Some(entry), Line::Document(bytes, _)) = (&item.entry, &item.line) {
            audit.push(item.index, entry, bytes)?;
        }
    }
    audit.finish().map(drop)
}
