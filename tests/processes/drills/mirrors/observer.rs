//! Somebody outside who collects every checkpoint that anybody gives, and holds all of them against each other.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::sleep,
    time::Duration,
};

use charter_proof::note::{Checkpoint, Note, NoteKey};

use crate::{client::Client, drills::onlooker::goes_on_from};

/// What the observer knows, and whom.
pub struct Observer {
    log: NoteKey,
    cosigners: Vec<NoteKey>,
    seen: Mutex<BTreeMap<u64, (Checkpoint, String)>>,
    notes: AtomicUsize,
    /// What must never be.
    violations: Mutex<Vec<String>>,
}

impl Observer {
    /// An observer of the log of this key, who knows those who may cosign it.
    pub fn of(log: NoteKey, cosigners: Vec<NoteKey>) -> Self {
        Self {
            log,
            cosigners,
            seen: Mutex::default(),
            notes: AtomicUsize::default(),
            violations: Mutex::default(),
        }
    }

    /// Takes a checkpoint into account that somebody gave: it needs this many cosignatures.
    pub fn note(&self, from: &str, note: &str, wanted: usize) {
        if let Err(violation) = self.judge(note, wanted) {
            let mut violations = self.violations.lock().unwrap();
            violations.push(format!("{from}: {violation}:\n{note}"));
        }
    }

    fn judge(&self, text: &str, wanted: usize) -> Result<(), String> {
        let note: Note = text.parse().map_err(|error| format!("{error:?}"))?;
        let checkpoint: Checkpoint = note.text().parse().map_err(|error| format!("{error:?}"))?;
        let by_log = self.log.verify(&note);
        by_log.map_err(|error| format!("it is not the log's: {error:?}"))?;
        let cosigned = self
            .cosigners
            .iter()
            .filter(|key| key.verify(&note).is_ok())
            .count();
        if cosigned < wanted {
            return Err(format!(
                "{cosigned} cosigned it, and {wanted} are asked for"
            ));
        }
        self.notes.fetch_add(1, Ordering::Relaxed);
        let mut seen = self.seen.lock().unwrap();
        let (first, its_note) = seen
            .entry(checkpoint.size)
            .or_insert_with(|| (checkpoint.clone(), text.to_owned()));
        if *first == checkpoint {
            return Ok(());
        }
        Err(format!(
            "two roots of one size; the other one is:\n{its_note}"
        ))
    }

    /// Looks at what lies at this path again and again, which needs this many cosignatures.
    pub fn watch(
        &self,
        client: &Client,
        from: &str,
        path: &str,
        wanted: usize,
        is_over: &AtomicBool,
    ) {
        let mut last = String::new();
        while !is_over.load(Ordering::Relaxed) {
            if let Ok(note) = client.read(path) {
                let note = String::from_utf8(note).unwrap();
                if note != last {
                    self.note(from, &note, wanted);
                    last = note;
                }
            }
            sleep(Duration::from_millis(20));
        }
    }

    /// Nothing was seen that must not be.
    pub fn violations(&self) -> Vec<String> {
        self.violations.lock().unwrap().clone()
    }

    /// The log that is served goes on from everything that was seen: returns how many sizes those were.
    pub fn check(&self, client: &Client) -> usize {
        let seen = self.seen.lock().unwrap();
        let seen = seen.values().map(|(checkpoint, _)| checkpoint.clone());
        goes_on_from(client, seen.collect())
    }

    /// How many checkpoints were looked at.
    pub fn notes(&self) -> usize {
        self.notes.load(Ordering::Relaxed)
    }
}
