//! A copy of SQLite: a database file, made by `VACUUM INTO` in one read transaction.
//!
//! The lock that keeps other processes from serving the database does not matter here: whoever copies only reads.

use std::{fs, path::Path};

use diesel::{SqliteConnection, sqlite::Sqlite};
use diesel_async::{
    AsyncConnection as _, RunQueryDsl as _, SimpleAsyncConnection as _,
    sync_connection_wrapper::SyncConnectionWrapper,
};

use super::{Copied, Kind, MIGRATIONS, Name, Table, check_known, quoted};
use crate::storage::{Error, Result, SQLITE_MIGRATIONS, private_file};

/// The copy's one file.
pub(super) const FILE: &str = "database.sqlite";

type Connection = SyncConnectionWrapper<SqliteConnection>;

async fn open(path: &Path) -> Result<Connection> {
    let text = path.display().to_string();
    Connection::establish(&text)
        .await
        .map_err(|error| Error::Copy(format!("{text} cannot be opened: {error}")))
}

/// Copies the database at `path`.
pub(super) async fn copy(path: &str, folder: &Path) -> Result<Copied> {
    let from = Path::new(path);
    if !from.is_file() {
        return Err(Error::Copy(format!("there is no database at {path}")));
    }
    let file = folder.join(FILE);
    // An empty file that only its owner may read: SQLite fills it as it is.
    let made = private_file(&file.display().to_string());
    let made = made.map_err(|source| failed(&file, source))?;
    let mut conn = open(from).await?;
    let into = file.display().to_string().replace('\'', "''");
    conn.batch_execute(&format!(
        "PRAGMA busy_timeout = 10000; VACUUM INTO '{into}'"
    ))
    .await?;
    made.sync_all().map_err(|source| failed(&file, source))?;
    describe(&file).await
}

/// What the copy holds.
async fn describe(file: &Path) -> Result<Copied> {
    let mut conn = open(file).await?;
    let migrations = format!("SELECT version AS name FROM {MIGRATIONS} ORDER BY version");
    let migrations: Vec<Name> = diesel::sql_query(migrations).load(&mut conn).await?;
    let tables = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
    let names: Vec<Name> = diesel::sql_query(tables).load(&mut conn).await?;
    let mut tables = Vec::new();
    for Name { name } in names.into_iter().filter(|table| table.name != MIGRATIONS) {
        let columns = format!(
            "SELECT name FROM pragma_table_info('{}')",
            name.replace('\'', "''")
        );
        let columns: Vec<Name> = diesel::sql_query(columns).load(&mut conn).await?;
        let count = format!("SELECT count(*) AS rows FROM {}", quoted(&name));
        let count: super::Count = diesel::sql_query(count).get_result(&mut conn).await?;
        tables.push(Table {
            name,
            columns: columns.into_iter().map(|column| column.name).collect(),
            rows: u64::try_from(count.rows).unwrap_or_default(),
        });
    }
    Ok(Copied {
        kind: Kind::Sqlite,
        migrations: migrations.into_iter().map(|version| version.name).collect(),
        tables,
    })
}

/// Puts the copy where no database is.
pub(super) fn restore(path: &str, folder: &Path, copied: &Copied) -> Result<()> {
    check_known(&known()?, copied)?;
    let to = Path::new(path);
    for part in ["", "-wal", "-shm"] {
        let present = format!("{path}{part}");
        if Path::new(&present).exists() {
            return Err(Error::Copy(format!(
                "{present} exists: a copy goes only where nothing is"
            )));
        }
    }
    let made = || {
        if let Some(parent) = to.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            fs::create_dir_all(parent)?;
        }
        let mut file = private_file(path)?;
        std::io::copy(&mut fs::File::open(folder.join(FILE))?, &mut file)?;
        file.sync_all()
    };
    made().map_err(|source| failed(to, source))
}

fn known() -> Result<Vec<String>> {
    let known = diesel::migration::MigrationSource::<Sqlite>::migrations(&SQLITE_MIGRATIONS);
    let known = known.map_err(Error::Migration)?;
    Ok(known
        .iter()
        .map(|one| one.name().version().to_string())
        .collect())
}

fn failed(file: &Path, source: std::io::Error) -> Error {
    Error::Lock {
        path: file.display().to_string(),
        source,
    }
}
