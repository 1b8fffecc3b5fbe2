//! Static publication: files that any web server serves in the registry's place.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use crate::{
    client::{CHARTER, Client, Registrar, Tokens, member_path},
    host::{Host, Instance},
    organisations::ogrn,
    postgres::TestDatabase,
};

/// Publishes into a folder of the host, and returns what was told.
fn publish(host: &Host, instance: &Instance, folder: &Path) -> String {
    let (from, to) = (
        format!("http://{}", instance.address),
        format!("file://{}", folder.display()),
    );
    host.answer(&["publish", "--from", &from, "--to", &to])
}

/// How many files were put, of what was told.
fn put(told: &str) -> u64 {
    let (_, rest) = told.split_once("published: ").unwrap();
    rest.split_once(' ').unwrap().0.parse().unwrap()
}

fn is_as_served(client: &Client, folder: &Path, path: &str, file: &str) {
    let published = fs::read(folder.join(file)).unwrap();
    assert_eq!(published, client.bytes(path), "{file}");
}

fn everything_is_published(host: &Host, empty: &Host) {
    host.publish(CHARTER);
    let tokens = Tokens::issue(host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let members: Vec<String> = (0..3).map(|it| client.admit(&json!([ogrn(it)]))).collect();
    let backup = host.folder().join("backup");
    host.answer(&["backup", backup.to_str().unwrap(), "--with-keys"]);
    let folder = host.folder().join("published");
    let first = publish(host, &instance, &folder);
    let again = publish(host, &instance, &folder);
    assert!(put(&again) < put(&first), "{first} {again}");

    let proposal = client
        .propose_exclusion(&members[0], Registrar::First)
        .done();
    client.approve(&proposal, Registrar::Second).done();
    publish(host, &instance, &folder);
    let of_charter = format!("v1/charters/{CHARTER}");
    for path in [
        "log/checkpoint",
        ".well-known/did.json",
        "v1/keys",
        "v1/policy",
        "status/revocation/1",
    ] {
        is_as_served(&client, &folder, &format!("/{path}"), path);
    }
    for form in [
        "members.ndjson",
        "members.csv",
        "members.jsonld",
        "events.atom",
    ] {
        let path = format!("{of_charter}/{form}");
        is_as_served(&client, &folder, &format!("/{path}"), &path);
    }
    let charter = format!("{of_charter}/index.json");
    is_as_served(&client, &folder, &format!("/{of_charter}"), &charter);
    for member in &members {
        let page = member_path(member);
        let file = format!("{}/index.json", &page[1..]);
        is_as_served(&client, &folder, &page, &file);
        let proof = format!("{page}/proof");
        is_as_served(&client, &folder, &proof, &proof[1..]);
    }
    // The proof by a number is a file, and proves what the registry's own does.
    let number = ogrn(0)["value"].as_str().unwrap().to_owned();
    let proof = folder.join(format!("{of_charter}/proofs/RU-OGRN/{number}"));
    let policy = folder.join("v1/policy");
    let asked = format!("RU-OGRN:{number}");
    let verdict = host
        .command(&[
            "verify",
            proof.to_str().unwrap(),
            "--policy",
            policy.to_str().unwrap(),
        ])
        .args(["--charter", CHARTER, "--ask", &asked])
        .output()
        .unwrap();
    let told = String::from_utf8(verdict.stdout).unwrap();
    assert!(told.starts_with("excluded: RU-OGRN:"), "{told}");

    // It is a copy from which the registry itself can be brought back.
    empty.answer(&["restore", backup.to_str().unwrap()]);
    fs::copy(
        host.folder().join("log.mark"),
        empty.folder().join("log.mark"),
    )
    .unwrap();
    empty.answer(&["log", "recover", "--from", folder.to_str().unwrap()]);
    let restored = empty.serve();
    let restored = Client::new(&restored.address, &tokens);
    assert_eq!(restored.member(&members[0]).done()["status"], "excluded");
}

#[test]
fn what_a_registry_on_sqlite_serves_is_published_as_files() {
    everything_is_published(&Host::on_sqlite(), &Host::on_sqlite());
}

#[test]
fn what_a_registry_on_postgresql_serves_is_published_as_files() {
    let (Some(database), Some(other)) = (TestDatabase::create(), TestDatabase::create()) else {
        return;
    };
    everything_is_published(&Host::on(database.url()), &Host::on(other.url()));
}

/// Every file in a folder and what it holds.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            let content = fs::read(&path).unwrap();
            found.insert(path, content);
        }
    }
    found
}

