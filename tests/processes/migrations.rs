//! Migrations: each is undone by its other half, so that it can be carried out again.

use std::{fs, path::Path};

use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use tokio_postgres::NoTls;

use crate::{audit::run, postgres::TestDatabase};

/// Every migration carried out, all undone from the last to the first, and carried out again: what an undoing left
/// behind would be in the way.
fn there_and_back_and_there(database: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("migrations")
        .join(database);
    let entries = fs::read_dir(folder).unwrap();
    let mut steps: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    steps.sort();
    assert!(steps.len() >= 8);
    let half = |half: &str| {
        let steps = steps.iter().map(|step| step.join(half));
        let read = |path: std::path::PathBuf| {
            (
                path.display().to_string(),
                fs::read_to_string(path).unwrap(),
            )
        };
        steps.map(read).collect::<Vec<_>>()
    };
    let (there, mut back) = (half("up.sql"), half("down.sql"));
    back.reverse();
    [there.clone(), back, there].concat()
}

#[test]
fn every_migration_of_sqlite_can_be_undone() {
    let mut database = SqliteConnection::establish(":memory:").unwrap();
    database.batch_execute("PRAGMA foreign_keys = ON").unwrap();
    for (name, step) in there_and_back_and_there("sqlite") {
        let done = database.batch_execute(&step);
        done.unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}

#[test]
fn every_migration_of_postgres_can_be_undone() {
    let Some(database) = TestDatabase::create() else {
        return;
    };
    run(async {
        let connected = tokio_postgres::connect(database.url(), NoTls).await;
        let (client, connection) = connected.unwrap();
        tokio::spawn(connection);
        for (name, step) in there_and_back_and_there("postgres") {
            let done = client.batch_execute(&step).await;
            done.unwrap_or_else(|error| panic!("{name}: {error:?}"));
        }
    });
}
