//! The mirrors: a registry of two instances on PostgreSQL, and three mirrors on SQLite that cosign what it serves, each in
//! a network namespace of its own. Instances, mirrors and the database are killed, restarted, stopped, cut off and told
//! wrong times, while members come, change and go through either instance. Somebody outside collects every checkpoint and
//! cosignature; somebody with the log's key asks for cosignatures of other trees.
//!
//! No two trees of one size are ever cosigned, nothing is served without its quorum, nothing acknowledged is lost, and when
//! the faults are over each mirror comes to where the registry is, and its dumps are the registry's, byte for byte.

mod actor;
mod fault;
mod forger;
mod network;
mod observer;
mod writer;

use std::{
    fs,
    process::Child,
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use charter_proof::{canonical::Digest, keys::Purpose, note::NoteKey};
use charter_registry::log::key_files::{KeyFolder, Place};
use tempfile::TempDir;

use super::{Drill, Ending};
use crate::{
    audit,
    client::{Answer, CHARTER, Caller, Client, Registrar, Request, Tokens},
    clocks,
    host::Host,
    postgres::{self, execute},
    witness::{self, Leaves, Witness},
};
use actor::Actor;
use fault::{Fault, pause};
use forger::Forger;
use network::Network;
use observer::Observer;
use writer::{WRITERS, Writer};

/// How many instances and mirrors there are.
const INSTANCES: usize = 2;
const MIRRORS: usize = 3;

/// How many mirrors cosign what is served.
const QUORUM: usize = 2;

const ORIGIN: &str = "registry.example/log";

/// How long after the last fault everything is as it should be at the latest.
const CONVERGENCE: Duration = Duration::from_mins(2);

/// How long somebody waits for an answer who asks again anyway.
const IMPATIENCE: Duration = Duration::from_millis(700);

/// How long the registry's clients wait: longer than it waits for its database.
const PATIENCE: Duration = Duration::from_secs(15);

#[test]
fn on_postgres() {
    let drill = Drill::of("drill-mirrors", 2);
    let Some(mut site) = Site::open() else { return };
    let mut writers: Vec<Writer> = (0..WRITERS).map(Writer::new).collect();
    let (mut slowest, mut refused) = (Duration::ZERO, 0);
    for round in drill.rounds() {
        let mut dice = drill.dice(round, WRITERS);
        let faults = Fault::some(&mut dice, site.actors.len());
        let is_over = AtomicBool::new(false);
        let (observer, forger) = (site.observer.clone(), site.forger.clone());
        let clients = [(); WRITERS].map(|()| site.instances(PATIENCE));
        let (watched, witnesses) = (site.watched(), site.witnesses.clone());
        let forgeries = AtomicUsize::new(0);
        thread::scope(|scope| {
            for (number, (writer, clients)) in writers.iter_mut().zip(&clients).enumerate() {
                let (dice, is_over) = (drill.dice(round, number), &is_over);
                scope.spawn(move || writer.tell(clients, dice, is_over));
            }
            for (from, path, wanted, client) in &watched {
                let (observer, is_over) = (&observer, &is_over);
                scope.spawn(move || observer.watch(client, from, path, *wanted, is_over));
            }
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    for url in &witnesses {
                        let told = forger.try_at(url, ORIGIN, &observer);
                        forgeries.fetch_add(told, Ordering::Relaxed);
                    }
                }
            });
            let over = Ending(&is_over);
            site.suffer(&faults, &mut dice);
            drop(over);
        });
        for (number, (writer, clients)) in writers.iter_mut().zip(&clients).enumerate() {
            writer.settle(clients, drill.dice(round, number));
        }
        let took = site.converge();
        for (from, path, wanted, client) in site.watched() {
            if let Ok(note) = client.read(&path) {
                observer.note(&from, &String::from_utf8(note).unwrap(), wanted);
            }
        }
        assert_eq!(
            observer.violations(),
            Vec::<String>::new(),
            "round {round}: {faults:?}"
        );
        println!(
            "round {round}: {faults:?}: after {:.1} s all were where the registry was",
            took.as_secs_f64()
        );
        slowest = slowest.max(took);
        refused += forgeries.into_inner();
    }
    site.audit(&writers);
    let sizes = site.observer.check(&site.instances(PATIENCE)[0]);
    let sum = |count: fn(&Writer) -> usize| writers.iter().map(count).sum::<usize>();
    drill.passed(&format!(
        "{} requests acknowledged and {} repeated; {} checkpoints of {sizes} sizes looked at, one root for each; {refused} forged \
         ones refused; all were where the registry was {:.1} s after the last fault at the latest",
        sum(|it| it.acknowledged),
        sum(|it| it.failed),
        site.observer.notes(),
        slowest.as_secs_f64(),
    ));
}

/// Everybody who takes part, and what lies between them.
struct Site {
    /// The instances first.
    actors: Vec<Actor>,
    network: Network,
    tokens: Tokens,
    observer: std::sync::Arc<Observer>,
    forger: std::sync::Arc<Forger>,
    /// Where the mirrors are asked for cosignatures.
    witnesses: Vec<String>,
    database: String,
    _cluster: (Child, TempDir),
}

