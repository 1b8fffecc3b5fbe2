//! What can be done to a book by whoever has the registry's keys: each change is a step, signed when the book is shown.

use std::sync::Arc;

use charter_proof::{
    canonical::{Digest, to_jcs},
    entry::{Entry, Event, MemberEventKind, Status},
    identity::Base,
    keys::{KeyList, KeyRange, Purpose, SecretKey},
    status_list::{Bits, MAX_VALIDITY, StatusPurpose, UnsignedStatusList},
};
use charter_registry::clock::Clock;
use chrono::SubsecRound as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::book::{Book, stranger};
use crate::host::PUBLIC_URL;

/// What the entry of a member's change says.
pub struct Told<'a> {
    pub kind: &'a mut MemberEventKind,
    pub member: &'a mut Uuid,
    pub status: &'a mut Status,
    pub record: &'a mut Digest,
    pub claims: &'a mut Vec<Digest>,
}

/// A member whom nobody knows.
pub const NOBODY: Uuid = Uuid::from_u128(7);

/// An event that changes nothing.
pub fn anchored() -> Event {
    let head = Digest::of(b"head");
    Event::AuditAnchored { head }
}

impl Book {
    /// The first entry about a member, of this kind.
    pub fn first(&self, wanted: MemberEventKind) -> usize {
        self.find(
            0,
            |event| matches!(event, Event::Member { kind, .. } if *kind == wanted),
        )
    }

    /// The newest entry of a member that is one: the last that was admitted.
    pub fn active(&self) -> usize {
        let included = |index: &usize| {
            let event = self.entry(*index).event;
            matches!(event, Event::Member { kind, .. } if kind == MemberEventKind::Included)
        };
        (0..self.entries.len()).rev().find(included).unwrap()
    }

    /// Changes what the entry of a member's change says.
    pub fn retell(&mut self, index: usize, change: impl FnOnce(Told)) {
        let mut event = self.entry(index).event;
        let Event::Member {
            kind,
            member,
            status,
            record,
            claims,
            ..
        } = &mut event
        else {
            unreachable!()
        };
        change(Told {
            kind,
            member,
            status,
            record,
            claims,
        });
        self.put(index, event);
    }

    pub fn remove(&mut self, index: usize) {
        self.entries.remove(index);
        self.lines.remove(index);
    }

    /// Has the entry and its record stand there twice.
    pub fn repeat(&mut self, index: usize) {
        self.entries.insert(index, self.entries[index].clone());
        self.lines.insert(index, self.lines[index].clone());
    }

    /// Appends the entry and its record once more.
    pub fn push_again(&mut self, index: usize) {
        let (event, record) = (self.entry(index).event, self.lines[index].clone());
        self.push_record(event, record);
    }

    pub fn swap(&mut self, one: usize, other: usize) {
        self.entries.swap(one, other);
        self.lines.swap(one, other);
    }

    /// Puts an event before this entry.
    pub fn insert(&mut self, index: usize, event: Event) {
        let at = self.entry(index).at;
        let entry = Entry { at, event };
        self.entries.insert(index, entry.to_bytes().unwrap());
        self.lines.insert(index, b"null".to_vec());
    }

    /// Has each of two entries say what the other says, at its own time.
    pub fn exchange(&mut self, one: usize, other: usize) {
        let (first, second) = (self.entry(one).event, self.entry(other).event);
        self.put(one, second);
        self.put(other, first);
        self.lines.swap(one, other);
    }

    /// Signs a record in other words, and has its entry name that.
    pub fn rewrite_record(&mut self, index: usize, change: impl FnOnce(&mut Value)) {
        let record = resigned(&self.lines[index], &self.record_key, change);
        self.retell(index, |told| *told.record = Digest::of(&record));
        self.lines[index] = record;
    }

    /// Has each state say what the entries before it come to.
    pub fn restate(&mut self) {
        let whole = std::mem::take(&mut self.entries);
        for bytes in whole {
            let entry = Entry::parse(&bytes).unwrap();
            if matches!(entry.event, Event::State { .. }) {
                let lines = std::mem::take(&mut self.lines);
                self.close_at(entry.at);
                self.lines = lines;
            } else {
                self.entries.push(bytes);
            }
        }
    }

    /// Begins a log of the same name, by keys that nobody knows.
    pub fn begin_anew(&mut self) {
        let keys = [&mut self.record_key, &mut self.log_key, &mut self.clock_key];
        let mut seed = 70;
        for key in keys {
            seed += 1;
            *key = Arc::new(SecretKey::from_seed([seed; 32]));
        }
        let list = [
            (Purpose::Record, &self.record_key),
            (Purpose::Log, &self.log_key),
            (Purpose::Clock, &self.clock_key),
        ];
        let list = list.map(|(purpose, key)| KeyRange {
            from: 0,
            public_key_multibase: key.public(),
            purpose,
            to: None,
        });
        let mut event = self.entry(0).event;
        if let Event::LogCreated { keys, .. } = &mut event {
            *keys = KeyList::new(list.into());
        }
        self.put(0, event);
        *self = self.clone().cut(1);
    }

    /// What was there when some earlier transaction ended: at most so many entries.
    pub fn back_before(&mut self, size: usize) {
        let is_state = |index: &usize| matches!(self.entry(*index).event, Event::State { .. });
        let end = (0..size).rev().find(is_state).unwrap();
        *self = self.clone().cut(end + 1);
    }

    /// Goes on until there are at least so many entries, as a log may.
    pub fn grow_to(&mut self, size: usize) {
        while self.entries.len() < size {
            self.push(anchored());
        }
        self.close();
    }

