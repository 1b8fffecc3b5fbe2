//! What a piece of the log comes to, written where the read side finds it: the same tables that a registry has.
//!
//! Everything public of a membership stands in its newest record. What stands in no record follows from the log: a key
//! that is reassigned names the other member of its event, and who withdraws in a transaction in which another member is
//! amended was merged into that.

mod keys;
mod member;
mod thread;

use std::collections::{BTreeMap, BTreeSet};

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event, MemberEventKind, Status},
};
use chrono::{DateTime, Utc};

use super::check::{Item, Line};
use crate::{
    directory::Changes,
    rules::{
        charter::CharterVersion,
        id::{MemberId, RecordId},
    },
    storage::{
        self, LogTransaction, charters::Published, memberships::Membership, personal_data,
        records::Record,
    },
};

pub use member::Told;
pub use thread::Thread;

/// Why a piece is not kept.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The database failed.
    #[error("storage failed")]
    Storage(#[from] storage::Error),
    /// It is authentic, and this program cannot make anything of it.
    #[error(
        "entry {index} is authentic, but this version of the program cannot read it: {what}; a newer version may"
    )]
    Unreadable {
        /// The entry's index.
        index: u64,
        /// What is not understood.
        what: String,
    },
    /// A charter's document is missing.
    #[error("entry {index} names a charter's document that is not at hand")]
    NoDocument {
        /// The entry's index.
        index: u64,
    },
}

/// A membership as the piece leaves it.
struct Slot {
    membership: Membership,
    /// Whether it has a row already.
    is_stored: bool,
    /// Whether its keys may be those of others, so that they are given one by one.
    is_entangled: bool,
    /// Whether the keys that it holds are written anew.
    claims_anew: bool,
}

/// A piece while it is read.
#[derive(Default)]
struct Piece {
    slots: BTreeMap<MemberId, Slot>,
    /// In the order in which they last changed.
    changed: Vec<MemberId>,
    records: Vec<Record>,
    /// The charters that were published.
    charters: Vec<String>,
    /// The identifiers of records that were removed before they were seen, by the index of their entries.
    named: Vec<(u64, RecordId)>,
    concerned: Vec<(u64, MemberId)>,
    removed: Vec<(Digest, u64)>,
    removed_at: Option<DateTime<Utc>>,
}

/// Keeps a piece whose entries are appended already; `documents` are the charters' by their digests.
///
/// Says what it changed for readers.
pub async fn keep(
    tx: &mut LogTransaction,
    items: &[Item],
    documents: &BTreeMap<Digest, Vec<u8>>,
    thread: &mut Thread,
) -> Result<Changes, KeepError> {
    keep_rules(tx, items, documents).await?;
    keep_members(tx, items, thread).await
}

