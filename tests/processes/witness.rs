//! The program as a witness of other logs: every answer of `add-checkpoint`, and no two trees of one size.

use std::{collections::HashMap, fs, sync::Mutex, thread};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::{
    canonical::Digest,
    keys::SecretKey,
    merkle::{Nodes, consistency_proof, empty_root, leaf_hash, node_hash, root},
    note::{Checkpoint, Kind, Note, NoteKey, Signed},
};
use ureq::{Agent, http};

use crate::{
    drills::Drill,
    host::{Host, Instance},
    postgres::TestDatabase,
};

/// The log of these tests.
pub const ORIGIN: &str = "log.example/log";

/// A log that is nothing but its leaves.
#[derive(Clone)]
pub struct Leaves(Vec<Digest>);

impl Nodes for Leaves {
    type Error = ();

    fn node(&self, level: u8, index: u64) -> Result<Digest, ()> {
        match level.checked_sub(1) {
            None => Ok(self.0[usize::try_from(index).unwrap()]),
            Some(below) => Ok(node_hash(
                &self.node(below, 2 * index)?,
                &self.node(below, 2 * index + 1)?,
            )),
        }
    }
}

impl Leaves {
    /// So many leaves, which this word tells from others.
    pub fn of(count: u64, word: &str) -> Self {
        Self(Vec::new()).and(count, word)
    }

    /// These, and so many more.
    fn and(mut self, count: u64, word: &str) -> Self {
        for _ in 0..count {
            let leaf = format!("{word} {}", self.0.len());
            self.0.push(leaf_hash(leaf.as_bytes()));
        }
        self
    }

    fn size(&self) -> u64 {
        u64::try_from(self.0.len()).unwrap()
    }

    fn text(&self) -> String {
        let checkpoint = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: self.size(),
            root: root(self, self.size()).unwrap(),
        };
        checkpoint.to_string()
    }

    /// A request about this tree, from its first `old` leaves on.
    pub fn asked(&self, old: u64) -> String {
        let proof = consistency_proof(self, old, self.size()).unwrap();
        asked(old, &proof, &signed(&self.text()))
    }
}

/// The key of that log.
pub fn key() -> SecretKey {
    SecretKey::from_seed([7; 32])
}

fn signed(text: &str) -> String {
    let mut note = Note::new(text.to_owned()).unwrap();
    note.sign(ORIGIN, &key());
    note.to_string()
}

fn asked(old: u64, proof: &[Digest], note: &str) -> String {
    let lines = proof
        .iter()
        .map(|hash| STANDARD.encode(hash.as_bytes()) + "\n");
    format!("old {old}\n{}\n{note}", lines.collect::<String>())
}

/// A witness that runs.
pub struct Witness {
    /// Where it runs.
    pub host: Host,
    /// Its key, as those who trust it have it.
    pub key: NoteKey,
    name: String,
    instance: Option<Instance>,
    address: String,
}

impl Witness {
    /// A witness of this name for the logs of these keys.
    pub fn begin(host: Host, name: &str, logs: &str) -> Self {
        let key = host.answer(&["witness", "key", "--name", name]);
        fs::write(host.folder().join("logs.txt"), logs).unwrap();
        let mut witness = Self {
            host,
            key: key.parse().unwrap(),
            name: name.to_owned(),
            instance: None,
            address: "127.0.0.1:0".to_owned(),
        };
        witness.start();
        witness
    }

    /// Starts it at the address where it was.
    pub fn start(&mut self) {
        let command = [
            "witness", "serve", "--name", &self.name, "--logs", "logs.txt",
        ];
        let listen = ["--listen", &self.address];
        let begun = self.host.start_as(&[&command[..], &listen[..]].concat());
        let instance = begun.ready();
        self.address.clone_from(&instance.address);
        self.instance = Some(instance);
    }

    /// Kills it.
    pub fn kill(&mut self) {
        self.instance = None;
    }

    /// Where it is asked.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Asks, and returns status, media type and body; none of a witness that was killed meanwhile.
    fn attempt(&self, body: &str) -> Option<(u16, String, String)> {
        let request = http::Request::post(format!("{}/add-checkpoint", self.url()));
        answered(request.body(body.to_owned()).unwrap())
    }

    /// The same of one that runs.
    pub fn ask(&self, body: &str) -> (u16, String, String) {
        self.attempt(body).unwrap()
    }

    /// The checkpoint that it keeps of the log of this origin.
    pub fn kept(&self, origin: &str) -> (u16, String) {
        let origin = Digest::of(origin.as_bytes());
        let request = http::Request::get(format!("{}/{origin}/checkpoint", self.url()));
        let (status, _, body) = answered(request.body(String::new()).unwrap()).unwrap();
        (status, body)
    }

