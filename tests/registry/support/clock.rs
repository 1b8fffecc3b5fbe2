//! Time that stands still until a test moves it, and randomness that is the same in every run.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::Duration,
};

use charter_proof::canonical::Digest;
use charter_registry::clock::Source;
use chrono::{DateTime, TimeDelta, Utc};

/// The time at which every test begins.
const BEGINNING: &str = "2026-11-22T09:00:00Z";

/// A clock that a test sets, and a generator that counts.
pub struct TestClock {
    now: Mutex<DateTime<Utc>>,
    drawn: AtomicU64,
    is_real: AtomicBool,
}

impl TestClock {
    /// A clock at the beginning of every test.
    pub fn new() -> Self {
        Self {
            now: Mutex::new(BEGINNING.parse().unwrap()),
            drawn: AtomicU64::new(0),
            is_real: AtomicBool::default(),
        }
    }

    /// Has the clock taken for a real one, which the database's must agree with.
    pub fn be_real(&self) {
        self.is_real.store(true, Ordering::Relaxed);
    }

    /// Moves the clock on.
    pub fn pass(&self, time: TimeDelta) {
        *self.now.lock().unwrap() += time;
    }
}

impl Source for TestClock {
    fn now(&self) -> DateTime<Utc> {
        *self.now.lock().unwrap()
    }

    fn elapsed(&self) -> Duration {
        let beginning: DateTime<Utc> = BEGINNING.parse().unwrap();
        (self.now() - beginning).to_std().unwrap_or_default()
    }

    fn is_real(&self) -> bool {
        self.is_real.load(Ordering::Relaxed)
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(32) {
            let drawn = self.drawn.fetch_add(1, Ordering::Relaxed);
            let block = Digest::of_parts(&[b"seed of the tests", &drawn.to_be_bytes()]);
            chunk.copy_from_slice(&block.as_bytes()[..chunk.len()]);
        }
    }
}
