//! Whatever a registry signs that cannot be, a mirror finds, accepts nothing of it, and shows to others.
//!
//! A server that stops at nothing tells these lies; what comes of it when a registry's database is rewritten under the
//! program itself is in `rewriting`.

mod checkpoints;
mod entries;
mod histories;
mod records;

use std::{
    fs,
    sync::{Arc, Mutex},
    thread,
};

use charter_proof::{
    evidence::{Shown, verify_evidence},
    policy::Policy,
};
use serde_json::{Value, json};

use super::{
    Registry, awaited,
    book::{Book, stranger},
    forging::{NOBODY, anchored},
    liar::Liar,
};
use crate::{
    client::{CHARTER, Client},
    host::Host,
};

/// To whom the lie is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// To a mirror that asks for the first time.
    First,
    /// To one that has seen the truth.
    Later,
    /// To both.
    Always,
}

/// What comes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Evidence: the registry signed what cannot be.
    Evidence,
    /// The mirror lags: nobody signed it.
    Lag,
}

type Lie = (&'static str, When, Then, fn(&mut Book));

/// Checks the evidence that the mirror speaks of with `charter_proof` alone and with the program.
pub fn checked(host: &Host, policy: &str, told: &Value) -> Shown {
    let file = told["evidence"]
        .as_str()
        .unwrap_or_else(|| panic!("{told}"));
    let bytes = fs::read(host.folder().join(file)).unwrap();
    let shown = verify_evidence(&bytes, &Policy::parse(policy).unwrap());
    let verdict = host.answer(&["verify", file, "--policy", "policy"]);
    assert!(verdict.starts_with("contradiction: "), "{verdict}");
    shown.unwrap_or_else(|error| panic!("{told}: {error}"))
}

/// Tells a lie to a mirror of its own.
fn told(honest: &Book, registry: &Registry, (name, when, then, lie): Lie) {
    let mut lying = honest.clone();
    lie(&mut lying);
    let policy = String::from_utf8(honest.policy.clone()).unwrap();
    let size = u64::try_from(honest.entries.len()).unwrap();
    let first = if when == When::Later { honest } else { &lying };
    let liar = Liar::serve(first.clone());
    let host = Host::on_sqlite();
    fs::write(host.folder().join("policy"), &policy).unwrap();
    let mirror = host.mirror(&liar.address, &["--policy", "policy"]);
    let client = Client::new(&mirror.address, &registry.tokens);
    let dump = format!("/v1/charters/{CHARTER}/members.ndjson");
    let before = (when == When::Later).then(|| {
        awaited(&client, "following", size);
        client.bytes(&dump)
    });
    liar.show(lying);
    let state = match then {
        Then::Evidence => "contradicted",
        Then::Lag => "stale",
    };
    let told = super::state(&client, |told| {
        told["state"] == state && !told["detail"].is_null()
    });
    let served = before.as_ref().map(|_| size);
    assert_eq!(told["size"], json!(served), "{name}: {told}");
    if let Some(before) = before {
        assert!(client.bytes(&dump) == before, "{name}");
    }
    if then == Then::Evidence {
        checked(&host, &policy, &told);
        return;
    }
    assert!(told["evidence"].is_null(), "{name}: {told}");
    // Once the registry tells the truth again, the mirror follows.
    liar.show(honest.clone());
    awaited(&client, "following", size);
}

#[test]
fn every_lie_is_found_none_is_accepted_and_what_was_signed_convinces_others() {
    let registry = Registry::on(Host::on_sqlite());
    registry.story();
    let honest = Book::of(&registry.host, &registry.client);
    let tables = [
        histories::LIES,
        entries::LIES,
        records::LIES,
        checkpoints::LIES,
    ];
    let lies = tables.into_iter().flatten();
    let lies = lies.flat_map(|lie| match lie.1 {
        When::Always => vec![
            (lie.0, When::First, lie.2, lie.3),
            (lie.0, When::Later, lie.2, lie.3),
        ],
        _ => vec![*lie],
    });
    let lies: Vec<Lie> = lies.collect();
    assert_eq!(lies.len(), 48);
    let waiting = Arc::new(Mutex::new(lies.into_iter()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some(lie) = next else { return };
                    told(&honest, &registry, lie);
                }
            });
        }
    });
}
