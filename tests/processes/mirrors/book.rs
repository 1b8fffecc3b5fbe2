//! Everything that a registry publishes, and the keys to sign it: what an honest one published, changed and signed anew.

use std::{collections::BTreeMap, fs, sync::Arc};

use charter_proof::{
    entry::{Entry, Event},
    keys::SecretKey,
    merkle::{Frontier, leaf_hash},
    note::{Checkpoint, Note},
    replay::Replay,
    tile::{Row, Tile, bundle},
};
use charter_registry::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};

use crate::{client::Client, host::Host};

/// The registry's origin.
pub const ORIGIN: &str = "registry.example/log";

/// Everything that a registry publishes, with the keys to sign it.
#[derive(Clone)]
pub struct Book {
    pub entries: Vec<Vec<u8>>,
    /// The record of each entry, as its line gives it.
    pub lines: Vec<Vec<u8>>,
    pub charters: BTreeMap<String, Vec<u8>>,
    /// What is served at a path, whatever else would be.
    pub fixed: BTreeMap<String, Vec<u8>>,
    pub lists: BTreeMap<String, Vec<u8>>,
    pub policy: Vec<u8>,
    pub record_key: Arc<SecretKey>,
    pub log_key: Arc<SecretKey>,
    pub clock_key: Arc<SecretKey>,
    /// How far the clock that cosigns is ahead.
    pub ahead: TimeDelta,
    pub origin: String,
    pub has_clock: bool,
}

/// A key that nobody knows.
pub fn stranger() -> Arc<SecretKey> {
    Arc::new(SecretKey::from_seed([77; 32]))
}

impl Book {
    /// What this registry published so far: fewer than 256 entries.
    pub fn of(host: &Host, client: &Client) -> Self {
        let note: Note = text(client, "/log/checkpoint").parse().unwrap();
        let checkpoint: Checkpoint = note.text().parse().unwrap();
        let tile = Tile::of_tree(Row::Entries, 0, checkpoint.size).unwrap();
        let entries = client.bytes(&format!("/log/{tile}"));
        let entries: Vec<Vec<u8>> = bundle::entries(&entries)
            .map(|it| it.unwrap().to_vec())
            .collect();
        let records = client.bytes(&format!("/log/{tile}").replace("tile/entries", "records"));
        let lines = records.split(|byte| *byte == b'\n');
        let lines = lines.take(entries.len()).map(<[u8]>::to_vec).collect();
        let mut charters = BTreeMap::new();
        for bytes in &entries {
            if let Event::CharterPublished { digest, .. } = Entry::parse(bytes).unwrap().event {
                let path = format!("/log/charters/{digest}");
                charters.insert(path.clone(), client.bytes(&path));
            }
        }
        let lists = ["/status/revocation/1", "/status/suspension/1"];
        let lists = lists.map(|path| (path.to_owned(), client.bytes(path)));
        let key = |name: &str| {
            let path = host.key_folder().join(format!("{name}.pem"));
            let pem = fs::read_to_string(path).unwrap();
            Arc::new(SecretKey::from_pkcs8_pem(&pem).unwrap())
        };
        Self {
            entries,
            lines,
            charters,
            fixed: BTreeMap::new(),
            lists: lists.into(),
            policy: client.bytes("/v1/policy"),
            record_key: key("record"),
            log_key: key("log"),
            clock_key: key("clock"),
            ahead: TimeDelta::zero(),
            origin: ORIGIN.to_owned(),
            has_clock: true,
        }
    }

    /// The first entries alone.
    pub fn cut(mut self, size: usize) -> Self {
        self.entries.truncate(size);
        self.lines.truncate(size);
        self
    }

    pub fn entry(&self, index: usize) -> Entry {
        Entry::parse(&self.entries[index]).unwrap()
    }

    /// The index of the first entry, from `from` on, of which this is so.
    pub fn find(&self, from: usize, is_it: impl Fn(&Event) -> bool) -> usize {
        let mut all = from..self.entries.len();
        all.find(|index| is_it(&self.entry(*index).event)).unwrap()
    }

    pub fn put(&mut self, index: usize, event: Event) {
        let at = self.entry(index).at;
        self.entries[index] = Entry { at, event }.to_bytes().unwrap();
    }