#[test]
fn nothing_newer_and_nothing_of_another_log_is_replaced() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    let older = fs::read(host.folder().join("registry.db")).unwrap();
    host.publish("open-government");
    let folder = host.folder().join("published");
    let instance = host.serve();
    publish(&host, &instance, &folder);
    drop(instance);
    let published = fs::read(folder.join("log/checkpoint")).unwrap();

    let other = Host::on_sqlite();
    fs::write(other.folder().join("registry.db"), older).unwrap();
    fs::create_dir(other.key_folder()).unwrap();
    for key in fs::read_dir(host.key_folder()).unwrap() {
        let key = key.unwrap();
        fs::copy(key.path(), other.key_folder().join(key.file_name())).unwrap();
    }
    other.accept_head();
    let behind = other.serve();
    let from = format!("http://{}", behind.address);
    let to = folder.display().to_string();
    let refused = other.refusal(&["publish", "--from", &from, "--to", &to]);
    assert!(refused.contains("not replaced by less"), "{refused}");
    assert_eq!(fs::read(folder.join("log/checkpoint")).unwrap(), published);
    drop(behind);
    // Once it went on by itself it is as large, and then larger, and another log all the same.
    let before = files(&folder);
    for change in [
        &["charter", "publish"][..],
        &["keys", "rotate", "record"][..],
    ] {
        match change {
            ["charter", ..] => other.publish("open-government"),
            _ => drop(other.answer(change)),
        }
        let forked = other.serve();
        let from = format!("http://{}", forked.address);
        let refused = other.refusal(&["publish", "--from", &from, "--to", &to]);
        assert!(refused.contains("do not continue the 6"), "{refused}");
        assert!(files(&folder) == before, "{change:?}");
    }
    // Where nobody answers nothing is put.
    let nowhere = other.folder().join("nowhere");
    other.refusal(&[
        "publish",
        "--from",
        "http://127.0.0.1:1",
        "--to",
        nowhere.to_str().unwrap(),
    ]);
    assert!(fs::read_dir(&nowhere).unwrap().next().is_none());
}

#[test]
fn an_interrupted_publication_leaves_the_checkpoint_of_before() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    client.admit(&json!([ogrn(0)]));
    let folder = host.folder().join("published");
    publish(&host, &instance, &folder);
    let before = fs::read(folder.join("log/checkpoint")).unwrap();
    client.admit(&json!([ogrn(1)]));
    // A folder is in the way of a file that comes shortly before the end.
    let blocked = folder.join(format!("v1/charters/{CHARTER}/members.jsonld"));
    fs::remove_file(&blocked).unwrap();
    fs::create_dir(&blocked).unwrap();
    fs::write(blocked.join("x"), b"").unwrap();
    let (from, to) = (
        format!("http://{}", instance.address),
        folder.display().to_string(),
    );
    host.refusal(&["publish", "--from", &from, "--to", &to]);
    assert_eq!(fs::read(folder.join("log/checkpoint")).unwrap(), before);
    // Every bundle that the checkpoint names is there, and what is newer is there, too.
    let size: u64 = String::from_utf8(before)
        .unwrap()
        .lines()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    for name in ["tile/0", "tile/entries", "records"] {
        assert!(
            folder.join(format!("log/{name}/000.p/{size}")).exists(),
            "{name}"
        );
    }
    fs::remove_dir_all(&blocked).unwrap();
    publish(&host, &instance, &folder);
    let page: Value = client.get("/v1/events?limit=100").done();
    let last = page["items"].as_array().unwrap().len();
    assert!(
        folder
            .join(format!("log/tile/entries/000.p/{last}"))
            .exists()
    );
}
