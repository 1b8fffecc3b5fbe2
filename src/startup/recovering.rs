//! From a configuration and a copy to a database that has what was published.

use std::sync::Arc;

use super::{StartupError, make_data, public_address};
use crate::{
    clock::Clock,
    config::Config,
    log::{
        mark::{self, Mark},
        memory::{Log, Names},
        snapshot,
    },
    mirror::{
        recover::{RecoverError, Recovered, Recovery},
        source::Source,
    },
    storage::Database,
};

/// Why a database is not brought up to what was published.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// It cannot be opened.
    #[error(transparent)]
    Startup(#[from] StartupError),
    /// The copy does not bring it there.
    #[error(transparent)]
    Recover(#[from] RecoverError),
}

/// Brings a registry's database up to what was published, from a copy; says what came of it.
///
/// `progress` is told of how many entries of how many are there.
pub async fn recover(
    config: &Config,
    source: Source,
    clock: &Clock,
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Recovered, RecoveryError> {
    let base = public_address(config, config.listen)?;
    make_data(config)?;
    let database = Database::connect(config.database_url.reveal())
        .await
        .map_err(StartupError::from)?;
    let mark = Mark::open(&config.data.join(mark::FILE)).map_err(RecoverError::Mark)?;
    let names = Names {
        origin: base.origin(),
        clock: format!("{}/clock", base.host()),
    };
    let log = Log::new(mark, names, config.data.join(snapshot::FILE), None);
    let mut conn = database.read().await.map_err(StartupError::from)?;
    log.load(&mut conn).await.map_err(RecoverError::from)?;
    drop(conn);
    let recovery = Recovery {
        database: &database,
        log: &log,
        source: Arc::new(source),
        clock,
    };
    Ok(recovery.run(progress).await?)
}