    pub fn push(&mut self, event: Event) {
        let at = self.entry(self.entries.len() - 1).at;
        self.push_bytes(Entry { at, event }.to_bytes().unwrap());
    }

    pub fn push_bytes(&mut self, bytes: Vec<u8>) {
        self.entries.push(bytes);
        self.lines.push(b"null".to_vec());
    }

    /// An entry whose record is this.
    pub fn push_record(&mut self, event: Event, record: Vec<u8>) {
        self.push(event);
        *self.lines.last_mut().unwrap() = record;
    }

    /// What everything so far comes to, as the next entry; as far as it can be replayed.
    pub fn close(&mut self) {
        let at = self.entry(self.entries.len() - 1).at;
        self.close_at(at);
    }

    pub fn close_at(&mut self, at: DateTime<Utc>) {
        let mut replay = Replay::default();
        for bytes in &self.entries {
            let entry = Entry::parse(bytes).unwrap();
            let earlier = replay
                .needs(&entry)
                .map(|index| self.entry(usize::try_from(index).unwrap()));
            replay
                .push(&entry, bytes, earlier.as_ref(), |_| {})
                .unwrap();
            replay.settle();
        }
        self.push_bytes(replay.state(at).to_bytes().unwrap());
    }

    /// A state that says what the one before said, which only a wrong log ends with.
    pub fn close_wrongly(&mut self) {
        let before = self.find_last_state();
        let Event::State { map, keys, .. } = self.entry(before).event else {
            unreachable!()
        };
        let size = u64::try_from(self.entries.len()).unwrap();
        self.push(Event::State { size, map, keys });
    }

    pub fn find_last_state(&self) -> usize {
        let mut all = (0..self.entries.len()).rev();
        all.find(|index| matches!(self.entry(*index).event, Event::State { .. }))
            .unwrap()
    }

    /// The newest checkpoint, signed.
    pub fn note(&self) -> String {
        let tree = tree_of(&self.entries);
        let checkpoint = Checkpoint {
            origin: self.origin.clone(),
            size: tree.size(),
            root: tree.root(),
        };
        let mut note = Note::unsigned(&checkpoint);
        note.sign(&self.origin, &self.log_key);
        if self.has_clock {
            let at = Clock::system().now() + self.ahead;
            let at = u64::try_from(at.timestamp()).unwrap();
            note.cosign("registry.example/clock", &self.clock_key, at);
        }
        note.to_string()
    }

    /// What its server says at a path.
    pub fn answer(&self, path: &str) -> Option<Vec<u8>> {
        if let Some(fixed) = self.fixed.get(path) {
            return Some(fixed.clone());
        }
        if path == "/log/checkpoint" {
            return Some(self.note().into_bytes());
        }
        if path == "/v1/policy" {
            return Some(self.policy.clone());
        }
        if let Some(known) = self.charters.get(path).or(self.lists.get(path)) {
            return Some(known.clone());
        }
        let size = u64::try_from(self.entries.len()).unwrap();
        let asked = path
            .strip_prefix("/log/")?
            .replace("records/", "tile/entries/");
        let asked: Tile = asked.parse().ok()?;
        if !asked.is_in_tree(size) {
            return None;
        }
        let width = usize::from(asked.width());
        let first = usize::try_from(asked.first()).unwrap();
        if path.starts_with("/log/records/") {
            let lines = self.lines[first..].iter().take(width);
            let lines = lines.map(|line| [line.as_slice(), b"\n"].concat());
            return Some(lines.collect::<Vec<_>>().concat());
        }
        let mut bytes = Vec::new();
        match asked.row() {
            Row::Entries => {
                for entry in self.entries[first..].iter().take(width) {
                    bundle::push(&mut bytes, entry).unwrap();
                }
            }
            Row::Hashes(level) => {
                let many = 256_usize.pow(level.into());
                let leaves = self.entries[first * many..].chunks(many).take(width);
                bytes.extend(leaves.flat_map(|leaves| *tree_of(leaves).root().as_bytes()));
            }
        }
        Some(bytes)
    }
}

/// The tree of these entries.
fn tree_of(entries: &[Vec<u8>]) -> Frontier {
    let mut tree = Frontier::default();
    for bytes in entries {
        tree.push(leaf_hash(bytes), |_| {});
    }
    tree
}

fn text(client: &Client, path: &str) -> String {
    String::from_utf8(client.bytes(path)).unwrap()
}
