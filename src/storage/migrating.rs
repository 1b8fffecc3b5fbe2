//! PostgreSQL's schema brought up to date, beside instances that serve meanwhile.
//!
//! A migration wants tables for itself, and whoever asks for one of them after it waits behind it. So it waits for a
//! moment only, lets the others pass, and tries again. What it may change while they serve, ARCHITECTURE.md says.

use std::time::{Duration, Instant};

use diesel_async::{
    AsyncMigrationHarness, SimpleAsyncConnection as _, pooled_connection::deadpool::Object,
};
use diesel_migrations::MigrationHarness as _;
use tokio::time::sleep;

use super::{Error, POSTGRES_MIGRATIONS, PgConn, Result};

/// The advisory lock that makes concurrent starts migrate one after the other ("charter" in ASCII, cut to 31 bits).
const MIGRATION_LOCK: i32 = 0x0063_6861;

/// How often a migration asks for its tables, for how long each time, and how long others pass in between.
const TRIES: u32 = 30;
const LOCK_TIMEOUT: Duration = Duration::from_secs(1);
const BETWEEN: Duration = Duration::from_secs(1);

/// Carries out the migrations that are due, in turn with other processes that start.
pub(super) async fn bring_up_to_date(mut conn: Object<PgConn>) -> Result<()> {
    conn.batch_execute(&format!(
        "SET lock_timeout = '60s'; SELECT pg_advisory_lock({MIGRATION_LOCK}); SET lock_timeout = {}",
        LOCK_TIMEOUT.as_millis()
    ))
    .await?;
    let mut harness = AsyncMigrationHarness::new(conn);
    let mut tries = 1;
    let ran = loop {
        let began = Instant::now();
        match harness
            .run_pending_migrations(POSTGRES_MIGRATIONS)
            .map(drop)
        {
            // What PostgreSQL says of a lock that it did not get, it says in its own language.
            Err(error) if tries < TRIES && began.elapsed() >= LOCK_TIMEOUT => {
                tracing::info!(cause = %error, "a migration is tried again: others may have its tables");
                tries += 1;
                sleep(BETWEEN).await;
            }
            ran => break ran.map_err(Error::Migration),
        }
    };
    // The session ends here, and with it the lock and the settings.
    drop(Object::take(harness.into_inner()));
    ran
}