impl Site {
    /// Opens the registry, and has its mirrors follow. None where that cannot be.
    fn open() -> Option<Self> {
        let network = Network::of(MIRRORS)?;
        let faketime = clocks::faketime()?;
        let programs = postgres::or_skip(postgres::programs())?;
        let folder = TempDir::new().unwrap();
        let in_use = folder.path().join("in-use");
        fs::write(&in_use, "").unwrap();
        let (database, watcher) = postgres::or_skip(postgres::start(&programs, &in_use, &[]))?;

        let at = |number| format!("{}:8080", network.instance(number));
        let first = Host::on(&database).with("CHARTER_LISTEN", &at(0));
        first.publish(CHARTER);
        let tokens = Tokens::issue(&first);
        let second = Host::with_keys_of(&first, &database)
            .with("CHARTER_LISTEN", &at(1))
            .with("CHARTER_FILES", first.file_folder().to_str().unwrap());
        let listed = first.answer(&["keys", "list"]);
        let log = listed
            .split_whitespace()
            .find(|word| word.starts_with("registry.example/log+"));
        let log: NoteKey = log.unwrap().parse().unwrap();
        let signing = KeyFolder::at(first.key_folder()).read(Place::Active(Purpose::Log));

        let mirrors: Vec<Host> = (0..MIRRORS).map(|_| Host::on_sqlite()).collect();
        let mut policy = format!("log {log}\n");
        let (mut cosigners, mut witnesses) = (Vec::new(), Vec::new());
        for (number, host) in mirrors.iter().enumerate() {
            let (name, url) = (
                name(number),
                format!("http://{}:9000", network.mirror(number)),
            );
            let key = host.answer(&["witness", "key", "--name", &name]);
            let map = host.answer(&["witness", "key", "--name", &name, "--map"]);
            policy.push_str(&format!(
                "witness m{number} {key} {url}\nwitness m{number}-map {map} {url}\n"
            ));
            cosigners.push(key.parse().unwrap());
            witnesses.push(url);
        }
        policy.push_str(&format!("group enough {QUORUM} m0 m1 m2\nquorum enough\n"));
        let policy_file = first.folder().join("witnesses.policy");
        fs::write(&policy_file, policy).unwrap();
        let mut actors: Vec<Actor> = [first, second]
            .map(|host| host.with("CHARTER_WITNESS_POLICY", policy_file.to_str().unwrap()))
            .map(|host| Actor::new(clocks::with_clock(host, &faketime), &["serve"]))
            .into();
        actors.iter_mut().for_each(Actor::start);
        let own = Client::new(&at(0), &tokens).bytes("/v1/policy");
        for (number, host) in mirrors.into_iter().enumerate() {
            let policy_file = host.folder().join("registry.policy");
            fs::write(&policy_file, &own).unwrap();
            let (api, asked) = (
                network.mirror(number),
                format!("{}:9000", network.mirror(number)),
            );
            let host = host
                .with("CHARTER_LISTEN", &format!("{api}:8080"))
                .by(&network.words(number));
            let registry = format!("http://{}", at(Self::followed(number)));
            let command = [
                "mirror",
                &registry,
                "--every",
                "1",
                "--policy",
                policy_file.to_str().unwrap(),
                "--cosign",
                &name(number),
                "--cosign-listen",
                &asked,
            ];
            let mut mirror = Actor::new(clocks::with_clock(host, &faketime), &command);
            mirror.start();
            actors.push(mirror);
        }
        let site = Self {
            actors,
            network,
            tokens,
            observer: Observer::of(log, cosigners).into(),
            forger: Forger::with(signing.unwrap().unwrap()).into(),
            witnesses,
            database,
            _cluster: (watcher, folder),
        };
        site.converge();
        Some(site)
    }

    /// The instance that a mirror follows.
    const fn followed(mirror: usize) -> usize {
        mirror % INSTANCES
    }

    /// Clients of both instances.
    fn instances(&self, patience: Duration) -> [Client; 2] {
        [0, 1].map(|it| self.client(&format!("{}:8080", self.network.instance(it)), patience))
    }

    fn mirrors(&self, patience: Duration) -> Vec<Client> {
        let at = |it| format!("{}:8080", self.network.mirror(it));
        (0..MIRRORS)
            .map(|it| self.client(&at(it), patience))
            .collect()
    }

    fn client(&self, address: &str, patience: Duration) -> Client {
        Client::impatient(address, &self.tokens, patience)
    }