/// Keeps what a piece says of charters and of the registry's keys.
pub async fn keep_rules(
    tx: &mut LogTransaction,
    items: &[Item],
    documents: &BTreeMap<Digest, Vec<u8>>,
) -> Result<(), KeepError> {
    for item in items {
        let Some(entry) = &item.entry else {
            continue;
        };
        match &entry.event {
            Event::CharterPublished { digest, .. } => {
                publish(tx, item.index, entry, *digest, documents).await?;
            }
            Event::LogCreated { .. }
            | Event::KeyAnnounced { .. }
            | Event::KeyRotated { .. }
            | Event::KeyCompromised { .. } => {
                keys::keep(tx, item.index, entry.at, &entry.event).await?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Keeps what a piece says of members, whose charters are kept already.
///
/// Says what it changed for readers.
pub async fn keep_members(
    tx: &mut LogTransaction,
    items: &[Item],
    thread: &mut Thread,
) -> Result<Changes, KeepError> {
    let mut piece = Piece::known(tx, items, thread).await?;
    for item in items {
        let Some(entry) = &item.entry else {
            continue;
        };
        match &entry.event {
            Event::CharterPublished { charter, .. } => piece.charters.push(charter.clone()),
            Event::Member { .. } => piece.change(item, entry, thread)?,
            Event::RecordRedacted { record, .. } => {
                piece.remove(*record, item.index, entry.at);
            }
            _ => {}
        }
        thread.note(entry, item.index);
    }
    piece.write(tx, items).await
}

async fn publish(
    tx: &mut LogTransaction,
    index: u64,
    entry: &Entry,
    digest: Digest,
    documents: &BTreeMap<Digest, Vec<u8>>,
) -> Result<(), KeepError> {
    let document = documents.get(&digest);
    let document = document.ok_or(KeepError::NoDocument { index })?;
    let version: CharterVersion = serde_json::from_slice(document)
        .map_err(|error| unreadable(index, format!("its charter: {error}")))?;
    let published = Published {
        version,
        document: document.clone(),
        digest,
        log_index: index,
        published_at: entry.at,
    };
    Ok(published.insert(tx).await?)
}

fn unreadable(index: u64, what: impl Into<String>) -> KeepError {
    KeepError::Unreadable {
        index,
        what: what.into(),
    }
}

/// What a removed record is called until another one names it: a UUID of its digest's bytes.
fn nameless(digest: &Digest) -> RecordId {
    let (half, _) = digest
        .as_bytes()
        .split_first_chunk()
        .unwrap_or((&[0; 16], &[]));
    RecordId(uuid::Builder::from_custom_bytes(*half).into_uuid())
}

impl Piece {
    /// A piece, with the memberships that have rows already.
    async fn known(
        tx: &mut LogTransaction,
        items: &[Item],
        thread: &Thread,
    ) -> Result<Self, KeepError> {
        let named = items
            .iter()
            .filter_map(|item| match &item.entry.as_ref()?.event {
                Event::Member { kind, member, .. } => {
                    (*kind != MemberEventKind::Included).then_some(MemberId(*member))
                }
                _ => None,
            });
        let named: BTreeSet<MemberId> = named.chain(thread.withdrew()).collect();
        let named: Vec<MemberId> = named.into_iter().collect();
        let mut piece = Self::default();
        for membership in Membership::find_all(tx, &named).await? {
            let slot = Slot {
                membership,
                is_stored: true,
                is_entangled: true,
                claims_anew: false,
            };
            piece.slots.insert(slot.membership.id, slot);
        }
        Ok(piece)
    }

    /// Takes in a change of a membership.
    fn change(&mut self, item: &Item, entry: &Entry, thread: &Thread) -> Result<(), KeepError> {
        let Event::Member {
            kind,
            charter,
            member,
            status,
            record: digest,
            ..
        } = &entry.event
        else {
            return Ok(());
        };
        let member = MemberId(*member);
        let other = thread.other(*kind, member);
        let mut read = None;
        let (told, document) = match &item.line {
            Line::Document(bytes, told) => {
                let told = match told {
                    Some(told) => told,
                    None => read.insert(Told::read(bytes, item.index).map(Box::new)),
                };
                let told = told.as_deref();
                let told = told.map_err(|what| unreadable(item.index, what))?;
                (Some(told), Some(bytes.to_vec()))
            }
            Line::Removed | Line::None => (None, None),
        };
        let id = told.map_or_else(|| nameless(digest), |told| told.id);
        self.records.push(Record {
            id,
            charter: charter.clone(),
            member,
            log_index: item.index,
            kind: *kind,
            status: *status,
            digest: *digest,
            redacted: document.is_none().then_some(item.index),
            document,
            at: entry.at,
            other,
        });
        self.settle(item.index, entry.at, *kind, *status, (member, id), told);
        if let Some((ceased, index)) = thread.merged(*kind, member) {
            self.concerned.push((index, member));
            if let Some(slot) = self.slots.get_mut(&ceased) {
                slot.membership.merged_into = Some(member);
            }
        }
        if let Some(slot) = self.slots.get_mut(&member) {
            slot.is_entangled |= other.is_some();
        }
        Ok(())
    }

    /// Brings a membership to the state that its record tells; one whose record is removed to what the entry tells.
    fn settle(
        &mut self,
        index: u64,
        at: DateTime<Utc>,
        kind: MemberEventKind,
        status: Status,
        (member, record): (MemberId, RecordId),
        told: Option<&Told>,
    ) {
        let known = self.slots.remove(&member);
        let is_known = known.is_some();
        if let (Some(known), Some(told)) = (&known, told) {
            // A record that was removed before it was seen is called by the one after it.
            if let Some(before) = told.previous
                && before != known.membership.record
            {
                self.named.push((known.membership.log_index, before));
            }
        }
        let mut slot = match (known, told) {
            (Some(mut slot), None) => {
                slot.membership.status = status;
                slot
            }
            // Nothing is known of it until a record tells more.
            (None, None) => return,
            (Some(slot), Some(told)) => {
                let mut membership = told.membership.clone();
                membership.merged_into = slot.membership.merged_into;
                Slot { membership, ..slot }
            }
            (None, Some(told)) => Slot {
                membership: told.membership.clone(),
                is_stored: false,
                is_entangled: kind != MemberEventKind::Included,
                claims_anew: true,
            },
        };
        slot.membership.record = record;
        slot.membership.log_index = index;
        slot.membership.updated_at = at;
        slot.is_entangled |= is_known;
        if kind == MemberEventKind::Readmitted {
            slot.membership.merged_into = None;
        }
        slot.claims_anew |= matches!(
            kind,
            MemberEventKind::Included | MemberEventKind::Amended | MemberEventKind::Readmitted
        );
        self.slots.insert(member, slot);
        self.changed.push(member);
    }

    /// Takes a record's document away.
    fn remove(&mut self, digest: Digest, index: u64, at: DateTime<Utc>) {
        self.removed_at = Some(at);
        let here = self.records.iter_mut();
        match here.rev().find(|record| record.digest == digest) {
            Some(record) => {
                record.document = None;
                record.redacted = Some(index);
            }
            None => self.removed.push((digest, index)),
        }
    }

    async fn write(self, tx: &mut LogTransaction, items: &[Item]) -> Result<Changes, KeepError> {
        let mut changes = self.changes(items);
        let mut touched: Vec<MemberId> = Vec::new();
        for record in self
            .records
            .iter()
            .filter(|record| record.redacted.is_some())
        {
            touched.push(record.member);
        }
        let (new, stored): (Vec<&Slot>, Vec<&Slot>) =
            self.slots.values().partition(|slot| !slot.is_stored);
        let new: Vec<Membership> = new.iter().map(|slot| slot.membership.clone()).collect();
        Membership::copy_all(tx, &new).await?;
        for slot in stored {
            slot.membership.overwrite(tx).await?;
        }
        Record::insert_all(self.records, tx).await?;
        for (digest, index) in self.removed {
            if let Some(record) = Record::find_by_digest(tx, digest).await? {
                touched.push(record.member);
            }
            Record::redact_digest(tx, digest, index).await?;
            changes
                .redacted
                .extend(Record::find_by_digest(tx, digest).await?);
        }
        for (index, id) in self.named {
            Record::name(tx, index, id).await?;
            changes.redacted.extend(Record::find(tx, id).await?);
        }
        for (index, other) in self.concerned {
            Record::concern(tx, index, other).await?;
        }
        let mut done = BTreeSet::new();
        let order = self.changed.iter().rev().filter(|id| done.insert(**id));
        let order: Vec<&Slot> = order.filter_map(|id| self.slots.get(id)).collect();
        for slot in order.iter().rev() {
            if slot.is_entangled && slot.claims_anew {
                let keys = slot.membership.organisation.claim_keys();
                slot.membership.claim(tx, &keys).await?;
            }
        }
        let mut plain: BTreeMap<&str, Vec<Membership>> = BTreeMap::new();
        for slot in self.slots.values().filter(|slot| !slot.is_entangled) {
            let charter = slot.membership.charter.as_str();
            let of_charter = plain.entry(charter).or_default();
            of_charter.push(slot.membership.clone());
        }
        for memberships in plain.values() {
            Membership::hold_all(tx, memberships).await?;
        }
        touched.sort_unstable();
        touched.dedup();
        for member in touched {
            member::forget(tx, member).await?;
            changes.members.retain(|told| told.id != member);
            changes
                .renamed
                .extend(Membership::find_anywhere(tx, member).await?);
        }
        if let Some(at) = self.removed_at {
            personal_data::ask_for_public_purge(tx, at).await?;
        }
        Ok(changes)
    }

    /// What it changed for readers, beside what it takes away.
    fn changes(&self, items: &[Item]) -> Changes {
        let from = items.first().map_or(0, |item| item.index);
        let last = items.last();
        let memberships = self.slots.values().map(|slot| &slot.membership);
        let (mut members, renamed): (Vec<Membership>, Vec<Membership>) = memberships
            .cloned()
            .partition(|membership| membership.log_index >= from);
        members.sort_by_key(|membership| membership.log_index);
        Changes {
            from,
            size: last.map_or(from, |item| item.index + 1),
            last: last.map_or(Digest::of(b""), |item| Digest::of(&item.bytes)),
            charters: self.charters.clone(),
            members,
            renamed,
            records: self.records.clone(),
            redacted: Vec::new(),
        }
    }
}
