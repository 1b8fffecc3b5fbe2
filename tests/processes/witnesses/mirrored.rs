//! Mirrors of a registry that cosign its checkpoints.

use std::{fs, thread};

use charter_proof::{
    note::{Note, NoteKey},
    verify::{Key, Question, Standing, Word, verify},
};
use charter_registry::clock::Clock;
use serde_json::json;

use super::{ORIGIN, given_out, ready, served, size};
use crate::{
    client::{CHARTER, Client, Tokens},
    host::Host,
    organisations::ogrn,
    witness::Witness,
};

/// A mirror that recomputes the map says so with its second key, for each checkpoint that it has: verifiers whose policy
/// wants that are told that the proof is witnessed.
#[test]
fn a_mirror_that_recomputed_the_map_says_so_and_proofs_are_witnessed() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let keys = host.answer(&["keys", "list"]);
    let mut words = keys.split_whitespace();
    let log = words.find(|word| word.starts_with("registry.example/log+"));
    let log = log.unwrap();
    let plain = Witness::begin(Host::on_sqlite(), "witness.example/plain", log);
    let mirroring = Host::on_sqlite();
    let key = |more: &[&str]| {
        let show = ["witness", "key", "--name", "witness.example/m1"];
        mirroring.answer(&[&show[..], more].concat())
    };
    let (cosigns, recomputes) = (key(&[]), key(&["--map"]));
    // The mirror listens where the registry was told to ask, once there is something to mirror.
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap()
    };
    let policy = format!(
        "log {log}\nwitness plain {} {}\nwitness m {cosigns} http://{port}\nwitness m-map {recomputes} http://{port}\n\
         group one any plain m\nquorum one\n",
        plain.key,
        plain.url()
    );
    let path = host.folder().join("witnesses.policy");
    fs::write(&path, policy).unwrap();
    let host = host.with("CHARTER_WITNESS_POLICY", path.to_str().unwrap());
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let listen = port.to_string();
    let more = ["--cosign", "witness.example/m1", "--cosign-listen", &listen];
    let mirror = mirroring.mirror(&instance.address, &more);

    let verifying = given_out(&client);
    assert_eq!(verifying.witnesses.len(), 3);
    for number in 1..=2 {
        let member = client.admit(&json!([ogrn(number)]));
        let question = Question {
            origin: ORIGIN.to_owned(),
            charter: CHARTER.to_owned(),
            key: Key::Member(member.parse().unwrap()),
        };
        // It is served with the plain witness's word at once, and the mirror's follows.
        let told = loop {
            let proof = client.bytes(&format!("/v1/charters/{CHARTER}/members/{member}/proof"));
            let told = verify(&proof, &question, &verifying, Clock::system().now());
            match told {
                Ok(told) if told.standing == Standing::Active && told.word == Word::Witnessed => {
                    break told;
                }
                _ => thread::yield_now(),
            }
        };
        assert_eq!(told.size, size(&client));
    }
    // Whoever asks the mirror is told to trust the same.
    let follows = Client::new(&mirror.address, &tokens);
    assert_eq!(follows.bytes("/v1/policy"), client.bytes("/v1/policy"));
}

/// The registry's log says which key signs from now on: who follows it need not be told by anybody else.
#[test]
fn a_mirror_that_cosigns_goes_on_when_the_registry_rotates_its_log_key() {
    let port = || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().to_string()
    };
    let (address, asked) = (port(), port());
    let host = Host::on_sqlite().with("CHARTER_LISTEN", &address);
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let keys = host.answer(&["keys", "list"]);
    let mut words = keys.split_whitespace();
    let log = words.find(|word| word.starts_with("registry.example/log+"));
    let mirroring = Host::on_sqlite();
    let cosigns = mirroring.answer(&["witness", "key", "--name", "witness.example/m1"]);
    let policy = format!(
        "log {}\nwitness m {cosigns} http://{asked}\nquorum m\n",
        log.unwrap()
    );
    let path = host.folder().join("witnesses.policy");
    fs::write(&path, policy).unwrap();
    let watched = host.with("CHARTER_WITNESS_POLICY", path.to_str().unwrap());
    let cosigned_at = |client: &Client| {
        let wanted = size(client);
        let key: NoteKey = cosigns.parse().unwrap();
        loop {
            // Before the first quorum there is nothing to serve.
            if ready(client)["witnesses"]["waiting"].is_null() {
                let (note, checkpoint) = served(client);
                if checkpoint.size == wanted {
                    assert!(key.verify(&note).is_ok(), "{note}");
                    return note;
                }
            }
            thread::yield_now();
        }
    };
    let instance = watched.serve();
    let more = ["--cosign", "witness.example/m1", "--cosign-listen", &asked];
    let mirror = mirroring.mirror(&instance.address, &more);
    let client = Client::new(&instance.address, &tokens);
    let follows = Client::new(&mirror.address, &tokens);
    let followed = |client: &Client| {
        let size = size(client);
        while follows.get("/v1/mirror").done()["size"] != size {
            thread::yield_now();
        }
    };
    client.admit(&json!([ogrn(1)]));
    cosigned_at(&client);
    drop(instance);

    watched.answer(&["keys", "rotate", "log", "--now"]);
    let instance = watched.serve();
    let client = Client::new(&instance.address, &tokens);
    let note = cosigned_at(&client);
    let by_log = |note: &Note| {
        note.signatures()
            .iter()
            .filter(|line| line.name == ORIGIN)
            .count()
    };
    assert_eq!(by_log(&note), 2);
    followed(&client);
    // What the mirror was told in the beginning signs no more.
    drop(instance);
    for file in fs::read_dir(watched.key_folder()).unwrap() {
        let path = file.unwrap().path();
        if path
            .file_name()
            .unwrap()
            .to_str()
            .unwrap()
            .starts_with("log.former-")
        {
            fs::remove_file(path).unwrap();
        }
    }
    let instance = watched.serve();
    let client = Client::new(&instance.address, &tokens);
    client.admit(&json!([ogrn(2)]));
    let note = cosigned_at(&client);
    assert_eq!(by_log(&note), 1);
}
