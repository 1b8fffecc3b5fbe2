//! Somebody outside who remembers every checkpoint that was served, and holds the registry to them.

use std::sync::Mutex;

use charter_proof::{
    merkle::{Frontier, leaf_hash},
    note::{Checkpoint, Note},
    tile::{Row, bundle, tiles_of},
};

use crate::client::Client;

/// What was seen, and not held against a later log yet.
#[derive(Default)]
pub struct Onlooker(Mutex<Vec<Checkpoint>>);

impl Onlooker {
    /// Looks at the newest checkpoint until nobody answers any more.
    pub fn look_on(&self, client: &Client) {
        while let Some(note) = client.attempt_bytes("/log/checkpoint") {
            let checkpoint = read(&note);
            let mut seen = self.0.lock().unwrap();
            if seen.last() != Some(&checkpoint) {
                seen.push(checkpoint);
            }
        }
    }

    /// Reads the log entry by entry: it goes on from everything that was seen. Returns how many checkpoints that were.
    pub fn check(&self, client: &Client) -> usize {
        let seen = std::mem::take(&mut *self.0.lock().unwrap());
        goes_on_from(client, seen)
    }
}

/// Reads the log that is served entry by entry: it goes on from everything that was seen. Returns how many checkpoints
/// that were.
pub fn goes_on_from(client: &Client, mut seen: Vec<Checkpoint>) -> usize {
    let newest = read(&client.bytes("/log/checkpoint"));
    seen.push(newest.clone());
    seen.sort_by_key(|checkpoint| checkpoint.size);
    let count = seen.len();
    let mut waiting = seen.into_iter().peekable();
    let mut tree = Frontier::default();
    for tile in tiles_of(newest.size).filter(|tile| tile.row() == Row::Entries) {
        let bytes = client.bytes(&format!("/log/{}", tile.path()));
        for entry in bundle::entries(&bytes) {
            tree.push(leaf_hash(entry.unwrap()), |_| ());
            while let Some(then) = waiting.next_if(|then| then.size == tree.size()) {
                assert_eq!(then.root, tree.root(), "at {} entries", then.size);
            }
        }
    }
    assert_eq!(tree.size(), newest.size);
    let lost: Vec<u64> = waiting.map(|then| then.size).collect();
    assert!(lost.is_empty(), "served, and lost: {lost:?}");
    count
}

fn read(note: &[u8]) -> Checkpoint {
    let note: Note = std::str::from_utf8(note).unwrap().parse().unwrap();
    note.text().parse().unwrap()
}
