//! How commands on the host reach the registry: they open its database themselves.

use std::path::PathBuf;

use crate::{
    clock::Clock,
    config::{Config, settings::Flags},
    desk::{Actor, Desk, Request},
    startup::{self, StartupError},
    storage::{self, Database, files::Files},
    telemetry,
};

use super::answer::Failed;

/// Reads the settings and begins to log.
pub(super) fn configure(settings: &Flags) -> Result<Config, Failed> {
    let environment = |name: &str| std::env::var_os(name);
    let config = Config::load(settings, &environment).map_err(Failed::unusable)?;
    telemetry::init(&config.log, config.log_format);
    Ok(config)
}

/// Opens the registry. `endpoint` does over HTTP what the command does.
pub(super) async fn open(settings: &Flags, endpoint: &str) -> Result<Desk, Failed> {
    let config = configure(settings)?;
    startup::open(&config, Clock::system())
        .await
        .map_err(|error| match error {
            StartupError::Storage(error) => of_storage(error, endpoint),
            other => other.into(),
        })
}

/// Opens the registry for what no endpoint does.
pub(super) async fn open_alone(settings: &Flags) -> Result<Desk, Failed> {
    let config = configure(settings)?;
    let opened = startup::open(&config, Clock::system()).await;
    opened.map_err(|error| match error {
        StartupError::Storage(error @ storage::Error::InUse(_)) => {
            Failed::from(error).and("if that is the server, stop it, and run this command again")
        }
        other => other.into(),
    })
}

/// Opens the database and the uploaded files alone; returns the data folder, too.
pub(super) async fn open_stored(
    settings: &Flags,
    endpoint: &str,
) -> Result<(Database, Files, PathBuf), Failed> {
    let config = configure(settings)?;
    let database = Database::connect(config.database_url.reveal())
        .await
        .map_err(|error| of_storage(error, endpoint))?;
    let files = Files::open(&config.files, &config.data)?;
    Ok((database, files, config.data))
}

/// Opens the database alone, for what needs neither keys nor a public address.
pub(super) async fn open_database(settings: &Flags, endpoint: &str) -> Result<Database, Failed> {
    let config = configure(settings)?;
    Database::connect(config.database_url.reveal())
        .await
        .map_err(|error| of_storage(error, endpoint))
}

fn of_storage(error: storage::Error, endpoint: &str) -> Failed {
    let in_use = matches!(error, storage::Error::InUse(_));
    let failed = Failed::from(error);
    if in_use {
        failed
            .and(format!(
                "if that is the server, ask it instead: {endpoint}; its /docs tells how"
            ))
            .and("or stop it, and run this command again")
    } else {
        failed
    }
}

/// A request of whoever commands the host: it needs no account, and no idempotency key at a prompt.
pub(super) const fn request() -> Request {
    Request::by(Actor::Host)
}
