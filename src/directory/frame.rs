//! What the packed file consists of: frames, each with its checksum, so that a torn one is known.
//!
//! `length u32 · CRC-32 of the rest u32 · kind u8 · …`. A frame with a body, which is what readers fetch, goes on with
//! `body length u32 · body · digest [u8; 32] · CRC-32 of body and digest u32`, so that a lookup is one read from a place
//! that follows from the frame's; then come the fields by which the index is made.

use charter_proof::entry::Status;
use chrono::{Datelike as _, NaiveDate};

use super::bytes::{Reading, Writing};
use crate::{
    rules::{search, word::Word as _},
    storage::{memberships::Membership, records::Record},
};

/// How many bytes of a frame come before its body.
pub(super) const BEFORE_BODY: u64 = 13;

/// How many bytes follow a body: its digest and the checksum of both.
pub(super) const AFTER_BODY: usize = 36;

const CHARTER: u8 = 1;
const MEMBER: u8 = 2;
const RECORD: u8 = 3;
const APPLIED: u8 = 4;

/// A member's fields, by which it is found, filtered and sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub id: [u8; 16],
    pub charter: String,
    pub number: u32,
    pub status: Status,
    pub founder: bool,
    pub category: String,
    /// Empty where there is none.
    pub country: String,
    /// Empty where there is none.
    pub region: String,
    pub since: NaiveDate,
    pub log_index: u64,
    pub record: [u8; 16],
    pub sort_key: String,
    pub terms: Vec<String>,
}

/// What a frame says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// There is a charter of this slug.
    Charter(String),
    /// A member as it stands from here on, and how long its JSON is.
    Member(Box<Entry>, u32),
    /// A record's identifier, and how long its document is.
    Record([u8; 16], u32),
    /// Everything before this log index stands above; the entry before it has this digest.
    Applied(u64, [u8; 32]),
}

impl Entry {
    /// The fields of a membership; none where its number is beyond what a record can carry.
    pub(super) fn of(membership: &Membership) -> Option<Self> {
        let organisation = &membership.organisation;
        let number = u32::try_from(membership.number).ok()?;
        let text = |value: Option<String>| value.unwrap_or_default();
        Some(Self {
            id: *membership.id.0.as_bytes(),
            charter: membership.charter.clone(),
            number,
            status: membership.status,
            founder: membership.founder,
            category: organisation.category.to_string(),
            country: text(organisation.country.as_ref().map(ToString::to_string)),
            region: text(organisation.region.as_ref().map(ToString::to_string)),
            since: membership.since,
            log_index: membership.log_index,
            record: *membership.record.0.as_bytes(),
            sort_key: search::sort_key(&organisation.name),
            terms: search::terms(organisation, Some(u64::from(number)))
                .into_iter()
                .collect(),
        })
    }
}

/// Appends a charter's frame.
pub(super) fn charter(slug: &str, out: &mut Vec<u8>) {
    frame(CHARTER, out, |fields| fields.text(slug));
}

/// Appends a member's frame.
pub(super) fn member(entry: &Entry, json: &[u8], out: &mut Vec<u8>) {
    frame(MEMBER, out, |fields| {
        body(json, &[0; 32], fields);
        fields.raw(&entry.id);
        fields.text(&entry.charter);
        fields.int(entry.number);
        fields.text(entry.status.as_str());
        fields.byte(u8::from(entry.founder));
        for text in [
            &entry.category,
            &entry.country,
            &entry.region,
            &entry.sort_key,
        ] {
            fields.text(text);
        }
        fields.day(entry.since.num_days_from_ce());
        fields.long(entry.log_index);
        fields.raw(&entry.record);
        let terms = u16::try_from(entry.terms.len()).unwrap_or(u16::MAX);
        fields.short(terms);
        for term in entry.terms.iter().take(usize::from(terms)) {
            fields.text(term);
        }
    });
}

/// Appends a record's frame, with the document's digest; it has no body once it was redacted.
pub(super) fn record(record: &Record, out: &mut Vec<u8>) {
    frame(RECORD, out, |fields| {
        let document = record.document.as_deref().unwrap_or_default();
        body(document, record.digest.as_bytes(), fields);
        fields.raw(record.id.0.as_bytes());
    });
}

/// Appends the frame that closes what was applied.
pub(super) fn applied(size: u64, digest: &[u8; 32], out: &mut Vec<u8>) {
    frame(APPLIED, out, |fields| {
        fields.long(size);
        fields.raw(digest);
    });
}

fn frame(kind: u8, out: &mut Vec<u8>, write: impl FnOnce(&mut Writing)) {
    let mut fields = Writing::default();
    fields.byte(kind);
    write(&mut fields);
    let length = u32::try_from(fields.0.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&crc32fast::hash(&fields.0).to_le_bytes());
    out.append(&mut fields.0);
}

fn body(bytes: &[u8], digest: &[u8; 32], out: &mut Writing) {
    out.int(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
    let start = out.0.len();
    out.raw(bytes);
    out.raw(digest);
    let checksum = crc32fast::hash(out.0.get(start..).unwrap_or_default());
    out.int(checksum);
}

/// Takes the next frame off `bytes`; none where it is torn or is no frame.
pub(super) fn next(bytes: &mut Reading<'_>) -> Option<Frame> {
    let (length, checksum) = (bytes.int()?, bytes.int()?);
    let content = bytes.take(usize::try_from(length).ok()?)?;
    if crc32fast::hash(content) != checksum {
        return None;
    }
    let mut fields = Reading(content);
    Some(match fields.byte()? {
        CHARTER => Frame::Charter(fields.text()?.to_owned()),
        MEMBER => {
            let length = skip_body(&mut fields)?;
            Frame::Member(Box::new(entry(&mut fields)?), length)
        }
        RECORD => {
            let length = skip_body(&mut fields)?;
            Frame::Record(fields.array()?, length)
        }
        APPLIED => Frame::Applied(fields.long()?, fields.array()?),
        _ => return None,
    })
}

fn skip_body(fields: &mut Reading<'_>) -> Option<u32> {
    let length = fields.int()?;
    fields.take(usize::try_from(length).ok()?.checked_add(AFTER_BODY)?)?;
    Some(length)
}

fn entry(fields: &mut Reading<'_>) -> Option<Entry> {
    let (id, charter) = (fields.array()?, fields.text()?.to_owned());
    let (number, status) = (fields.int()?, Status::from_word(fields.text()?)?);
    let founder = fields.byte()? != 0;
    let mut text = || fields.text().map(str::to_owned);
    let (category, country, region, sort_key) = (text()?, text()?, text()?, text()?);
    let since = NaiveDate::from_num_days_from_ce_opt(fields.day()?)?;
    let (log_index, record) = (fields.long()?, fields.array()?);
    let terms = fields.short()?;
    let terms = (0..terms).map(|_| fields.text().map(str::to_owned));
    Some(Entry {
        id,
        charter,
        number,
        status,
        founder,
        category,
        country,
        region,
        since,
        log_index,
        record,
        sort_key,
        terms: terms.collect::<Option<_>>()?,
    })
}
