//! Connection pools, and what each new connection is told.

use std::time::Duration;

use deadpool::Runtime;
use diesel::{ConnectionError, SqliteConnection};
use diesel_async::{
    AsyncConnection, AsyncPgConnection, SimpleAsyncConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool::Pool,
    },
    sync_connection_wrapper::SyncConnectionWrapper,
};

use super::{Error, Result, postgres_tls::Target};

/// How long a request waits for a free connection, and a write for another one to end.
const WAIT: Duration = Duration::from_secs(10);

/// A pool of this size whose users wait no longer than [`WAIT`].
macro_rules! bounded {
    ($manager:expr, $size:expr) => {
        Pool::builder($manager)
            .max_size($size)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(WAIT))
            .create_timeout(Some(WAIT))
            .build()
            .map_err(Error::from)
    };
}

/// What SQLite's writer is told before much is written in a row: it keeps 32 MiB of pages, so that what many rows change is
/// written once, and twice as many in the write-ahead log before they are put where they belong.
pub(super) const MUCH: &str = "PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 16384;";

/// … and, besides, before what is written can be had again: a power cut may take the last of it, and nothing else does.
pub(super) const PASSING: &str = "PRAGMA synchronous = NORMAL;";

/// … and afterwards: what SQLite does by itself, and each commit for good.
pub(super) const USUAL: &str = "PRAGMA synchronous = FULL; PRAGMA cache_size = -2000; PRAGMA wal_autocheckpoint = 1000; PRAGMA shrink_memory; \
    PRAGMA wal_checkpoint(TRUNCATE);";

/// What a SQLite connection is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    Read,
    Write,
}

/// A pool of connections to the SQLite file at `path`.
pub(super) fn sqlite(
    path: &str,
    size: usize,
    purpose: Use,
) -> Result<Pool<SyncConnectionWrapper<SqliteConnection>>> {
    // WAL with synchronous=FULL: an acknowledged commit survives a power cut.
    let pragmas = match purpose {
        // Readers keep little: the public is answered from the directory, and the kernel has the file's pages.
        Use::Read => {
            "PRAGMA busy_timeout = 10000; PRAGMA query_only = ON; PRAGMA cache_size = -512;"
        }
        Use::Write => {
            "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON;"
        }
    };
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |path| {
        let path = path.to_owned();
        Box::pin(async move {
            let mut conn = SyncConnectionWrapper::<SqliteConnection>::establish(&path).await?;
            conn.batch_execute(pragmas)
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        })
    });
    bounded!(
        AsyncDieselConnectionManager::new_with_config(path, config),
        size
    )
}

/// A pool of connections to the PostgreSQL server that `url` names.
pub(super) fn postgres(url: &str) -> Result<Pool<AsyncPgConnection>> {
    let target = Target::parse(url)?;
    let mut config = ManagerConfig::default();
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(move |_| {
        let target = target.clone();
        Box::pin(async move {
            let mut conn = target.connect().await?;
            conn.batch_execute("SET lock_timeout = '10s'; SET idle_in_transaction_session_timeout = '60s'; SET synchronous_commit = on")
                .await
                .map_err(ConnectionError::CouldntSetupConfiguration)?;
            Ok(conn)
        })
    });
    bounded!(
        AsyncDieselConnectionManager::new_with_config(url, config),
        8
    )
}
