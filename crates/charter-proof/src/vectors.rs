//! Test vectors of every format of ours, made by the fixtures: `vectors/README.md` says what is in them.
//!
//! Whoever changes a format on purpose writes them anew: `UPDATE_VECTORS=1 cargo test -p charter-proof vectors`.

mod credentials;
mod log;
mod plain;
mod proofs;
mod story;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

use serde_json::Value;

/// The folders below `vectors` in which everything is made here.
const FOLDERS: [&str; 4] = ["formats", "log", "policies", "proofs"];

/// Files by their path below `vectors`.
type Files = BTreeMap<String, Vec<u8>>;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors")
}

/// JSON as people read it.
fn pretty(value: &Value) -> Vec<u8> {
    let mut text = serde_json::to_string_pretty(value).unwrap();
    text.push('\n');
    text.into_bytes()
}

/// What bytes of JSON text say in a vector: a text.
fn text(bytes: &[u8]) -> Value {
    std::str::from_utf8(bytes).unwrap().into()
}

fn files() -> Files {
    let mut files = Files::new();
    plain::add(&mut files);
    log::add(&mut files);
    credentials::add(&mut files);
    proofs::add(&mut files);
    files
}

fn committed() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for name in FOLDERS {
        let Ok(entries) = fs::read_dir(folder().join(name)) else {
            continue;
        };
        for entry in entries {
            let file = entry.unwrap().file_name().into_string().unwrap();
            found.insert(format!("{name}/{file}"));
        }
    }
    found
}

#[test]
fn the_vectors_are_those_that_the_fixtures_make() {
    let files = files();
    if env::var_os("UPDATE_VECTORS").is_some() {
        for name in FOLDERS {
            let _ = fs::remove_dir_all(folder().join(name));
            fs::create_dir_all(folder().join(name)).unwrap();
        }
        for (path, bytes) in &files {
            fs::write(folder().join(path), bytes).unwrap();
        }
    }
    let renew = "renew them: UPDATE_VECTORS=1 cargo test -p charter-proof vectors";
    for (path, bytes) in &files {
        let there = fs::read(folder().join(path)).unwrap_or_default();
        assert!(
            there == *bytes,
            "vectors/{path} is not what is made; {renew}"
        );
    }
    let made: BTreeSet<String> = files.into_keys().collect();
    assert_eq!(committed(), made, "{renew}");
}
