//! A copy of PostgreSQL: each table by `COPY` in text format, all in one snapshot.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{BufWriter, Read as _, Write as _},
    path::Path,
    pin::pin,
};

use diesel::pg::Pg;
use diesel_async::AsyncMigrationHarness;
use diesel_migrations::MigrationHarness as _;
use futures_util::{SinkExt as _, TryStreamExt as _};
use tokio_postgres::{Client, IsolationLevel, Transaction};

use super::{Copied, Kind, MIGRATIONS, Table, check_known, quoted};
use crate::storage::{Error, POSTGRES_MIGRATIONS, Result, postgres_tls::Target, private_file};

/// The schema in which a copy is put back for a trial.
const TRIAL: &str = "charter_backup_trial";

/// How much is sent at once.
const CHUNK: usize = 64 * 1024;

/// The file of a table.
pub(super) fn file_of(table: &str) -> String {
    format!("{table}.copy")
}

/// The tables with their columns.
const TABLES: &str = "SELECT c.relname::text, array_agg(a.attname::text ORDER BY a.attnum) \
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace \
    AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' GROUP BY 1 ORDER BY 1";

/// Which table refers to which.
const REFERENCES: &str = "SELECT DISTINCT c.relname::text, p.relname::text FROM pg_constraint k \
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid \
    WHERE k.contype = 'f' AND c.oid <> p.oid AND k.connamespace = current_schema()::regnamespace";

/// The sequences behind columns: table, column, sequence.
const SEQUENCES: &str = "SELECT c.relname::text, a.attname::text, \
    pg_get_serial_sequence(quote_ident(c.relname), a.attname) \
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
    WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 \
    AND NOT a.attisdropped AND pg_get_serial_sequence(quote_ident(c.relname), a.attname) IS NOT NULL";

