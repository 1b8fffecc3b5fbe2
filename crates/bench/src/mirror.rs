//! A first copy of a large registry: beside `curl` for the same bytes and bare ed25519-dalek for the same signatures, and
//! how soon a mirror that was killed goes on where it was.

use std::{
    fmt::Write as _,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread::{self, available_parallelism, sleep},
    time::{Duration, Instant},
};

use charter_proof::{
    batch::LARGEST_BATCH,
    canonical::{Digest, to_jcs},
    keys::PublicKey,
    note::{Checkpoint, Note},
    tile::{Row, Tile},
};
use ed25519_dalek::{Signature, VerifyingKey, verify_batch};
use serde_json::Value;

use crate::{
    client::Connection,
    figures::row,
    large,
    registry::{Folder, Server},
};

/// How many requests `curl` has under way at once: as many as a mirror.
const AT_ONCE: &str = "16";

/// How many entries a bundle has.
const BUNDLE: u64 = 256;

/// How often a mirror is asked how it stands.
const BEAT: Duration = Duration::from_millis(20);

/// Measures all of it; what is made is kept in this folder, and not made again.
pub fn measure(members: u64, keep: Option<&Path>) {
    let folder = keep.map_or_else(Folder::new, Folder::at);
    if folder.weight("registry.db") == 0 {
        folder.publish();
        large::fill(&folder, members);
    }
    let (server, _) = folder.serve();
    let copy = Copy::of(&server);
    let size = copy.size;
    row("log entries", "", &size.to_string());
    let (bytes, alone) = copy.by_curl(&[]);
    let (_, together) = copy.by_curl(&["--parallel", "--parallel-max", AT_ONCE]);
    let requests = copy.paths.len();
    row(
        &format!("`curl` of {bytes} bytes in {requests} requests"),
        "",
        &format!(
            "{} one after another, {} {AT_ONCE} at once",
            seconds(alone),
            seconds(together)
        ),
    );
    let (signatures, verified) = verified(&server, size);
    row(
        &format!("bare ed25519-dalek: {signatures} signatures in batches on all cores"),
        "",
        &seconds(verified),
    );
    let first = Mirror::start(&server, Folder::new());
    let took = first.wait(|told| told["size"] == size);
    let times = |downloaded: Duration| took.as_secs_f64() / (downloaded + verified).as_secs_f64();
    row(
        "a mirror's first copy, until it serves the log",
        "≤ 1.5 ×",
        &format!(
            "{}: {:.2} × `curl` and ed25519-dalek; {:.2} × with {AT_ONCE} requests at once",
            seconds(took),
            times(alone),
            times(together)
        ),
    );
    let spent = first.server.spent().total();
    row("… its processor time", "", &seconds(spent));
    let told = first.wait(|now| now["told"] == size);
    row("… until it answers about members", "", &seconds(told));
    let peak = first.server.peak_memory();
    let spent = first.server.spent().total();
    row("… its processor time", "", &seconds(spent));
    row(
        "… its memory at most",
        "≤ 1 GiB",
        &format!("{} MiB", peak / 1024),
    );
    row(
        "… its database",
        "",
        &format!("{} MiB", first.folder.weight("registry.db") >> 20),
    );
    first.server.end();
    resume(&server, size, "fetched");
    resume(&server, size, "told");
    server.end();
}

