//! Whatever a registry signs that cannot be, a mirror finds, accepts nothing of it, and shows to others.
//!
//! Whoever has the registry's database and its keys rewrites it all, mark included, and starts the registry on it. Where
//! its own gate finds that, a server without one tells the lie. What can be done without the keys is in `beside`.

mod beside;
mod checkpoints;
mod entries;
mod histories;
mod records;
mod rotated;
mod withheld;

use std::{
    fs,
    sync::{Arc, Mutex},
    thread,
};

use charter_proof::{
    evidence::{Claim, Evidence, Shown, verify_evidence},
    policy::Policy,
};
use serde_json::{Value, json};

use super::{
    Registry, awaited,
    book::{Book, ORIGIN, stranger},
    forging::{NOBODY, anchored},
    liar::Liar,
    size,
};
use crate::{
    client::{Client, Tokens},
    host::{Host, Instance},
};

/// What a mirror serves, whatever it is told.
const DUMP: &str = "/v1/charters/digital-ethics-of-childhood/members.ndjson";

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

/// Who tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// The registry itself, on its database rewritten so: nothing there is in its way.
    Opens,
    /// Its gate finds it and says so; a server without a gate tells it.
    Shut(&'static str),
    /// Somebody on the way: it stands in no database.
    Around,
}

/// What comes of it, and what the mirror says then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Evidence: the registry signed what cannot be.
    Evidence(&'static str),
    /// The mirror lags: nobody signed it.
    Lag(&'static str),
}

type Lie = (&'static str, When, Gate, Then, fn(&mut Book));

/// A registry of which everything happened that can, and a mirror that followed it.
struct Truth {
    registry: Host,
    mirror: Host,
    honest: Book,
    /// Tells the truth.
    teller: Liar,
    policy: String,
    tokens: Tokens,
    dump: Vec<u8>,
    size: u64,
}

impl Truth {
    fn told() -> Self {
        let registry = Registry::on(Host::on_sqlite());
        registry.story();
        let honest = Book::of(&registry.host, &registry.client);
        let policy = String::from_utf8(honest.policy.clone()).unwrap();
        let size = size(&registry.client);
        let dump = registry.client.bytes(DUMP);
        let mirror = stranger_to(&policy);
        let (follows, client) = registry.mirrored(&mirror, &["--policy", "policy"]);
        awaited(&client, "following", size);
        let Registry {
            host,
            instance,
            tokens,
            ..
        } = registry;
        for ended in [follows, instance] {
            assert_eq!(ended.end().0, Some(0));
        }
        Self {
            registry: host,
            mirror,
            teller: Liar::serve(honest.clone()),
            honest,
            policy,
            tokens,
            dump,
            size,
        }
    }

    /// Whoever tells the lie, and where.
    fn lying(&self, name: &str, gate: Gate, lying: &Book) -> (Option<(Host, Instance)>, String) {
        let alone = || (None, Liar::serve(lying.clone()).address);
        if gate == Gate::Around {
            return alone();
        }
        let host = self.registry.copy();
        lying.write_into(&host);
        let Gate::Shut(words) = gate else {
            let instance = host.serve();
            let address = instance.address.clone();
            return (Some((host, instance)), address);
        };
        let refused = host.refusal(&["serve"]);
        assert!(refused.contains(words), "{name}: {refused}");
        alone()
    }

    /// Tells a lie to a mirror of its own.
    fn or(&self, (name, when, gate, then, lie): Lie) {
        let mut lying = self.honest.clone();
        lie(&mut lying);
        let (_teller, address) = self.lying(name, gate, &lying);
        let is_first = when == When::First;
        let host = if is_first {
            stranger_to(&self.policy)
        } else {
            self.mirror.copy()
        };
        let mirror = host.mirror(&address, &["--policy", "policy"]);
        let client = Client::new(&mirror.address, &self.tokens);
        let (state, words) = match then {
            Then::Evidence(words) => ("contradicted", words),
            Then::Lag(words) => ("stale", words),
        };
        let told = super::state(&client, |told| {
            told["state"] == state && !told["detail"].is_null()
        });
        let detail = told["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{name}: {told}");
        let served = (!is_first).then_some(self.size);
        assert_eq!(told["size"], json!(served), "{name}: {told}");
        if !is_first {
            assert!(client.bytes(DUMP) == self.dump, "{name}");
        }
        if matches!(then, Then::Evidence(_)) {
            checked(&host, &self.policy, &told);
            return;
        }
        assert!(told["evidence"].is_null(), "{name}: {told}");
        // Once the registry tells the truth again, the mirror follows.
        drop(mirror);
        let mirror = host.mirror(&self.teller.address, &["--policy", "policy"]);
        awaited(
            &Client::new(&mirror.address, &self.tokens),
            "following",
            self.size,
        );
    }
}

/// A mirror that has asked nobody yet, and knows whom to trust.
fn stranger_to(policy: &str) -> Host {
    let host = Host::on_sqlite();
    fs::write(host.folder().join("policy"), policy).unwrap();
    host
}

/// Checks the evidence that the mirror speaks of with `charter_proof` alone, and with the program.
fn checked(host: &Host, policy: &str, told: &Value) {
    let file = told["evidence"]
        .as_str()
        .unwrap_or_else(|| panic!("{told}"));
    let bytes = fs::read(host.folder().join(file)).unwrap();
    let shown = verify_evidence(&bytes, &Policy::parse(policy).unwrap());
    assert!(shown.is_ok(), "{told}: {shown:?}");
    let verdict = host.answer(&["verify", file, "--policy", "policy"]);
    assert!(verdict.starts_with("contradiction: "), "{verdict}");
}

/// Tells all of them, four at a time.
fn tell(tables: [&[Lie]; 2], many: usize) {
    let truth = Truth::told();
    let lies = tables.into_iter().flatten();
    let lies = lies.flat_map(|(name, when, gate, then, lie)| {
        let to: &[When] = match when {
            When::Always => &[When::First, When::Later],
            When::First => &[When::First],
            When::Later => &[When::Later],
        };
        to.iter().map(|when| (*name, *when, *gate, *then, *lie))
    });
    let lies: Vec<Lie> = lies.collect();
    assert_eq!(lies.len(), many);
    let waiting = Arc::new(Mutex::new(lies.into_iter()));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let next = waiting.lock().unwrap().next();
                    let Some(lie) = next else { return };
                    truth.or(lie);
                }
            });
        }
    });
}