/// Copies the database in one snapshot.
pub(super) async fn copy(url: &str, folder: &Path) -> Result<Copied> {
    let mut client = Target::parse(url)?.client().await?;
    let snapshot = client
        .build_transaction()
        .isolation_level(IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    let migrations = format!("SELECT version::text FROM {MIGRATIONS} ORDER BY version");
    let migrations = snapshot.query(&migrations, &[]).await?;
    let mut tables = in_order(&snapshot).await?;
    for table in &mut tables {
        table.rows = copy_table(&snapshot, table, folder).await?;
    }
    snapshot.commit().await?;
    Ok(Copied {
        kind: Kind::Postgres,
        migrations: migrations
            .iter()
            .map(|row| row.try_get(0))
            .collect::<Result<_, _>>()?,
        tables,
    })
}

/// The tables, those that others refer to first.
async fn in_order(snapshot: &Transaction<'_>) -> Result<Vec<Table>> {
    let mut waiting = Vec::new();
    for row in snapshot.query(TABLES, &[]).await? {
        let name: String = row.try_get(0)?;
        if name != MIGRATIONS {
            waiting.push(Table {
                name,
                columns: row.try_get(1)?,
                rows: 0,
            });
        }
    }
    let mut references: Vec<(String, String)> = Vec::new();
    for row in snapshot.query(REFERENCES, &[]).await? {
        references.push((row.try_get(0)?, row.try_get(1)?));
    }
    let mut placed = BTreeSet::new();
    let mut tables = Vec::new();
    while !waiting.is_empty() {
        let ready = |table: &Table| {
            let mut parents = references.iter().filter(|(child, _)| *child == table.name);
            parents.all(|(_, parent)| placed.contains(parent))
        };
        let (next, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(ready);
        if next.is_empty() {
            return Err(Error::Copy("tables refer to each other in a circle".into()));
        }
        placed.extend(next.iter().map(|table| table.name.clone()));
        tables.extend(next);
        waiting = rest;
    }
    Ok(tables)
}

fn columns(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().map(|name| quoted(name)).collect();
    format!("{} ({})", quoted(&table.name), columns.join(", "))
}

/// Copies a table into its file, and returns how many rows it has: each is a line.
async fn copy_table(snapshot: &Transaction<'_>, table: &Table, folder: &Path) -> Result<u64> {
    let path = folder.join(file_of(&table.name));
    let failed = |source| Error::Lock {
        path: path.display().to_string(),
        source,
    };
    let file = private_file(&path.display().to_string()).map_err(failed)?;
    let mut file = BufWriter::new(file);
    let statement = format!("COPY {} TO STDOUT", columns(table));
    let mut lines = pin!(snapshot.copy_out(&statement).await?);
    let mut rows = 0;
    while let Some(chunk) = lines.try_next().await? {
        let ends = chunk.split(|byte| *byte == b'\n').skip(1).count();
        rows += u64::try_from(ends).unwrap_or_default();
        file.write_all(&chunk).map_err(failed)?;
    }
    let file = file
        .into_inner()
        .map_err(|error| failed(error.into_error()))?;
    file.sync_all().map_err(failed)?;
    Ok(rows)
}

/// Makes the copy's schema and fills it, in one transaction.
pub(super) async fn restore(url: &str, folder: &Path, copied: &Copied) -> Result<()> {
    let mut client = Target::parse(url)?.client().await?;
    let present = client.query(TABLES, &[]).await?;
    if !present.is_empty() {
        let told = format!(
            "the database has {} tables already: a copy goes only where nothing is",
            present.len()
        );
        return Err(Error::Copy(told));
    }
    make_schema(url, copied).await?;
    let filling = client.transaction().await?;
    let names: Vec<String> = copied
        .tables
        .iter()
        .map(|table| quoted(&table.name))
        .collect();
    // Migrations put rows of their own into some.
    filling
        .batch_execute(&format!("TRUNCATE {}", names.join(", ")))
        .await?;
    for table in &copied.tables {
        fill(&filling, table, folder).await?;
    }
    for row in filling.query(SEQUENCES, &[]).await? {
        let (table, column, sequence): (String, String, String) =
            (row.try_get(0)?, row.try_get(1)?, row.try_get(2)?);
        let (table, column) = (quoted(&table), quoted(&column));
        let last = format!(
            "SELECT setval('{sequence}', coalesce(max({column}), 1), max({column}) IS NOT NULL) FROM {table}"
        );
        filling.batch_execute(&last).await?;
    }
    Ok(filling.commit().await?)
}

/// Runs the migrations that the copy had, and no later ones: the next start runs those.
async fn make_schema(url: &str, copied: &Copied) -> Result<()> {
    let known = diesel::migration::MigrationSource::<Pg>::migrations(&POSTGRES_MIGRATIONS);
    let known = known.map_err(Error::Migration)?;
    let versions: Vec<String> = known
        .iter()
        .map(|migration| migration.name().version().to_string())
        .collect();
    check_known(&versions, copied)?;
    let conn = Target::parse(url)?.connect().await;
    let conn = conn.map_err(|error| Error::Copy(error.to_string()))?;
    let mut harness = AsyncMigrationHarness::new(conn);
    // This makes the table in which they are noted.
    harness.applied_migrations().map_err(Error::Migration)?;
    for migration in &known {
        if copied
            .migrations
            .contains(&migration.name().version().to_string())
        {
            harness.run_migration(migration).map_err(Error::Migration)?;
        }
    }
    Ok(())
}

async fn fill(filling: &Transaction<'_>, table: &Table, folder: &Path) -> Result<()> {
    let path = folder.join(file_of(&table.name));
    let failed = |source| Error::Lock {
        path: path.display().to_string(),
        source,
    };
    let mut file = File::open(&path).map_err(failed)?;
    let statement = format!("COPY {} FROM STDIN", columns(table));
    let mut into = pin!(
        filling
            .copy_in::<_, std::io::Cursor<Vec<u8>>>(&statement)
            .await?
    );
    loop {
        let mut chunk = Vec::with_capacity(CHUNK);
        let taken = (&mut file).take(CHUNK.try_into().unwrap_or(u64::MAX));
        let read = { taken }.read_to_end(&mut chunk).map_err(failed)?;
        if read == 0 {
            break;
        }
        into.send(std::io::Cursor::new(chunk)).await?;
    }
    let rows = into.finish().await?;
    if rows == table.rows {
        Ok(())
    } else {
        let told = format!("{} has {rows} rows instead of {}", table.name, table.rows);
        Err(Error::Copy(told))
    }
}

/// Makes a schema of its own for a trial, in place of one that an interrupted trial left; returns a URL into it.
pub(super) async fn prepare_trial(url: &str) -> Result<String> {
    let client = Target::parse(url)?.client().await?;
    drop_trial(&client).await?;
    client
        .batch_execute(&format!("CREATE SCHEMA {TRIAL}"))
        .await?;
    let invalid = |_| Error::Url("and the PostgreSQL URL cannot be read".into());
    let mut into = url::Url::parse(url).map_err(invalid)?;
    into.query_pairs_mut()
        .append_pair("options", &format!("-csearch_path={TRIAL}"));
    Ok(into.into())
}

/// Drops the schema of a trial.
pub(super) async fn end_trial(url: &str) -> Result<()> {
    drop_trial(&Target::parse(url)?.client().await?).await
}

async fn drop_trial(client: &Client) -> Result<()> {
    let statement = format!("DROP SCHEMA IF EXISTS {TRIAL} CASCADE");
    Ok(client.batch_execute(&statement).await?)
}
