//! Starting: several processes at once, and one too many.

use std::fs;

use charter_proof::entry::{Entry, Event};
use charter_registry::storage::{Database, log};

use crate::{
    audit::run,
    client::{CHARTER, Client, Tokens},
    host::Host,
    postgres::TestDatabase,
};

/// A host whose signing keys exist, as after a first start, for a database that is still empty.
fn with_keys(database_url: &str) -> Host {
    let host = Host::on_sqlite();
    host.answer(&["operator", "list"]);
    // What was published of another log is none of this one's business.
    fs::remove_file(host.folder().join("log.mark")).unwrap();
    Host::with_keys_of(&host, database_url)
}

#[test]
fn processes_that_start_together_on_an_empty_database_begin_one_log() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let first = with_keys(database.url());
    // They share the folder of keys and mark, as instances do.
    let starting: Vec<_> = (0..4).map(|_| first.start()).collect();
    let instances: Vec<_> = starting
        .into_iter()
        .map(crate::host::Starting::ready)
        .collect();
    let entries = run(async {
        let database = Database::connect(database.url()).await.unwrap();
        let mut conn = database.read().await.unwrap();
        log::entries(&mut conn, 0, 10).await.unwrap()
    });
    assert_eq!(entries.len(), 2);
    let entry = Entry::parse(&entries[0].1).unwrap();
    assert!(matches!(entry.event, Event::LogCreated { .. }));
    drop(instances);
    first.publish(CHARTER);
}

#[test]
fn a_second_process_needs_the_keys_of_the_first() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let first = Host::on(database.url());
    let _instance = first.serve();

    let without = Host::on(database.url());
    let refused = without.refusal(&["serve"]);
    let told = format!(
        "key of this log is not at {}",
        without.key_folder().display()
    );
    assert!(
        refused.contains(&told) && refused.contains("copy the key files"),
        "{refused}"
    );
    assert!(!without.key_folder().exists(), "no key may be made");

    let other = with_keys(database.url());
    let refused = other.refusal(&["serve"]);
    assert!(
        refused.contains("is not this log's") && refused.contains("copy the key files"),
        "{refused}"
    );

    fs::remove_dir_all(other.key_folder()).unwrap();
    Host::with_keys_of(&first, database.url()).serve();
}

#[test]
fn sqlite_serves_one_process() {
    let host = Host::on_sqlite();
    let instance = host.serve();
    for command in [&["serve"][..], &["operator", "list"], &["keys", "list"]] {
        let refused = host.refusal(command);
        let expected = "is in use by another process: SQLite serves one process; use PostgreSQL \
                        for several instances";
        assert!(refused.contains(expected), "{refused}");
    }
    drop(instance);
    // Killed, not stopped: the lock went with the process.
    host.answer(&["operator", "list"]);
}

#[test]
fn a_log_that_succeeds_another_names_it_and_its_last_checkpoint_for_ever() {
    let old = Host::on_sqlite();
    let begin = |host: &Host| {
        let output = host.command(&["operator", "list"]).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        output.status.success().then_some(()).ok_or(told)
    };
    let tokens = Tokens::issue(&old);
    let instance = old.serve();
    let client = Client::new(&instance.address, &tokens);
    let checkpoint = client.bytes("/log/checkpoint");
    drop(instance);
    let file = old.folder().join("checkpoint.txt");
    fs::write(&file, &checkpoint).unwrap();
    let succeeding = |host: Host| host.with("CHARTER_SUCCEEDS", file.to_str().unwrap());

    // It succeeds another log, not itself, and one that there already is succeeds what it began with.
    let itself = succeeding(Host::on_sqlite());
    let told = begin(&itself).unwrap_err();
    assert!(
        told.contains("names this log itself, registry.example/log"),
        "{told}"
    );
    let elsewhere = |host: Host| host.with("CHARTER_PUBLIC_URL", "https://successor.example");
    let new = succeeding(elsewhere(Host::on_sqlite()));
    begin(&new).unwrap();
    begin(&new).unwrap();
    let first = run(async {
        let database = Database::connect(&new.database_url()).await.unwrap();
        let mut conn = database.read().await.unwrap();
        log::entries(&mut conn, 0, 1).await.unwrap().remove(0)
    });
    let Event::LogCreated {
        previous, origin, ..
    } = Entry::parse(&first.1).unwrap().event
    else {
        panic!("{first:?}");
    };
    let previous = previous.unwrap();
    assert_eq!(origin, "successor.example/log");
    assert_eq!(previous.origin, "registry.example/log");
    assert_eq!(previous.checkpoint.as_bytes(), checkpoint);

    let unrelated = elsewhere(Host::on_sqlite());
    begin(&unrelated).unwrap();
    let told = begin(&succeeding(unrelated)).unwrap_err();
    assert!(
        told.contains("succeeds registry.example/log, and its first entry names none"),
        "{told}"
    );
    fs::write(&file, "registry.example/log\n1\n").unwrap();
    let told = begin(&succeeding(elsewhere(Host::on_sqlite()))).unwrap_err();
    assert!(
        told.contains("is not the last checkpoint of the log"),
        "{told}"
    );
}
