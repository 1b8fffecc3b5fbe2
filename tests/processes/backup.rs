//! Backups: taken while clients write, tried out, put back into an empty place, with the same answers.

use std::{
    fs,
    path::Path,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use serde_json::{Value, json};

use crate::{
    client::{CHARTER, Client, Tokens},
    host::Host,
    organisations::ogrn,
    postgres::TestDatabase,
};

/// How many clients write while the backup is taken.
const WRITERS: u64 = 3;

/// A backup's folder, beside a host's data.
fn backup_of(host: &Host) -> String {
    let folder = host.key_folder().with_file_name("backup");
    folder.to_str().unwrap().to_owned()
}

/// Has clients bring in members for as long as `work` takes; returns what was acknowledged before it began.
fn under_load(clients: &[Client], work: impl FnOnce()) -> Vec<String> {
    let (ended, admitted) = (AtomicBool::new(false), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for (number, client) in (0_u64..).zip(clients) {
            let (ended, admitted) = (&ended, &admitted);
            scope.spawn(move || {
                for round in 0.. {
                    if ended.load(Ordering::Relaxed) {
                        break;
                    }
                    let member = client.admit(&json!([ogrn(round * WRITERS + number)]));
                    admitted.lock().unwrap().push(member);
                }
            });
        }
        // Each writer has most likely begun another one.
        while admitted.lock().unwrap().len() < 6 {
            thread::yield_now();
        }
        let before = admitted.lock().unwrap().clone();
        work();
        ended.store(true, Ordering::Relaxed);
        before
    })
}

/// Everything public about a member, and the scan of its memorandum.
fn answers_about(client: &Client, member: &str) -> Vec<Value> {
    let path = format!("/v1/charters/{CHARTER}/members/{member}");
    ["", "/history", "/record"]
        .iter()
        .map(|rest| client.get(&format!("{path}{rest}")).done())
        .collect()
}

fn backup_and_restore(host: &Host, empty: &Host) {
    host.publish(CHARTER);
    let tokens = Tokens::issue(host);
    let instance = host.serve();
    let clients: Vec<_> = (0..WRITERS)
        .map(|_| Client::new(&instance.address, &tokens))
        .collect();
    let backup = backup_of(host);
    let acknowledged = under_load(&clients, || {
        let told = host.answer(&["backup", &backup, "--with-keys"]);
        assert!(told.contains("private keys: yes"), "{told}");
    });
    host.answer(&["backup", &backup, "--verify"]);
    let refused = host.refusal(&["backup", &backup]);
    assert!(refused.contains("choose another place"), "{refused}");

    empty.answer(&["restore", &backup]);
    let checked = empty.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
    let refused = empty.refusal(&["restore", &backup]);
    assert!(
        refused.contains("not empty") || refused.contains("only where nothing is"),
        "{refused}"
    );
    // Whether this is the newest that was published, only the operator can know.
    empty.accept_head();
    let restored = empty.serve();
    let (old, new) = (&clients[0], Client::new(&restored.address, &tokens));
    for path in ["/v1/charters", "/v1/keys", "/.well-known/did.json"] {
        assert_eq!(new.get(path).done(), old.get(path).done(), "{path}");
    }
    let listed = format!("/v1/charters/{CHARTER}/members?limit=100");
    let members: Vec<String> = new.get(&listed).done()["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|member| member["id"].as_str().unwrap().to_owned())
        .collect();
    assert!(acknowledged.iter().all(|member| members.contains(member)));
    for member in &members {
        assert_eq!(answers_about(&new, member), answers_about(old, member));
    }
    // Work goes on where the backup ends.
    new.admit(&json!([ogrn(900_000)]));
    drop(restored);
    let checked = empty.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");

    for part in [
        "manifest.json",
        "keys.json",
        "database",
        "files",
        "private-keys",
    ] {
        let mode = permissions(&Path::new(&backup).join(part));
        assert_eq!(mode & 0o077, 0, "{part}: {mode:o}");
    }
    spoil_a_file(Path::new(&backup));
    let refused = host.refusal(&["backup", &backup, "--verify"]);
    assert!(refused.contains("has changed since"), "{refused}");
}

fn permissions(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Changes one byte of an uploaded file in the backup.
fn spoil_a_file(backup: &Path) {
    let scan = fs::read_dir(backup.join("files")).unwrap().next().unwrap();
    let path = scan.unwrap().path();
    let mut content = fs::read(&path).unwrap();
    content[0] ^= 1;
    fs::write(path, content).unwrap();
}

#[test]
fn a_backup_of_sqlite_under_load_is_put_back_whole() {
    backup_and_restore(&Host::on_sqlite(), &Host::on_sqlite());
}

#[test]
fn a_backup_of_postgresql_under_load_is_put_back_whole() {
    let (Some(database), Some(other)) = (TestDatabase::create(), TestDatabase::create()) else {
        return;
    };
    backup_and_restore(&Host::on(database.url()), &Host::on(other.url()));
}

#[test]
fn without_its_keys_a_backup_is_no_registry_that_signs() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    let backup = backup_of(&host);
    host.answer(&["backup", &backup]);
    assert!(!Path::new(&backup).join("private-keys").exists());
    let empty = Host::on_sqlite();
    empty.answer(&["restore", &backup]);
    let checked = empty.answer(&["fsck"]);
    assert!(checked.ends_with(": whole"), "{checked}");
    let refused = empty.refusal(&["serve"]);
    assert!(refused.contains("copy the key files"), "{refused}");
    let other = TestDatabase::create().map(|database| {
        let other = Host::on(database.url());
        other.refusal(&["restore", &backup])
    });
    assert!(other.is_none_or(|refused| refused.contains("no other database")));
}
