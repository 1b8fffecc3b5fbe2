//! The rolling restart: two instances on PostgreSQL behind nginx, as we ship its configuration, are replaced one after the
//! other, and the database is migrated, while 300 requests come each second. None of them fails.
//!
//! The program that is replaced and the one that replaces it are the same here. So the migrations are undone first that it
//! can do without: the one that starts finds a database as an older program left it, and migrates it beside the one that
//! serves. Then columns come to tables that are in use, as a later program's migration would add them.

mod load;
mod proxy;
mod script;

use std::{fs, net::TcpListener, path::Path, sync::atomic::AtomicBool, thread};

use super::{Drill, Ending};
use crate::{
    audit,
    client::{CHARTER, Client, Tokens},
    host::Host,
    locks::Held,
    organisations::ogrn,
    postgres::{TestDatabase, execute},
};
use proxy::Proxy;
use script::Script;

/// The migrations that the program can do without where it has no witnesses and is no mirror, the newest first.
const UNDONE: [&str; 4] = ["0017_told", "0015_feeds", "0014_witnesses", "0013_mirror"];

/// Tables that every request reads or writes.
const IN_USE: [&str; 4] = ["log_head", "records", "memberships", "applications"];

#[test]
fn on_postgres() {
    let drill = Drill::of("drill-rolling", 1);
    let (Some(database), true) = (TestDatabase::create(), proxy::is_there()) else {
        return;
    };
    let first = at_an_address(Host::on(database.url()));
    first.publish(CHARTER);
    let tokens = Tokens::issue(&first);
    let second = at_an_address(Host::with_keys_of(&first, database.url()))
        .with("CHARTER_FILES", first.file_folder().to_str().unwrap());
    let hosts = [&first, &second];
    let mut instances = hosts.map(Host::serve);
    let addresses = instances.each_ref().map(|it| it.address.clone());
    let proxy = Proxy::before(&addresses);
    let clients = addresses.each_ref().map(|it| Client::new(it, &tokens));
    let script = Script::begin(&Client::new(&proxy.address, &tokens), &clients);
    let is_over = AtomicBool::new(false);
    let client = || Client::new(&proxy.address, &tokens);
    let told = thread::scope(|scope| {
        let told = scope.spawn(|| load::send(client, &script, &is_over));
        let over = Ending(&is_over);
        for round in drill.rounds() {
            undo(database.url());
            for (place, host) in hosts.into_iter().enumerate() {
                let (status, log) = instances[place].replaced(|| host.serve());
                assert_eq!(status, Some(0), "{log:?}");
                add_columns(database.url(), &format!("of_{round}_{place}"));
            }
        }
        drop(over);
        told.join().unwrap()
    });
    let (failed, example) = (told.failures.len(), told.failures.first());
    assert_eq!(failed, 0, "of {} requests, such as {example:?}", told.sent);
    let (applied, amended) = script.check(&clients[0]);
    drop(instances);
    let found = audit::history(database.url());
    let changes = usize::try_from(script::MEMBERS).unwrap() + amended;
    assert_eq!(found.events.values().sum::<usize>(), changes);
    drill.passed(&format!(
        "{} requests in {:.1} s through nginx, {applied} applications and {amended} amendments among them: none failed; \
         half took no longer than {:?}, the slowest {:?}",
        told.sent,
        told.lasted.as_secs_f64(),
        told.usual,
        told.slowest,
    ));
}

/// A host whose instances keep their address, and end as `deploy/nginx.conf` wants it.
fn at_an_address(host: Host) -> Host {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    host.with("CHARTER_LISTEN", &free.local_addr().unwrap().to_string())
        .with("CHARTER_TRUSTED_PROXIES", "127.0.0.1")
        .with("CHARTER_DRAIN_DELAY", "2")
}

/// Undoes migrations beside the instances that serve.
fn undo(database: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/postgres");
    for migration in UNDONE {
        let step = fs::read_to_string(folder.join(migration).join("down.sql")).unwrap();
        let number = &migration[..4];
        let forgotten =
            format!("DELETE FROM __diesel_schema_migrations WHERE version = '{number}'");
        execute(database, &format!("BEGIN; {step}; {forgotten}; COMMIT")).unwrap();
    }
}

/// Adds a column to each table that is in use, as migrations do it: for a moment only they wait, and others behind them.
fn add_columns(database: &str, name: &str) {
    for table in IN_USE {
        let added = format!(
            "SET lock_timeout = '1s'; ALTER TABLE {table} ADD COLUMN {name} TEXT NOT NULL DEFAULT ''"
        );
        while let Err(error) = execute(database, &added) {
            assert!(error.contains("lock timeout"), "{table}: {error}");
        }
    }
}

#[test]
fn a_migration_that_has_to_wait_lets_others_pass() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    let host = Host::on(database.url());
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    undo(database.url());
    // Somebody writes records, and takes their time over it: the index of these has to wait.
    let held = Held::by(database.url(), "LOCK TABLE records IN ROW EXCLUSIVE MODE");
    let starting = Host::with_keys_of(&host, database.url());
    let starting = starting.start();
    held.wait_for_waiting(1);
    client.admit(&serde_json::json!([ogrn(1)]));
    held.release();
    starting.ready();
    execute(database.url(), "DROP INDEX records_charter").unwrap();
}