#[test]
fn another_history_or_other_records_are_found_none_is_accepted_and_what_was_signed_convinces_others()
 {
    tell([histories::LIES, records::LIES], 30);
}

#[test]
fn a_log_against_its_rules_is_found_none_is_accepted_and_what_was_signed_convinces_others() {
    tell([entries::LIES, checkpoints::LIES], 24);
}

#[test]
fn a_fork_that_one_mirror_alone_is_shown_is_found_by_it_and_beside_the_checkpoint_of_any_other() {
    let truth = Truth::told();
    let size = truth.honest.entries.len();
    let mut fork = truth.honest.clone().cut(size - 2);
    fork.grow_to(size - 1);
    let (_registry, address) = truth.lying("a fork", Gate::Opens, &fork);
    let hosts = [
        truth.mirror.copy(),
        truth.mirror.copy(),
        stranger_to(&truth.policy),
    ];
    let [one, other, newcomer] = [
        (&hosts[0], &address),
        (&hosts[1], &truth.teller.address),
        (&hosts[2], &address),
    ]
    .map(|(host, address)| {
        let mirror = host.mirror(address, &["--policy", "policy"]);
        let client = Client::new(&mirror.address, &truth.tokens);
        (mirror, client)
    });
    let told = super::state(&one.1, |told| told["state"] == "contradicted");
    checked(&hosts[0], &truth.policy, &told);
    // Whoever never saw the truth takes the fork for it, and tells others by its checkpoint.
    let [newer, older] = [newcomer, other].map(|(_mirror, client)| {
        awaited(&client, "following", truth.size);
        String::from_utf8(client.bytes("/log/checkpoint")).unwrap()
    });
    let claim = Claim::Fork {
        newer,
        older,
        path: Vec::new(),
        root: None,
    };
    let evidence = Evidence::new(ORIGIN.to_owned(), claim).to_bytes();
    let shown = verify_evidence(&evidence, &Policy::parse(&truth.policy).unwrap());
    assert!(matches!(shown, Ok(Shown::Fork { .. })), "{shown:?}");
}