/// Kills a mirror half-way through what it counts by this name, and has it go on.
fn resume(server: &Server, size: u64, counted: &str) {
    let killed = Mirror::start(server, Folder::new());
    let count = |told: &Value| told[counted].as_u64().unwrap_or(0);
    killed.wait(|told| count(told) >= size / 2);
    let before = count(&killed.told().unwrap());
    let Mirror {
        server: dead,
        folder,
    } = killed;
    dead.kill();
    let again = Mirror::start(server, folder);
    let there = again.wait(|told| count(told) >= before);
    let beyond = again.wait(|told| count(told) > before);
    row(
        &format!("killed at {before} entries {counted}, it is there again after"),
        "≤ 2 s",
        &format!("{}; it went on after {}", seconds(there), seconds(beyond)),
    );
    let rest = again.wait(|told| told["told"] == size);
    row("… and has everything after", "", &seconds(rest));
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// What a first copy asks for.
struct Copy {
    base: String,
    paths: Vec<String>,
    size: u64,
}

impl Copy {
    fn of(server: &Server) -> Self {
        let mut connection = Connection::to(server.address).unwrap();
        let note = connection.get("/log/checkpoint").unwrap().body;
        let note: Note = String::from_utf8(note).unwrap().parse().unwrap();
        let checkpoint: Checkpoint = note.text().parse().unwrap();
        let size = checkpoint.size;
        let mut paths = vec!["/log/checkpoint".to_owned()];
        let tiles = |row| (0..).map_while(move |index| Tile::of_tree(row, index, size));
        paths.extend(tiles(Row::Hashes(1)).map(|tile| format!("/log/{tile}")));
        for tile in tiles(Row::Entries) {
            paths.push(format!("/log/{tile}"));
            paths.push(records_of(&tile));
        }
        for number in 1.. {
            let list = format!("/status/revocation/{number}");
            if connection.get(&list).unwrap().status != 200 {
                break;
            }
            paths.push(list.replace("revocation", "suspension"));
            paths.push(list);
        }
        Self {
            base: format!("http://{}", server.address),
            paths,
            size,
        }
    }

    /// How many bytes `curl` fetches, and how long it takes.
    fn by_curl(&self, more: &[&str]) -> (u64, Duration) {
        let mut asked = String::new();
        for path in &self.paths {
            let url = format!("{}{path}", self.base);
            writeln!(asked, "url = \"{url}\"\noutput = \"/dev/null\"").unwrap();
        }
        let folder = Folder::new();
        fs::write(folder.path().join("asked"), asked).unwrap();
        let began = Instant::now();
        let output = Command::new("curl")
            .current_dir(folder.path())
            .args(["--silent", "--fail", "--config", "asked"])
            .args(["--write-out", "%{size_download}\n"])
            .args(more)
            .stderr(Stdio::inherit())
            .output()
            .unwrap();
        let took = began.elapsed();
        assert!(output.status.success());
        let told = String::from_utf8(output.stdout).unwrap();
        let bytes = told.lines().map(|line| line.parse::<u64>().unwrap()).sum();
        (bytes, took)
    }
}

fn records_of(tile: &Tile) -> String {
    format!("/log/{tile}").replace("tile/entries", "records")
}

/// How many signatures of records there are, and how long ed25519-dalek takes for them on all cores.
fn verified(server: &Server, size: u64) -> (usize, Duration) {
    let mut connection = Connection::to(server.address).unwrap();
    let (mut messages, mut signatures, mut key) = (Vec::new(), Vec::new(), None);
    for index in 0..size.div_ceil(BUNDLE) {
        let tile = Tile::of_tree(Row::Entries, index, size).unwrap();
        let lines = connection.get(&records_of(&tile)).unwrap().body;
        for line in lines.split(|byte| *byte == b'\n') {
            if line.starts_with(b"{\"@context\"") {
                let (message, signature, by) = signed(line);
                messages.push(message);
                signatures.push(signature);
                key = Some(by);
            }
        }
    }
    let keys = vec![key.unwrap(); LARGEST_BATCH];
    let messages: Vec<&[u8]> = messages.iter().map(<[u8; 64]>::as_slice).collect();
    let cores = available_parallelism().unwrap().get();
    let share = messages.len().div_ceil(cores);
    let began = Instant::now();
    thread::scope(|scope| {
        for (messages, signatures) in messages.chunks(share).zip(signatures.chunks(share)) {
            let keys = &keys;
            scope.spawn(move || {
                let messages = messages.chunks(LARGEST_BATCH);
                for (messages, signatures) in messages.zip(signatures.chunks(LARGEST_BATCH)) {
                    verify_batch(messages, signatures, &keys[..messages.len()]).unwrap();
                }
            });
        }
    });
    (messages.len(), began.elapsed())
}

/// What a record's proof signs (WIRE §2), its signature and the key.
fn signed(record: &[u8]) -> ([u8; 64], Signature, VerifyingKey) {
    let mut document: Value = serde_json::from_slice(record).unwrap();
    let mut proof = document.as_object_mut().unwrap().remove("proof").unwrap();
    let value = proof.as_object_mut().unwrap().remove("proofValue").unwrap();
    let signature = bs58::decode(&value.as_str().unwrap()[1..])
        .into_vec()
        .unwrap();
    let (_, key) = proof["verificationMethod"]
        .as_str()
        .unwrap()
        .split_once('#')
        .unwrap();
    let key = PublicKey::from_multibase(key).unwrap();
    let hashed = [&proof, &document].map(|part| *Digest::of(&to_jcs(part).unwrap()).as_bytes());
    (
        hashed.concat().try_into().unwrap(),
        Signature::from_slice(&signature).unwrap(),
        VerifyingKey::from_bytes(key.as_bytes()).unwrap(),
    )
}

/// A mirror that runs.
struct Mirror {
    server: Server,
    folder: Folder,
}

impl Mirror {
    fn start(of: &Server, folder: Folder) -> Self {
        let server = folder.mirror(of);
        Self { server, folder }
    }

    /// What it says of itself, if it answers.
    fn told(&self) -> Option<Value> {
        let mut connection = Connection::to(self.server.address).ok()?;
        let answer = connection.get("/v1/mirror").ok()?;
        (answer.status == 200).then(|| serde_json::from_slice(&answer.body).unwrap())
    }

    /// How long since it was started until this is so.
    fn wait(&self, is_so: impl Fn(&Value) -> bool) -> Duration {
        let began = self.server.began();
        loop {
            let told = self.told();
            if told.as_ref().is_some_and(&is_so) {
                return began.elapsed();
            }
            sleep(BEAT);
        }
    }
}