    /// Whoever gives checkpoints: what it is called, under which path, how many cosigned it, and a client.
    fn watched(&self) -> Vec<(String, String, usize, Client)> {
        let served = self
            .instances(IMPATIENCE)
            .into_iter()
            .chain(self.mirrors(IMPATIENCE));
        let served = served.enumerate().map(|(number, client)| {
            let who = if number < INSTANCES {
                "instance"
            } else {
                "mirror"
            };
            (
                format!("{who} {number}"),
                "/log/checkpoint".to_owned(),
                QUORUM,
                client,
            )
        });
        let kept = self.witnesses.iter().map(|url| {
            let client = self.client(url.strip_prefix("http://").unwrap(), IMPATIENCE);
            let path = format!("/{}/checkpoint", Digest::of(ORIGIN.as_bytes()));
            (format!("the witness at {url}"), path, 1, client)
        });
        served.chain(kept).collect()
    }

    /// Has all faults come, one after the other, and go.
    fn suffer(&mut self, faults: &[Fault], dice: &mut super::Dice) {
        // Something happens that can be lost.
        sleep(Duration::from_millis(700));
        for fault in faults {
            fault.begin(self);
            pause(dice, 400);
        }
        pause(dice, 2_000);
        for fault in faults {
            fault.end(self);
            pause(dice, 400);
        }
    }

    /// Kills a process of the database, which ends all others of it and recovers.
    fn kill_database(&self) {
        let killed = execute(&self.database, "COPY (SELECT 1) TO PROGRAM 'kill -9 $PPID'");
        assert!(killed.is_err());
    }

    /// Waits until all are where the registry is; returns how long that took.
    fn converge(&self) -> Duration {
        let began = Instant::now();
        loop {
            match self.is_converged() {
                Ok(()) => return began.elapsed(),
                Err(why) => assert!(began.elapsed() < CONVERGENCE, "it does not converge: {why}"),
            }
            sleep(Duration::from_millis(100));
        }
    }

    fn is_converged(&self) -> Result<(), String> {
        let [first, second] = self.instances(PATIENCE);
        let ask = |client: &Client, path: &str| {
            let request = Request::get(Caller::Registrar(Registrar::First), path.to_owned());
            client.ask(&request).map(Answer::done)
        };
        let ready = ask(&first, "/readyz")?;
        if ready["witnesses"]["waiting"] != serde_json::Value::Null {
            return Err(ready.to_string());
        }
        let size = &ready["logSize"];
        let other = ask(&second, "/readyz")?;
        if other["logSize"] != *size || other["witnesses"] != ready["witnesses"] {
            return Err(format!("{ready}, {other}"));
        }
        let mirrors = self.mirrors(PATIENCE);
        for mirror in &mirrors {
            let told = ask(mirror, "/v1/mirror")?;
            if told["state"] != "following" || told["size"] != *size {
                return Err(format!("{told}, and the registry has {size}"));
            }
        }
        for form in ["ndjson", "csv", "jsonld"] {
            let path = format!("/v1/charters/{CHARTER}/members.{form}");
            let dump = first.read(&path)?;
            for other in mirrors.iter().chain([&second]) {
                if other.read(&path)? != dump {
                    return Err(format!("{path} differs"));
                }
            }
        }
        Ok(())
    }

    /// What was acknowledged is there once, in the database and for whoever reads it, and nothing else is.
    fn audit(&self, writers: &[Writer]) {
        let instances = self.instances(PATIENCE);
        for writer in writers {
            for client in &instances {
                writer.check(client);
            }
        }
        let found = audit::history(&self.database);
        let told = writers.iter().map(Writer::told);
        let (applications, changes) = told.fold((0, 0), |sum, it| (sum.0 + it.0, sum.1 + it.1));
        assert_eq!(found.applications, applications);
        assert_eq!(found.events.values().sum::<usize>(), changes);
        let checked = self.actors[0].host.answer(&["fsck"]);
        assert!(checked.ends_with(": whole"), "{checked}");
    }
}

/// As whom a mirror cosigns.
fn name(mirror: usize) -> String {
    format!("witness.example/m{mirror}")
}

/// What the drill looks for can be found: a witness that is killed cosigns no second tree, one whose database is lost does.
#[test]
fn the_observer_catches_a_witness_that_forgets() {
    let host = Host::on_sqlite();
    let mut witness = Witness::begin(host, "witness.example/w1", &witness::vkey());
    let log = witness::vkey().parse().unwrap();
    let observer = Observer::of(log, vec![witness.key.clone()]);
    let forger = Forger::with(witness::key());
    let (status, _, told) = witness.ask(&Leaves::of(5, "a").asked(0));
    assert_eq!(status, 200, "{told}");
    for _ in 0..2 {
        let refused = forger.try_at(&witness.url(), witness::ORIGIN, &observer);
        assert_eq!((refused, observer.violations()), (2, Vec::new()));
        witness.kill();
        witness.start();
    }
    witness.kill();
    for file in ["registry.db", "registry.db-wal", "registry.db-shm"] {
        let _ = fs::remove_file(witness.host.folder().join(file));
    }
    witness.start();
    forger.try_at(&witness.url(), witness::ORIGIN, &observer);
    let caught = observer.violations();
    assert!(caught[0].contains("two roots of one size"), "{caught:?}");
}