    /// The size that it says it cosigned last.
    fn size(&self) -> u64 {
        let (status, media_type, body) = self.ask(&Leaves::of(0, "").asked(0));
        if status == 200 {
            return 0;
        }
        assert_eq!((status, media_type.as_str()), (409, "text/x.tlog.size"));
        body.strip_suffix('\n').unwrap().parse().unwrap()
    }
}

fn answered(request: http::Request<String>) -> Option<(u16, String, String)> {
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None);
    let agent: Agent = config.build().into();
    let mut answer = agent.run(request).ok()?;
    let media_type = answer.headers().get("content-type");
    let media_type = media_type.map_or_else(String::new, |it| it.to_str().unwrap().to_owned());
    let body = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), media_type, body))
}

/// The same as those know it who verify.
pub fn vkey() -> String {
    let key = NoteKey::new(ORIGIN.to_owned(), Kind::Plain, key().public());
    key.unwrap().to_string()
}

/// What a cosignature line says of a checkpoint, by the witness's key.
fn cosigned(witness: &Witness, text: &str, lines: &str) -> Option<Signed> {
    let note: Note = format!("{text}\n{lines}").parse().unwrap();
    assert_eq!(note.signatures().len(), 1, "{lines}");
    witness.key.verify(&note).ok()
}

fn every_answer_is_as_the_protocol_says(host: Host) {
    let mut witness = Witness::begin(host, "witness.example/w1", &vkey());
    let (five, eight) = (Leaves::of(5, "a"), Leaves::of(8, "a"));
    assert_eq!(witness.kept(ORIGIN).0, 404);

    let other = SecretKey::from_seed([8; 32]);
    let by = |key: &SecretKey, origin: &str| {
        let text = five.text().replace(ORIGIN, origin);
        let mut note = Note::new(text).unwrap();
        note.sign(origin, key);
        asked(0, &[], &note.to_string())
    };
    // A line in the known key's name that is not its signature: one letter in the middle of it is another.
    let spoilt = five.asked(0);
    let place = spoilt.len() - 20;
    let letter = if &spoilt[place..=place] == "A" {
        "B"
    } else {
        "A"
    };
    let spoilt = format!("{}{letter}{}", &spoilt[..place], &spoilt[place + 1..]);
    let empty = |root: Digest| {
        let text = Checkpoint {
            origin: ORIGIN.to_owned(),
            size: 0,
            root,
        };
        asked(0, &[], &signed(&text.to_string()))
    };
    let some = [Digest::of(b"some")];
    let status = |body: &str| witness.ask(body).0;
    for (body, expected) in [
        (String::new(), 400),
        (five.asked(0).replace("old 0", "old 00"), 400),
        (five.asked(0).replace("old 0", "old 6"), 400),
        (asked(0, &[some[0]; 64], &signed(&five.text())), 400),
        (five.asked(0).replace('\n', "\r\n"), 400),
        (by(&key(), "other.example/log"), 404),
        (by(&other, ORIGIN), 403),
        (spoilt, 403),
        (five.asked(1), 409),
        (asked(0, &some, &signed(&five.text())), 422),
        (empty(Digest::of(b"no tree")), 422),
        (empty(empty_root()), 200),
    ] {
        assert_eq!(status(&body), expected, "{body}");
    }
    // Nothing of this moved it.
    assert_eq!(witness.ask(&five.asked(1)).2, "0\n");
    let (status, _, lines) = witness.ask(&five.asked(0));
    assert_eq!(status, 200, "{lines}");
    assert!(matches!(cosigned(&witness, &five.text(), &lines), Some(Signed::At(time)) if time > 0));

    let forked = Leaves::of(5, "b");
    for (body, expected, said) in [
        (five.asked(0), 409, Some("5\n")),
        (eight.asked(4), 409, Some("5\n")),
        // The same again is cosigned again; another tree of its size never is.
        (five.asked(5), 200, None),
        (forked.asked(5), 422, None),
        (asked(5, &some, &signed(&five.text())), 422, None),
        (forked.clone().and(3, "b").asked(5), 422, None),
        (asked(5, &[], &signed(&eight.text())), 422, None),
        (eight.asked(5), 200, None),
        (eight.asked(5), 409, Some("8\n")),
    ] {
        let (status, media_type, told) = witness.ask(&body);
        assert_eq!(status, expected, "{body}: {told}");
        if let Some(said) = said {
            assert_eq!(
                (media_type.as_str(), told.as_str()),
                ("text/x.tlog.size", said)
            );
        }
    }

    // What it keeps has the log's signature and its own; a kill changes nothing of it.
    witness.kill();
    witness.start();
    let (status, kept) = witness.kept(ORIGIN);
    assert_eq!(status, 200);
    let kept: Note = kept.parse().unwrap();
    assert_eq!(kept.text(), eight.text());
    let log: NoteKey = vkey().parse().unwrap();
    assert_eq!(log.verify(&kept), Ok(Signed::Text));
    assert!(witness.key.verify(&kept).is_ok());
    assert_eq!(witness.size(), 8);
    // A log may extend its checkpoints; what is signed is signed with the extension.
    let extended = format!("{}by a line\n", Leaves::of(9, "a").text());
    let proof = consistency_proof(&Leaves::of(9, "a"), 8, 9).unwrap();
    let (status, _, lines) = witness.ask(&asked(8, &proof, &signed(&extended)));
    assert_eq!(status, 200);
    assert!(cosigned(&witness, &extended, &lines).is_some());
    assert!(cosigned(&witness, &Leaves::of(9, "a").text(), &lines).is_none());
    let refused = witness
        .host
        .refusal(&["witness", "key", "--name", "two words"]);
    assert!(refused.contains("cannot be named"), "{refused}");
}

