//! The erasure: in every place that holds something about persons a value of its own is planted, found where it should
//! be and nowhere else, and after the erasure nowhere at all, while every record still verifies.

mod canary;
mod places;
mod search;

use std::thread;

use serde_json::Value;

use super::Drill;
use crate::{
    client::CHARTER,
    client::{Caller, Client, Registrar, Request, Tokens},
    host::Host,
};
use canary::Planted;
use places::{Places, Server};
use search::{Mark, Needles};

/// How many clients plant and erase at the same time.
const HANDS: usize = 8;

#[test]
fn on_sqlite() {
    let host = telling(Host::on_sqlite());
    run("drill-erase on SQLite", &host, None);
}

#[test]
fn on_postgres() {
    if let Some(server) = Server::start() {
        let host = telling(Host::on(server.url()));
        run("drill-erase on PostgreSQL", &host, Some(&server));
    }
}

/// A host that lays letters down and logs as much as it ever does.
fn telling(host: Host) -> Host {
    host.with("CHARTER_LETTERS", "folder")
        .with("CHARTER_SECRETARIAT", "secretariat@registry.example")
        .with("CHARTER_LOG", "info,charter_registry=debug")
}

fn run(name: &'static str, host: &Host, server: Option<&Server>) {
    let drill = Drill::of(name, 8);
    host.publish(CHARTER);
    let places = Places::new(host, server);
    let tokens = Tokens::issue(host);

    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let planted = by_many_hands(&drill.rounds().collect::<Vec<_>>(), |number| {
        Planted::plant(&client, *number)
    });
    Places::until_letters_are_sent(&client);
    places.keep_public_answers(&client);
    let backup = places.backup("before");
    let (_, lines) = instance.end();
    places.keep_lines(&lines);
    let needles = Needles::of(&Mark::all());
    for folder in [&places.answers(), &host.folder().join("directory")] {
        needles.must_be_absent(folder);
    }
    for (mark, folders) in places.of_each_mark(&backup) {
        for folder in folders {
            Needles::of(&[mark]).must_be_found(mark, &folder);
        }
    }

    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    by_many_hands(&planted, |planted| planted.erase(&client));
    let (_, lines) = instance.end();
    places.keep_lines(&lines);
    assert_eq!(host.answer(&["timetable", "run", "purge"]), "1");
    places.let_go();

    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    by_many_hands(&planted, |planted| planted.is_gone(&client));
    places.keep_public_answers(&client);
    places.keep_answers_at_the_desk(&client, &planted);
    let backup = places.backup("after");
    let (_, lines) = instance.end();
    places.keep_lines(&lines);
    for folder in places.all(&backup) {
        needles.must_be_absent(&folder);
    }
    let whole = host.answer(&["fsck"]);
    assert!(whole.ends_with("whole"), "{whole}");
    drill.passed(&format!(
        "each with {} kinds of canaries, all found before; 0 found in {} files and {} MiB after: {whole}",
        Mark::all().len(),
        places.searched(&backup).0,
        places.searched(&backup).1 >> 20,
    ));
}

/// Does the work for each thing, several at a time; what it returned, in the order of the things.
fn by_many_hands<T: Sync, U: Send>(things: &[T], work: impl Fn(&T) -> U + Sync) -> Vec<U> {
    let size = things.len().div_ceil(HANDS).max(1);
    thread::scope(|scope| {
        let hands: Vec<_> = things
            .chunks(size)
            .map(|share| scope.spawn(|| share.iter().map(&work).collect::<Vec<_>>()))
            .collect();
        let done = hands.into_iter().map(|hand| hand.join().unwrap());
        done.flatten().collect()
    })
}

/// Sends a request that must succeed.
fn send(client: &Client, request: &Request) -> Value {
    client.attempt(request).unwrap().done()
}

/// A request of a clerk.
fn by_clerk(path: String, body: &Value) -> Request {
    Request::post(Caller::Clerk, path, body)
}

/// A request of a registrar.
fn by_registrar(path: String, body: &Value) -> Request {
    Request::post(Caller::Registrar(Registrar::First), path, body)
}
