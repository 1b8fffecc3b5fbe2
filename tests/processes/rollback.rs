//! Last week's backup, put back by mistake: nothing is signed on it, whoever starts it and wherever.

use std::{fs, path::Path};

use crate::{client::CHARTER, drills::Drill, host::Host, postgres::TestDatabase};

/// How often each way is tried among the tests; `DRILL_ROUNDS` says otherwise.
const TIMES: u64 = 5;

/// The database's files of a host on SQLite that nobody uses.
fn kept(host: &Host) -> Vec<u8> {
    fs::read(host.folder().join("registry.db")).unwrap()
}

fn put_back(host: &Host, database: &[u8]) {
    for journal in ["registry.db-wal", "registry.db-shm"] {
        let _ = fs::remove_file(host.folder().join(journal));
    }
    fs::write(host.folder().join("registry.db"), database).unwrap();
}

#[test]
fn an_older_database_is_refused_as_often_as_it_is_put_back_and_the_newest_is_taken() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    let older = kept(&host);
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("charters");
    let other = fs::read_dir(shipped).unwrap().find_map(|file| {
        let path = file.unwrap().path();
        let slug = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (path.extension().is_some_and(|it| it == "toml") && slug != CHARTER).then_some(slug)
    });
    host.publish(&other.unwrap());
    let newest = kept(&host);
    for _ in Drill::of("an older database", TIMES).rounds() {
        put_back(&host, &older);
        for command in [&["serve"][..], &["operator", "list"]] {
            let refused = host.refusal(command);
            assert!(
                refused.contains("has less than what was published"),
                "{refused}"
            );
        }
        // Nothing was signed on it, whoever asked.
        assert_eq!(kept(&host).len(), older.len());
    }
    // An operator who accepts the older head is not obeyed where the mark knows more.
    let settings = format!("accept_head = \"{}\"\n", "0".repeat(64));
    fs::write(host.folder().join("charter-registry.toml"), settings).unwrap();
    assert!(host.refusal(&["serve"]).contains("has less than"));
    put_back(&host, &newest);
    host.serve();
}

#[test]
fn a_fresh_host_takes_no_log_whose_newest_head_nobody_accepts() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    for time in Drill::of("a fresh host", TIMES).rounds() {
        let fresh = Host::on_sqlite();
        fs::create_dir(fresh.key_folder()).unwrap();
        for key in fs::read_dir(host.key_folder()).unwrap() {
            let key = key.unwrap();
            fs::copy(key.path(), fresh.key_folder().join(key.file_name())).unwrap();
        }
        put_back(&fresh, &kept(&host));
        let refused = fresh.refusal(&["serve"]);
        assert!(refused.contains("there is no high-water mark"), "{refused}");
        // Having refused once, it does not take it the second time.
        let again = fresh.refusal(&["serve"]);
        assert!(again.contains("there is no high-water mark"), "{again}");
        if time == 0 {
            let settings = format!("accept_head = \"{}\"\n", "0".repeat(64));
            fs::write(fresh.folder().join("charter-registry.toml"), settings).unwrap();
            let other = fresh.refusal(&["serve"]);
            assert!(other.contains("nothing is accepted"), "{other}");
            fs::remove_file(fresh.folder().join("charter-registry.toml")).unwrap();
            fresh.accept_head();
            fresh.serve();
        }
    }
}

#[test]
fn another_registrys_database_is_refused_by_two_instances() {
    let (Some(one), Some(other)) = (TestDatabase::create(), TestDatabase::create()) else {
        return;
    };
    let host = Host::on(one.url());
    host.publish(CHARTER);
    // The same keys, the same address, and another history.
    let twin = Host::with_keys_of(&host, other.url());
    fs::remove_file(twin.folder().join("log.mark")).unwrap();
    twin.publish("open-government");
    let second = Host::with_keys_of(&host, other.url());
    let host = host.reaching(other.url());
    for _ in Drill::of("two instances on another database", TIMES).rounds() {
        for instance in [&host, &second] {
            let refused = instance.refusal(&["serve"]);
            assert!(
                refused.contains("contradicts what was published"),
                "{refused}"
            );
        }
    }
}