    /// Goes on without asking whether a log may.
    pub fn grow_wrongly(&mut self) {
        for _ in 0..3 {
            self.push(anchored());
        }
        self.close_wrongly();
    }

    /// An entry of these bytes, and a state after it.
    pub fn push_odd(&mut self, bytes: &[u8]) {
        let state = self.find_last_state();
        let (at, event) = (self.entry(state).at, self.entry(state).event);
        let Event::State { map, keys, .. } = event else {
            unreachable!()
        };
        self.push_bytes(bytes.to_vec());
        let size = u64::try_from(self.entries.len()).unwrap();
        let event = Event::State { size, map, keys };
        self.push_bytes(Entry { at, event }.to_bytes().unwrap());
    }

    /// A state that says something else than what everything comes to.
    pub fn misstate(&mut self, change: impl FnOnce(&mut u64, &mut Digest, &mut Digest)) {
        self.push(anchored());
        self.close();
        let last = self.entries.len() - 1;
        let mut event = self.entry(last).event;
        let Event::State { size, map, keys } = &mut event else {
            unreachable!()
        };
        change(size, map, keys);
        self.put(last, event);
    }

    /// Excludes a member.
    pub fn exclude(&mut self) {
        self.exclude_by(&self.record_key.clone(), |_| {});
    }

    /// The same, by a record that is changed before it is signed.
    pub fn exclude_saying(&mut self, change: impl FnOnce(&mut Value)) {
        self.exclude_by(&self.record_key.clone(), change);
    }

    /// The same, signed by this key.
    pub fn exclude_by(&mut self, key: &Arc<SecretKey>, change: impl FnOnce(&mut Value)) {
        let index = self.active();
        let record = resigned(&self.lines[index], key, |record| {
            record["id"] = json!(format!("{PUBLIC_URL}/records/{}", Uuid::from_u128(8)));
            let event = &mut record["credentialSubject"]["event"];
            (event["type"], event["resultingStatus"]) = (json!("excluded"), json!("excluded"));
            change(record);
        });
        let digest = Digest::of(&record);
        self.push_record(self.entry(index).event, record);
        self.retell(self.entries.len() - 1, |told| {
            (*told.kind, *told.status) = (MemberEventKind::Excluded, Status::Excluded);
            *told.record = digest;
        });
    }

    /// The same, by an entry that is changed.
    pub fn exclude_telling(&mut self, change: impl FnOnce(Told)) {
        self.exclude();
        self.retell(self.entries.len() - 1, change);
    }

    /// Writes the newest record in other bytes, and has its entry name those.
    pub fn respell(&mut self, spell: impl FnOnce(&[u8]) -> Vec<u8>) {
        let last = self.entries.len() - 1;
        let record = spell(&self.lines[last]);
        self.retell(last, |told| *told.record = Digest::of(&record));
        self.lines[last] = record;
    }

    /// Puts another line where the newest record is.
    pub fn reline(&mut self, line: Vec<u8>) {
        *self.lines.last_mut().unwrap() = line;
    }

    /// Puts another key in the place of the one that signs records, and returns that.
    pub fn rotate_record_key(&mut self) -> Arc<SecretKey> {
        let at = self.entry(self.entries.len() - 1).at;
        let old = std::mem::replace(&mut self.record_key, stranger());
        let rotation = Entry::rotation(at, Purpose::Record, &old, &self.record_key);
        self.push_bytes(rotation.to_bytes().unwrap());
        old
    }

    /// The line of a record that was redacted.
    pub fn redacted_line(&self, index: usize) -> Vec<u8> {
        let Event::Member { record, .. } = self.entry(index).event else {
            unreachable!()
        };
        format!("{{\"redacted\":\"{record}\"}}").into_bytes()
    }

    /// Signs lists in which so many places are set.
    pub fn sign_lists(&mut self, revoked: u32, suspended: u32) {
        let base = Base::parse(PUBLIC_URL).unwrap();
        for (purpose, from, many) in [
            (StatusPurpose::Revocation, 0, revoked),
            (StatusPurpose::Suspension, 100, suspended),
        ] {
            let mut bits = Bits::default();
            (from..from + many).for_each(|index| {
                bits.set(index);
            });
            let at = Clock::system().now().trunc_subsecs(0);
            let list = UnsignedStatusList {
                purpose,
                number: 1,
                bits,
                issuer_name: "Registry".to_owned(),
                valid_from: at,
                valid_until: at + MAX_VALIDITY,
            };
            let signed = list.sign(&self.record_key, &base);
            let path = format!("/status/{}/1", purpose.as_str());
            self.lists.insert(path, signed);
        }
    }
}

/// A record with other words in it, its digest and its signature renewed by this key.
fn resigned(record: &[u8], key: &SecretKey, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(record).unwrap();
    change(&mut document);
    let mut proof = document.as_object_mut().unwrap().remove("proof").unwrap();
    let options = proof.as_object_mut().unwrap();
    options.remove("proofValue");
    let method = format!("did:web:registry.example#{}", key.public());
    options.insert("verificationMethod".to_owned(), json!(method));
    let options = Digest::of(&to_jcs(&proof).unwrap());
    let hashed = Digest::of(&to_jcs(&document).unwrap());
    let message = [*options.as_bytes(), *hashed.as_bytes()].concat();
    let value = format!("z{}", bs58::encode(key.sign(&message)).into_string());
    proof["proofValue"] = json!(value);
    document["proof"] = proof;
    to_jcs(&document).unwrap()
}
