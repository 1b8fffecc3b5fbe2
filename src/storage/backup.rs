//! Copies of the whole database: taken in one snapshot beside a running server, put back into an empty place.
//!
//! A copy of SQLite is a database file; one of PostgreSQL a file for each table, in `COPY`'s text format, in an order
//! in which they can be put back. Neither needs a program of the database's own.

mod postgres;
mod sqlite;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use charter_proof::canonical::Digest;
use diesel::{
    prelude::*,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{Connection, Database, Error, Result, on, schema::memoranda, types::Sha256};

/// The table in which the applied migrations stand.
const MIGRATIONS: &str = "__diesel_schema_migrations";

/// Which database a copy is of, and into which it can be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// SQLite.
    Sqlite,
    /// PostgreSQL.
    Postgres,
}

impl Kind {
    /// Which one a URL names.
    pub fn of(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            Self::Sqlite
        } else {
            Self::Postgres
        }
    }
}

/// A table as it was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns, in the order in which they were copied.
    pub columns: Vec<String>,
    /// How many rows it had.
    pub rows: u64,
}

/// What was copied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copied {
    /// Of which database.
    pub kind: Kind,
    /// The schema: the migrations that made it.
    pub migrations: Vec<String>,
    /// The tables, in an order in which they can be filled.
    pub tables: Vec<Table>,
}

impl Copied {
    /// The files that the copy is made of, in its folder.
    pub fn files(&self) -> Vec<PathBuf> {
        match self.kind {
            Kind::Sqlite => vec![PathBuf::from(sqlite::FILE)],
            Kind::Postgres => self
                .tables
                .iter()
                .map(|table| PathBuf::from(postgres::file_of(&table.name)))
                .collect(),
        }
    }
}

/// Copies the database into a folder. Whoever works with it meanwhile is not held up, and not half copied.
pub async fn copy(url: &str, folder: &Path) -> Result<Copied> {
    match url.strip_prefix("sqlite:") {
        Some(path) => sqlite::copy(path, folder).await,
        None => postgres::copy(url, folder).await,
    }
}

/// Puts a copy into a database that must be empty.
pub async fn restore(url: &str, folder: &Path, copied: &Copied) -> Result<()> {
    if Kind::of(url) != copied.kind {
        return Err(Error::Copy(format!(
            "the copy is of {:?}, and can be put back into no other database",
            copied.kind
        )));
    }
    match url.strip_prefix("sqlite:") {
        Some(path) => sqlite::restore(path, folder, copied),
        None => postgres::restore(url, folder, copied).await,
    }
}

/// A place on the same server in which a copy is put back for a trial, and which goes afterwards.
pub struct Trial {
    url: String,
    postgres: Option<String>,
}

impl Trial {
    /// A place for a trial: a SQLite file in this folder, or a schema of its own in the PostgreSQL database.
    pub async fn prepare(url: &str, folder: &Path) -> Result<Self> {
        if Kind::of(url) == Kind::Sqlite {
            let path = folder.join(sqlite::FILE);
            return Ok(Self {
                url: format!("sqlite:{}", path.display()),
                postgres: None,
            });
        }
        Ok(Self {
            url: postgres::prepare_trial(url).await?,
            postgres: Some(url.to_owned()),
        })
    }

    /// The database of the trial.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes it away.
    pub async fn end(self) -> Result<()> {
        match self.postgres {
            Some(url) => postgres::end_trial(&url).await,
            // The folder goes as a whole.
            None => Ok(()),
        }
    }
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// How many rows each table has.
pub async fn rows(conn: &mut Connection) -> Result<BTreeMap<String, u64>> {
    let tables = match conn {
        Connection::Sqlite(_) => {
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        }
        Connection::Postgres(_) => {
            "SELECT relname::text AS name FROM pg_class \
             WHERE relkind IN ('r', 'p') AND relnamespace = current_schema()::regnamespace"
        }
    };
    let names: Vec<Name> = on!(&mut *conn, |c| diesel::sql_query(tables).load(c))?;
    let mut rows = BTreeMap::new();
    for Name { name } in names.into_iter().filter(|table| table.name != MIGRATIONS) {
        let count = format!("SELECT count(*) AS rows FROM {}", quoted(&name));
        let Count { rows: found } = on!(&mut *conn, |c| diesel::sql_query(&count).get_result(c))?;
        rows.insert(name, u64::try_from(found).unwrap_or_default());
    }
    Ok(rows)
}

/// The digests of the uploaded files that rows name.
pub async fn named_files(conn: &mut Connection) -> Result<Vec<Digest>> {
    let named: Vec<Option<Sha256>> = on!(conn, |c| memoranda::table
        .filter(memoranda::file_digest.is_not_null())
        .select(memoranda::file_digest)
        .distinct()
        .load(c))?;
    Ok(named.into_iter().flatten().map(Into::into).collect())
}

/// Whether SQLite finds its file whole; of PostgreSQL nothing is asked, as it has checksums of its own.
pub async fn is_whole(database: &Database) -> Result<bool> {
    let mut conn = database.read().await?;
    match &mut conn {
        Connection::Sqlite(c) => {
            let check = "SELECT integrity_check AS name FROM pragma_integrity_check";
            let said: Vec<Name> = diesel::sql_query(check).load(c).await?;
            Ok(said.iter().all(|line| line.name == "ok"))
        }
        Connection::Postgres(_) => Ok(true),
    }
}

/// An identifier in quotation marks, as both databases take it.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// Which of the copy's migrations this program does not know.
fn check_known(known: &[String], copied: &Copied) -> Result<()> {
    match copied
        .migrations
        .iter()
        .find(|version| !known.contains(version))
    {
        Some(version) => Err(Error::Copy(format!(
            "the copy has migration {version}, which this program does not know: take the program that made the copy, \
             or a newer one"
        ))),
        None => Ok(()),
    }
}
