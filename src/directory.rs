//! The reading room: what anybody may read of members and records, answered without the database.
//!
//! A packed file in the data folder holds the bytes of every answer (`pack`, `frame`); an index in memory says
//! where they stand, filters, sorts (`list`) and searches (`terms`, `typing`). Both follow the log (`follow`, `changes`): what a
//! commit changed is taken in before its answer goes out, what other instances committed within a second. Readers
//! so never wait for writers, and a lookup is one read of a file.
//!
//! Whoever wants all members of a charter gets a dump (`dumps`), made from one snapshot of the database and kept until the
//! log moves.
//!
//! Nothing here is a source: what is missing, torn, or not of this database is made anew from the database.

mod bytes;
mod changes;
mod dumps;
mod follow;
mod frame;
mod index;
mod kept;
mod list;
mod numbers;
mod pack;
mod snapshot;
mod terms;
mod typing;

use std::{
    io,
    sync::{
        Arc, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use charter_proof::{canonical::Digest, entry::Status, identity::Base};

pub use changes::Changes;
use dumps::Dumps;
pub use dumps::{Dump, Form, Heading, Reader, Stored};
pub use follow::{Room, Source};
use index::{Index, Place};
use kept::Kept;
pub use list::{After, Filter, Listing, Order};

use crate::{
    buffers,
    rules::id::{MemberId, RecordId},
    storage::{self, memberships::Membership},
};

/// Why the reading room has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its files cannot be read or written, or are damaged.
    #[error("the directory's files failed")]
    File(#[from] io::Error),
    /// The database could not be followed.
    #[error("the directory could not follow the database")]
    Storage(#[from] storage::Error),
    /// A member cannot be shown.
    #[error("the answer for member {0} could not be made")]
    Render(MemberId),
}

/// Makes the bytes of the public answer about a member; none where that fails.
pub type Render = fn(&Membership, &Base) -> Option<Vec<u8>>;

/// The reading room.
#[derive(Clone)]
pub struct Directory(Arc<Shared>);

struct Shared {
    index: RwLock<Index>,
    source: Source,
    writer: tokio::sync::Mutex<follow::Writer>,
    kept: Kept,
    dumps: Dumps,
    /// A reader found bytes that are not those that were written.
    damaged: AtomicBool,
}

/// A member's public answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Shown {
    /// The answer, JSON.
    pub json: Vec<u8>,
    /// The index of the member's newest log entry.
    pub log_index: u64,
    /// Whether its newest record was redacted, and what it is called with it.
    pub is_withheld: bool,
}

/// A record's document.
#[derive(Debug, PartialEq, Eq)]
pub struct Document {
    /// The exact bytes that were signed; empty once they were redacted.
    pub bytes: Vec<u8>,
    /// Their SHA-256, also once they were redacted.
    pub digest: Digest,
}

/// A page of a list.
#[derive(Debug)]
pub struct Found {
    /// The members' answers, as a JSON array.
    pub items: Vec<u8>,
    /// The last member of the page, if others follow.
    pub last: Option<After>,
    /// A digest that differs where the page does.
    pub digest: Digest,
}

impl Directory {
    /// A member of a charter.
    pub fn member(&self, charter: &str, id: MemberId) -> Result<Option<Shown>, Error> {
        let found = {
            let index = self.index();
            let row = index.member(*id.0.as_bytes());
            row.filter(|row| index.slug(row) == charter).map(|row| {
                let is_withheld = index.is_withheld(row);
                (
                    index.file.clone(),
                    row.place,
                    row.log_index.into(),
                    is_withheld,
                )
            })
        };
        let Some((file, place, log_index, is_withheld)) = found else {
            return Ok(None);
        };
        let mut json = buffers::take();
        self.body(&file, place, &mut json)?;
        Ok(Some(Shown {
            json,
            log_index,
            is_withheld,
        }))
    }

    /// The slug of the charter whose member this is.
    pub fn charter_of(&self, id: MemberId) -> Option<String> {
        let index = self.index();
        let row = index.member(*id.0.as_bytes())?;
        Some(index.slug(row).to_owned())
    }

    /// The identifier of the newest record of a charter's member.
    pub fn newest_record_id(&self, charter: &str, id: MemberId) -> Option<RecordId> {
        let index = self.index();
        let row = index.member(*id.0.as_bytes())?;
        let is_of_charter = index.slug(row) == charter;
        let record = index.record(row).filter(|_| is_of_charter)?;
        Some(RecordId(uuid::Uuid::from_bytes(record)))
    }

    /// The newest record of a charter's member.
    pub fn newest_record(&self, charter: &str, id: MemberId) -> Result<Option<Document>, Error> {
        self.document(|index| {
            let row = index.member(*id.0.as_bytes())?;
            let is_of_charter = index.slug(row) == charter;
            index.newest_record(row).filter(|_| is_of_charter)
        })
    }

    /// The newest record of a charter's member, and the member's status.
    pub fn standing(
        &self,
        charter: &str,
        id: MemberId,
    ) -> Result<Option<(Document, Status)>, Error> {
        let mut status = None;
        let newest = self.document(|index| {
            let (row, found) = index.standing(*id.0.as_bytes())?;
            status = found.filter(|_| index.slug(row) == charter);
            index.newest_record(row).filter(|_| status.is_some())
        })?;
        Ok(newest.zip(status))
    }

    /// The record of this identifier.
    pub fn record(&self, id: RecordId) -> Result<Option<Document>, Error> {
        self.document(|index| index.records.get(id.0.as_bytes()))
    }

    /// At most `limit` members of a charter; none where there is no such charter.
    pub fn page(
        &self,
        charter: &str,
        listing: &Listing,
        limit: usize,
    ) -> Result<Option<Arc<Found>>, Error> {
        if !Kept::is_worth(listing) {
            let made = self.made(charter, listing, limit)?;
            return Ok(made.map(|(page, _)| Arc::new(page)));
        }
        let question = (charter.to_owned(), listing.clone(), limit);
        let applied = self.index().applied;
        if let Some(page) = self.0.kept.get(&question, applied) {
            return Ok(Some(page));
        }
        let Some((page, applied)) = self.made(charter, listing, limit)? else {
            return Ok(None);
        };
        let page = Arc::new(page);
        self.0.kept.keep(question, applied, page.clone());
        Ok(Some(page))
    }

    /// The page, and up to which log index it has taken in the log.
    fn made(
        &self,
        charter: &str,
        listing: &Listing,
        limit: usize,
    ) -> Result<Option<(Found, u64)>, Error> {
        let (file, places, last, applied) = {
            let index = self.index();
            let Some(charter) = index.charter(charter) else {
                return Ok(None);
            };
            let mut members = index.list(charter, listing, limit);
            let more = members.len() > limit;
            members.truncate(limit);
            let rows: Vec<_> = members
                .iter()
                .filter_map(|(member, score)| Some((index.row(*member)?, *score)))
                .collect();
            let last = rows.last().filter(|_| more);
            let last = last.map(|(row, score)| index.place_after(row, listing.order, *score));
            let shown: Vec<_> = rows
                .iter()
                .map(|(row, _)| {
                    let version = (u64::from(row.log_index), index.is_withheld(row));
                    (row.place, row.id, version)
                })
                .collect();
            (index.file.clone(), shown, last, index.applied)
        };
        // What is shown of a member follows from its identifier, its newest entry and the answers' form.
        let mut versions = self.0.source.fingerprint.to_vec();
        let length: u32 = places.iter().map(|(place, ..)| place.length()).sum();
        let mut items = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 2 * limit);
        items.push(b'[');
        for (place, id, (log_index, is_withheld)) in places {
            if items.len() > 1 {
                items.push(b',');
            }
            self.body(&file, place, &mut items)?;
            versions.extend_from_slice(&id);
            versions.extend_from_slice(&log_index.to_le_bytes());
            versions.push(is_withheld.into());
        }
        items.push(b']');
        versions.push(last.is_some().into());
        let page = Found {
            items,
            last,
            digest: Digest::of(&versions),
        };
        Ok(Some((page, applied)))
    }

    /// The licence of the data, an identifier of SPDX.
    pub fn licence(&self) -> &str {
        &self.0.source.licence
    }

    fn document(
        &self,
        find: impl FnOnce(&Index) -> Option<Place>,
    ) -> Result<Option<Document>, Error> {
        let found = {
            let index = self.index();
            find(&index).map(|place| (index.file.clone(), place))
        };
        let Some((file, place)) = found else {
            return Ok(None);
        };
        let mut bytes = buffers::take();
        let digest = self.body(&file, place, &mut bytes)?;
        Ok(Some(Document { bytes, digest }))
    }

    fn body(&self, file: &std::fs::File, place: Place, out: &mut Vec<u8>) -> Result<Digest, Error> {
        pack::body(file, place.at(), place.length(), out).map_err(|error| {
            // Whoever keeps the room up sees it and makes the files anew.
            self.0.damaged.store(true, Ordering::Relaxed);
            error.into()
        })
    }

    fn index(&self) -> RwLockReadGuard<'_, Index> {
        self.0.index.read().unwrap_or_else(PoisonError::into_inner)
    }
}
