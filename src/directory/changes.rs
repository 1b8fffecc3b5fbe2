//! What a stretch of the log changed for readers: read from the database, or handed over by whoever wrote it there.

use std::{
    io,
    num::NonZero,
    ops::Range,
    panic::resume_unwind,
    sync::{PoisonError, RwLock},
    thread,
};

use charter_proof::canonical::Digest;

use super::{
    Error, Source,
    bytes::Reading,
    frame::{self, Entry},
    index::Index,
    pack::Pack,
};
use crate::storage::{
    Connection, charters::Published, log, memberships::Membership, records::Record,
};

/// How many members are shown by one processor before another one helps.
const SHARE: usize = 100;

/// What a stretch of the log changed.
#[derive(Debug)]
pub struct Changes {
    /// The index of its first entry.
    pub from: u64,
    /// How many entries the log has at its end.
    pub size: u64,
    /// The digest of its last entry.
    pub last: Digest,
    /// The slugs of charters that were published.
    pub charters: Vec<String>,
    /// The memberships of which its entries tell.
    pub members: Vec<Membership>,
    /// Memberships that are shown anew though none of its entries is their newest.
    pub renamed: Vec<Membership>,
    /// The records that its entries name.
    pub records: Vec<Record>,
    /// Earlier records whose documents were removed.
    pub redacted: Vec<Record>,
}

impl Changes {
    /// What these entries changed, and those that follow before another one; none where the log does not reach as far.
    pub(super) async fn read(
        conn: &mut Connection,
        entries: Range<u64>,
        before: u64,
    ) -> Result<Option<Self>, Error> {
        let Range {
            start: from,
            end: size,
        } = entries;
        let charters = Published::slugs_since(conn, from, before).await?;
        let members = Membership::changed_since(conn, from, before).await?;
        // After the members, so that no member's newest record is missed.
        let records = Record::appended_since(conn, from, before).await?;
        // Their members are shown anew, too: what they are called may have been part of it.
        let redacted = Record::redacted_since(conn, from, before).await?;
        let mut renamed = Vec::new();
        for record in &redacted {
            renamed.extend(Membership::find_anywhere(conn, record.member).await?);
        }
        let last = log::entries(conn, size - 1, 1).await?.pop();
        Ok(last.map(|(_, last)| Self {
            from,
            size,
            last: Digest::of(&last),
            charters,
            members,
            renamed,
            records,
            redacted,
        }))
    }

    /// Appends what is new of it to the packed file, and takes it into the index.
    pub(super) fn apply(
        &self,
        pack: &mut Pack,
        index: &RwLock<Index>,
        source: &Source,
    ) -> Result<(), Error> {
        let mut frames = Vec::new();
        let shown: Vec<&Membership> = read(index, |index| {
            let charters = self.charters.iter();
            for slug in charters.filter(|slug| index.charter(slug).is_none()) {
                frame::charter(slug, &mut frames);
            }
            let is_new = |record: &&Record| !index.records.contains(record.id.0.as_bytes());
            let records = self.records.iter().filter(is_new);
            for record in records.chain(&self.redacted) {
                frame::record(record, &mut frames);
            }
            let is_newer = |member: &&Membership| {
                let known = index.member(*member.id.0.as_bytes());
                known.is_none_or(|known| u64::from(known.log_index) < member.log_index)
            };
            let members = self.members.iter().filter(is_newer);
            members.chain(&self.renamed).collect()
        });
        show(&shown, source, &mut frames)?;
        frame::applied(self.size, self.last.as_bytes(), &mut frames);
        take_in(&frames, pack, index)
    }
}

/// Appends the frames of members; where they are many, all processors make some.
fn show(members: &[&Membership], source: &Source, frames: &mut Vec<u8>) -> Result<(), Error> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = members.len().div_ceil(processors).max(SHARE);
    let mut shares = members.chunks(share);
    let first = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others = shares.map(|share| scope.spawn(move || shown(share, source)));
        let others: Vec<_> = others.collect();
        frames.append(&mut shown(first, source)?);
        for other in others {
            let made = other.join();
            frames.append(&mut made.unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(())
    })
}

fn shown(members: &[&Membership], source: &Source) -> Result<Vec<u8>, Error> {
    let mut frames = Vec::new();
    for member in members {
        let json = (source.render)(member, &source.base);
        let (Some(json), Some(entry)) = (json, Entry::of(member)) else {
            return Err(Error::Render(member.id));
        };
        frame::member(&entry, &json, &mut frames);
    }
    Ok(frames)
}

/// Asks the index.
pub(super) fn read<T>(index: &RwLock<Index>, ask: impl FnOnce(&Index) -> T) -> T {
    ask(&index.read().unwrap_or_else(PoisonError::into_inner))
}

/// Appends frames to the file and takes them into the index, all at once for its readers.
fn take_in(frames: &[u8], pack: &mut Pack, index: &RwLock<Index>) -> Result<(), Error> {
    let mut at = pack.append(frames)?;
    let mut rest = Reading(frames);
    let mut parsed = Vec::new();
    while !rest.0.is_empty() {
        let before = rest.0.len();
        let frame = frame::next(&mut rest)
            .ok_or(io::ErrorKind::InvalidData)
            .map_err(io::Error::from)?;
        parsed.push((frame, at));
        at += u64::try_from(before - rest.0.len()).unwrap_or(u64::MAX);
    }
    let mut index = index.write().unwrap_or_else(PoisonError::into_inner);
    Ok(index.apply_all(parsed)?)
}
