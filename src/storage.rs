//! Storage on SQLite or PostgreSQL, chosen by the database URL.
//!
//! Nothing outside this module knows diesel. Reads take a [`Connection`], writes a [`Transaction`]; whatever
//! belongs in the public log takes a [`LogTransaction`], which holds the log head. Each statement is written
//! once, with the `on!` macro, and type-checked against both databases. Files that were uploaded lie in
//! [`files`].

pub mod applications;
pub mod audit;
pub mod backup;
pub mod charters;
pub mod comments;
pub mod confirmations;
pub mod decisions;
pub mod files;
pub mod frames;
pub mod idempotency;
pub mod keys;
pub mod letters;
pub mod log;
pub mod memberships;
pub mod memoranda;
mod migrating;
pub mod mirror;
pub mod people;
pub mod personal_data;
mod pools;
mod postgres_tls;
pub mod records;
pub mod recusals;
mod schema;
pub mod shelf;
pub mod status_lists;
pub mod traces;
mod transaction;
pub mod types;
pub mod whole_file;
pub mod witnessed;

use std::{
    fs::{File, OpenOptions},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::Path,
    sync::Arc,
};

use deadpool::Status;
use diesel::{
    SqliteConnection,
    result::{DatabaseErrorKind, Error as DieselError},
};
use diesel_async::{
    AnsiTransactionManager, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection as _,
    pooled_connection::deadpool::{BuildError, Object, Pool, PoolError},
    sync_connection_wrapper::SyncConnectionWrapper,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

pub use transaction::{LogTransaction, Transaction};

type SqliteConn = SyncConnectionWrapper<SqliteConnection>;
type PgConn = AsyncPgConnection;

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Why storage could not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error("query failed")]
    Query(#[from] DieselError),
    /// No connection became free, or none could be made.
    #[error("no database connection available")]
    Pool(#[from] PoolError),
    /// The pool's settings contradict each other.
    #[error("could not build the connection pool")]
    Build(#[from] BuildError),
    /// The schema could not be brought up to date.
    #[error("migration failed")]
    Migration(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The URL names neither SQLite nor PostgreSQL.
    #[error("unsupported database URL: expected sqlite:PATH or postgres://…, {0}")]
    Url(String),
    /// The settings of TLS to PostgreSQL are wrong.
    #[error("TLS to PostgreSQL: {0}")]
    Tls(String),
    /// A file or folder of the data directory could not be opened or made.
    #[error("could not open or make {path}")]
    Lock {
        /// The file.
        path: String,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Another process holds the SQLite database.
    #[error(
        "{0} is in use by another process: SQLite serves one process; use PostgreSQL for several instances"
    )]
    InUse(String),
    /// An uploaded file could not be kept or read.
    #[error("file storage failed")]
    File(#[from] object_store::Error),
    /// A copy could not be taken from PostgreSQL, or put back.
    #[error("PostgreSQL failed")]
    Postgres(#[from] tokio_postgres::Error),
    /// A copy of the database cannot be taken or put back here.
    #[error("{0}")]
    Copy(String),
    /// What is stored cannot be what was written.
    #[error("stored data is damaged: {0}")]
    Damaged(String),
}

/// What is going to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// Now this, now that.
    Usual,
    /// Much in a row.
    Much,
    /// Much in a row, of which a power cut may take the last commits: it can be had again. What is written as usual
    /// afterwards makes all of it permanent.
    MuchForNow,
}

/// What storage answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// Whether a uniqueness rule of the database refused the write.
    pub fn is_unique_violation(&self) -> bool {
        matches!(
            self,
            Self::Query(DieselError::DatabaseError(
                DatabaseErrorKind::UniqueViolation,
                _
            ))
        )
    }

    /// Whether the write waited too long for another one, so that trying again may succeed.
    pub fn is_busy(&self) -> bool {
        match self {
            Self::Pool(PoolError::Timeout(_)) => true,
            Self::Query(DieselError::DatabaseError(_, info)) => {
                let message = info.message();
                message.contains("lock timeout")
                    || message.contains("deadlock detected")
                    || message.contains("database is locked")
            }
            _ => false,
        }
    }
}

/// Turns "no row" into `None`.
trait OptionalRow<T> {
    /// The row, or `None` when there is none.
    fn optional_row(self) -> Result<Option<T>>;
}

impl<T> OptionalRow<T> for Result<T> {
    fn optional_row(self) -> Result<Option<T>> {
        match self {
            Ok(row) => Ok(Some(row)),
            Err(Error::Query(DieselError::NotFound)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// A pool of connections to whichever database the URL names.
#[derive(Clone)]
pub enum Database {
    /// Many readers beside the one writer that SQLite allows; the lock keeps other processes out.
    Sqlite {
        /// Connections that only read.
        readers: Pool<SqliteConn>,
        /// The one connection that writes.
        writer: Pool<SqliteConn>,
        /// Held for the life of the process.
        lock: Arc<File>,
    },
    /// Any number of processes.
    Postgres(Pool<PgConn>),
}

/// One pooled connection. Queries run on it through `on!`.
#[expect(
    clippy::large_enum_variant,
    reason = "there are few at a time, and each is used at once"
)]
pub enum Connection {
    /// To SQLite.
    Sqlite(Object<SqliteConn>),
    /// To PostgreSQL.
    Postgres(Object<PgConn>),
}

/// Runs one statement on whichever database `$conn` is connected to.
///
/// The statement is written once and type-checked against both backends.
macro_rules! on {
    ($conn:expr, |$c:ident| $query:expr) => {
        match $conn {
            $crate::storage::Connection::Sqlite($c) => $query.await,
            $crate::storage::Connection::Postgres($c) => $query.await,
        }
        .map_err($crate::storage::Error::from)
    };
}
use on;

/// Inserts rows in as few trips as the database allows: SQLite takes one prepared statement many times, PostgreSQL
/// one statement with many rows.
macro_rules! insert_all {
    ($tx:expr, $table:expr, $rows:expr) => {{
        let rows = $rows;
        match &mut *$tx {
            $crate::storage::Connection::Sqlite(c) => {
                c.spawn_blocking(move |c| {
                    rows.iter().try_for_each(|row| {
                        let statement = diesel::insert_into($table).values(row);
                        diesel::RunQueryDsl::execute(statement, c).map(drop)
                    })
                })
                .await
            }
            $crate::storage::Connection::Postgres(c) => {
                let mut outcome = Ok(());
                for piece in rows.chunks($crate::storage::ROWS_AT_ONCE) {
                    let statement = diesel::insert_into($table).values(piece);
                    outcome = diesel_async::RunQueryDsl::execute(statement, c)
                        .await
                        .map(drop);
                    if outcome.is_err() {
                        break;
                    }
                }
                outcome
            }
        }
        .map_err($crate::storage::Error::from)
    }};
}
use insert_all;

/// How many rows go into one statement: with all their columns fewer than a statement's 65,535 parameters.
const ROWS_AT_ONCE: usize = 1000;

impl Database {
    /// Opens the database and brings its schema up to date; processes that start together do so in turn.
    ///
    /// # Errors
    ///
    /// [`Error::Url`] for a URL of another kind, [`Error::InUse`] when another process holds the SQLite file.
    pub async fn connect(url: &str) -> Result<Self> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            Self::open_sqlite(path).await
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            Self::connect_postgres(url).await
        } else {
            let scheme = url.split(':').next().unwrap_or_default();
            Err(Error::Url(format!("not {scheme:?}")))
        }
    }

    async fn open_sqlite(path: &str) -> Result<Self> {
        let lock_path = format!("{path}.lock");
        let locked = |source| Error::Lock {
            path: lock_path.clone(),
            source,
        };
        if let Some(folder) = Path::new(path)
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            let mut made = std::fs::DirBuilder::new();
            made.recursive(true)
                .mode(0o700)
                .create(folder)
                .map_err(locked)?;
        }
        let lock = private_file(&lock_path).map_err(locked)?;
        // SQLite gives its companion files the mode that it finds here.
        private_file(path).map_err(locked)?;
        lock.try_lock().map_err(|_| Error::InUse(path.to_owned()))?;
        let writer = pools::sqlite(path, 1, pools::Use::Write)?;
        let mut harness = AsyncMigrationHarness::new(writer.get().await?);
        harness
            .run_pending_migrations(SQLITE_MIGRATIONS)
            .map_err(Error::Migration)?;
        drop(harness);
        Ok(Self::Sqlite {
            readers: pools::sqlite(path, 4, pools::Use::Read)?,
            writer,
            lock: Arc::new(lock),
        })
    }

    async fn connect_postgres(url: &str) -> Result<Self> {
        let pool = pools::postgres(url)?;
        migrating::bring_up_to_date(pool.get().await?).await?;
        Ok(Self::Postgres(pool))
    }

    /// Each pool of connections: its name, and how much of it is used.
    pub fn pools(&self) -> Vec<(&'static str, Status)> {
        match self {
            Self::Sqlite {
                readers, writer, ..
            } => vec![("readers", readers.status()), ("writer", writer.status())],
            Self::Postgres(pool) => vec![("postgres", pool.status())],
        }
    }

    /// A connection for reading.
    pub async fn read(&self) -> Result<Connection> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Connection::Sqlite(readers.get().await?),
            Self::Postgres(pool) => Connection::Postgres(pool.get().await?),
        })
    }

    /// Opens a transaction that only reads and sees one moment, whatever is written meanwhile.
    pub async fn snapshot(&self) -> Result<Transaction> {
        let mut conn = self.read().await?;
        match &mut conn {
            Connection::Sqlite(c) => {
                c.spawn_blocking(|c| {
                    diesel::connection::AnsiTransactionManager::begin_transaction_sql(c, "BEGIN")
                })
                .await?;
            }
            Connection::Postgres(c) => {
                let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
                AnsiTransactionManager::begin_transaction_sql(&mut **c, begin).await?;
            }
        }
        Ok(Transaction::on(conn))
    }

    /// Prepares for what is written next. PostgreSQL needs no telling.
    pub async fn prepare_for(&self, writing: Writing) -> Result<()> {
        if let Self::Sqlite { writer, .. } = self {
            let pragmas: &[&str] = match writing {
                Writing::Usual => &[pools::USUAL],
                Writing::Much => &[pools::MUCH],
                Writing::MuchForNow => &[pools::MUCH, pools::PASSING],
            };
            let mut conn = writer.get().await?;
            for pragmas in pragmas {
                conn.batch_execute(pragmas).await?;
            }
        }
        Ok(())
    }

    /// Opens a write transaction. Dropping it without [`Transaction::commit`] rolls back.
    pub async fn begin(&self) -> Result<Transaction> {
        let mut conn = match self {
            Self::Sqlite { writer, .. } => Connection::Sqlite(writer.get().await?),
            Self::Postgres(pool) => Connection::Postgres(pool.get().await?),
        };
        match &mut conn {
            Connection::Sqlite(c) => {
                c.spawn_blocking(|c| {
                    diesel::connection::AnsiTransactionManager::begin_transaction_sql(
                        c,
                        "BEGIN IMMEDIATE",
                    )
                })
                .await?;
            }
            Connection::Postgres(c) => {
                AnsiTransactionManager::begin_transaction_sql(&mut **c, "BEGIN").await?;
            }
        }
        Ok(Transaction::on(conn))
    }

    /// Opens a write transaction that holds the log head.
    ///
    /// Its first statement takes the head's row lock, so whatever the transaction reads next cannot change
    /// under it, on either database.
    pub async fn begin_log(&self) -> Result<LogTransaction> {
        let mut transaction = self.begin().await?;
        let head = log::lock_head(&mut transaction).await?;
        Ok(LogTransaction { transaction, head })
    }
}

/// Opens a file for writing, made when missing so that only its owner may read it.
fn private_file(path: &str) -> std::io::Result<File> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
}
