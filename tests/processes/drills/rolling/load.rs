//! Requests that come whether or not those before them were answered: an open loop.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use super::script::Script;
use crate::client::Client;

/// How many requests come in a second.
const RATE: u32 = 300;

/// How many can be under way at once. Where that is not enough, later ones come late, and it shows in how long they took.
const SENDERS: usize = 64;

/// What came of the requests.
pub struct Told {
    /// How many were sent.
    pub sent: usize,
    /// For how long.
    pub lasted: Duration,
    /// How long half of them took at most, from when they were due.
    pub usual: Duration,
    /// How long the slowest took.
    pub slowest: Duration,
    /// What those that failed were told.
    pub failures: Vec<String>,
}

/// Sends the script's requests until it is over.
pub fn send(client: impl Fn() -> Client + Sync, script: &Script, is_over: &AtomicBool) -> Told {
    let (next, began) = (AtomicU64::new(0), Instant::now());
    let (took, failures) = (Mutex::new(Vec::new()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..SENDERS {
            scope.spawn(|| {
                let client = client();
                while !is_over.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let due = Duration::from_secs(number) / RATE;
                    thread::sleep(due.saturating_sub(began.elapsed()));
                    if let Err(failure) = script.send(&client, number) {
                        let failure = format!("{number} at {due:?}: {failure}");
                        failures.lock().unwrap().push(failure);
                    }
                    took.lock()
                        .unwrap()
                        .push(began.elapsed().saturating_sub(due));
                }
            });
        }
    });
    let mut took = took.into_inner().unwrap();
    took.sort_unstable();
    Told {
        sent: took.len(),
        lasted: began.elapsed(),
        usual: took[took.len() / 2],
        slowest: took[took.len() - 1],
        failures: failures.into_inner().unwrap(),
    }
}