#[test]
fn every_answer_of_a_witness_is_as_the_protocol_says_on_sqlite() {
    every_answer_is_as_the_protocol_says(Host::on_sqlite());
}

#[test]
fn every_answer_of_a_witness_is_as_the_protocol_says_on_postgres() {
    if let Some(database) = TestDatabase::create() {
        every_answer_is_as_the_protocol_says(Host::on(database.url()));
    }
}

/// Two continuations of one tree are sent at once by many, and the witness is killed amid that: one of them is cosigned
/// at most, and whatever was cosigned is continued by everything after it.
fn no_size_has_two_cosigned_trees(host: Host) {
    let drill = Drill::of("two trees of one size", 12);
    let mut witness = Witness::begin(host, "witness.example/w1", &vkey());
    let mut here = Leaves::of(0, "");
    let mut by_size: HashMap<u64, String> = HashMap::new();
    let mut refused = 0_u32;
    for round in drill.rounds() {
        let mut dice = drill.dice(round, 0);
        let grown = 1 + dice.throw(3);
        let trees =
            ["left", "right"].map(|word| here.clone().and(grown, &format!("{word} {round}")));
        let old = here.size();
        let given = Mutex::new(Vec::new());
        let is_killed = dice.throw(2) == 0;
        thread::scope(|scope| {
            for client in 0..8 {
                let (witness, tree, given) = (&witness, &trees[client % 2], &given);
                scope.spawn(move || {
                    if let Some((status, _, lines)) = witness.attempt(&tree.asked(old)) {
                        given.lock().unwrap().push((tree.text(), status, lines));
                    }
                });
            }
            if is_killed {
                // Whenever that falls among the answers.
                let id = witness.instance.as_ref().unwrap();
                id.kill_now();
            }
        });
        for (text, status, lines) in given.into_inner().unwrap() {
            if status == 200 {
                assert!(cosigned(&witness, &text, &lines).is_some());
                let first = by_size.entry(old + grown).or_insert_with(|| text.clone());
                assert_eq!(*first, text, "round {round}: two trees of one size");
            } else {
                assert!([409, 422].contains(&status), "{status}: {lines}");
                refused += 1;
            }
        }
        if is_killed {
            witness.kill();
            witness.start();
        }
        let size = witness.size();
        let (_, kept) = witness.kept(ORIGIN);
        if size == old {
            assert!(
                !by_size.contains_key(&(old + grown)),
                "what was cosigned is forgotten"
            );
        } else {
            assert_eq!(size, old + grown);
            let [left, right] = &trees;
            let kept: Note = kept.parse().unwrap();
            here = if kept.text() == left.text() {
                left
            } else {
                right
            }
            .clone();
            assert_eq!(kept.text(), here.text());
            let cosigned = by_size.get(&size);
            assert!(cosigned.is_none_or(|cosigned| *cosigned == here.text()));
        }
    }
    drill.passed(&format!(
        "{} sizes were cosigned, each once; {refused} requests were refused",
        by_size.len()
    ));
}

#[test]
fn no_size_has_two_cosigned_trees_however_many_ask_and_whenever_it_is_killed_on_sqlite() {
    no_size_has_two_cosigned_trees(Host::on_sqlite());
}

#[test]
fn no_size_has_two_cosigned_trees_however_many_ask_and_whenever_it_is_killed_on_postgres() {
    if let Some(database) = TestDatabase::create() {
        no_size_has_two_cosigned_trees(Host::on(database.url()));
    }
}
