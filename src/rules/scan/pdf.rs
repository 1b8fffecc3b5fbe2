//! PDF: every object of the file is read, in the order in which they lie, those in object streams included.
//!
//! No cross-reference table is followed. Every place where a reader could find an object is one that is read
//! here: the file is objects, cross-references and trailers from its first byte to its last, and nothing inside
//! a stream or a string begins like an object. So a revision that another hides is judged like the newest one.

mod file;
mod objects;
mod syntax;

use std::collections::{BTreeMap, BTreeSet};

use super::{MAX_PAGES, ScanRefusal, check_size};
use file::File;
use syntax::{Dictionary, Value};

/// The header, at the first byte (7.5.2).
pub(super) const BEGINNING: &[u8] = b"%PDF-";

/// Every object by its number; the last of several, as an incremental update means it.
type Objects<'a> = BTreeMap<u32, &'a Value>;

/// Checks that the content is one document that shows pages and does nothing else.
pub(super) fn check(content: &[u8]) -> Result<(), ScanRefusal> {
    let file = File::read(content)?;
    if file
        .trailers
        .iter()
        .any(|trailer| trailer.get(b"Encrypt").is_some())
    {
        return Err(ScanRefusal::Encrypted);
    }
    let trailers: Vec<Dictionary> = file.trailers.clone();
    let unpacked = objects::unpacked(file)?;
    let objects: Objects<'_> = unpacked
        .iter()
        .map(|(number, value)| (*number, value))
        .collect();
    for (_, value) in &unpacked {
        check_value(value, &objects)?;
    }
    let mut has_root = false;
    for root in trailers.iter().filter_map(|trailer| trailer.get(b"Root")) {
        has_root = true;
        check_pages(root, &objects)?;
    }
    if has_root {
        Ok(())
    } else {
        Err(ScanRefusal::Malformed("the PDF names no catalogue"))
    }
}

/// What a reference stands for; anything else stands for itself.
fn resolve<'a>(value: &'a Value, objects: &Objects<'a>) -> &'a Value {
    match value {
        Value::Reference(number) => objects.get(number).copied().unwrap_or(&Value::Other),
        direct => direct,
    }
}

/// Counts the pages of a catalogue's tree (7.7.3).
fn check_pages<'a>(root: &'a Value, objects: &Objects<'a>) -> Result<(), ScanRefusal> {
    const BROKEN: ScanRefusal = ScanRefusal::Malformed("the PDF's pages cannot be found");
    let root = resolve(root, objects).dictionary().ok_or(BROKEN)?;
    let mut waiting = vec![root.get(b"Pages").ok_or(BROKEN)?];
    let mut seen = BTreeSet::new();
    let mut pages = 0;
    while let Some(node) = waiting.pop() {
        let &Value::Reference(number) = node else {
            return Err(BROKEN);
        };
        if !seen.insert(number) {
            return Err(ScanRefusal::Malformed(
                "a page of the PDF stands in it twice",
            ));
        }
        let node = resolve(node, objects).dictionary().ok_or(BROKEN)?;
        match node.get(b"Kids").map(|kids| resolve(kids, objects)) {
            Some(Value::List(kids)) => waiting.extend(kids),
            Some(_) => return Err(BROKEN),
            None => pages += 1,
        }
        if pages > MAX_PAGES {
            return Err(ScanRefusal::TooManyPages);
        }
    }
    if pages == 0 {
        return Err(ScanRefusal::Malformed("the PDF has no page"));
    }
    Ok(())
}

/// Keys that only what acts or carries files has.
const ACTIVE_KEYS: [(&[u8], &str); 6] = [
    (b"JS", "a script"),
    (b"JavaScript", "a script"),
    (b"XFA", "a form with scripts (XFA)"),
    (b"EmbeddedFiles", "a file inside it"),
    (b"EF", "a file inside it"),
    (b"RichMediaContent", "moving or sounding content"),
];

/// Values of `S`, `Type` and `Subtype` that only what acts or carries files has (12.6.4, 12.5.6, 7.11.4).
const ACTIVE_KINDS: [(&[u8], &str); 15] = [
    (b"JavaScript", "a script"),
    (b"Launch", "an action that starts a program"),
    (b"SubmitForm", "an action that sends data"),
    (b"ImportData", "an action that reads data"),
    (b"GoToE", "an action that opens a file inside it"),
    (b"GoToR", "an action that opens another file"),
    (b"Rendition", "moving or sounding content"),
    (b"Movie", "moving or sounding content"),
    (b"Sound", "moving or sounding content"),
    (b"Screen", "moving or sounding content"),
    (b"RichMedia", "moving or sounding content"),
    (b"RichMediaExecute", "moving or sounding content"),
    (b"3D", "moving or sounding content"),
    (b"EmbeddedFile", "a file inside it"),
    (b"FileAttachment", "a file inside it"),
];

/// Refuses what acts and what is too large, at any depth. Depth is bounded by the parser.
fn check_value<'a>(value: &'a Value, objects: &Objects<'a>) -> Result<(), ScanRefusal> {
    match value {
        Value::List(values) => values
            .iter()
            .try_for_each(|value| check_value(value, objects)),
        Value::Dictionary(dictionary) => {
            check_dictionary(dictionary, objects)?;
            dictionary
                .values()
                .try_for_each(|value| check_value(value, objects))
        }
        Value::Other | Value::Integer(_) | Value::Name(_) | Value::Reference(_) => Ok(()),
    }
}

fn check_dictionary<'a>(
    dictionary: &'a Dictionary,
    objects: &Objects<'a>,
) -> Result<(), ScanRefusal> {
    let named = |key: &[u8]| match dictionary.get(key).map(|value| resolve(value, objects)) {
        Some(Value::Name(name)) => Some(name.as_slice()),
        _ => None,
    };
    let by_key = ACTIVE_KEYS
        .iter()
        .find(|(key, _)| dictionary.get(key).is_some());
    let kinds = [named(b"S"), named(b"Type"), named(b"Subtype")];
    let by_kind = ACTIVE_KINDS
        .iter()
        .find(|(kind, _)| kinds.contains(&Some(*kind)));
    if let Some((_, what)) = by_key.or(by_kind) {
        return Err(ScanRefusal::ActiveContent(what));
    }
    let side = |long: &[u8], short: &[u8]| {
        let value = dictionary.get(long).or_else(|| dictionary.get(short));
        match value.map(|value| resolve(value, objects)) {
            Some(Value::Integer(side)) => u64::try_from(*side).ok(),
            _ => None,
        }
    };
    if named(b"Subtype") == Some(b"Image")
        && let (Some(width), Some(height)) = (side(b"Width", b"W"), side(b"Height", b"H"))
    {
        check_size(width, height)?;
    }
    Ok(())
}
