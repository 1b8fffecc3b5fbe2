//! `keys`: the registry's public keys.

use charter_proof::{
    entry::{Entry, Event},
    identity::did_of_host,
    keys::{CLOCK_SIGNATURE, KeyRange, LOG_SIGNATURE, Purpose, vkey},
};

use crate::{
    config::settings::Flags,
    storage::{Database, keys::SigningKey, log},
};

use super::{
    answer::{Answer, Failed, table},
    host,
};

/// Show the registry's public keys.
#[derive(Debug, clap::Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List every key there ever was: what it signs, and for which entries of the log.
    #[command(
        long_about = "List every key there ever was: what it signs, from which entry of the log and to which, \
                      and the name by which verifiers know it (a vkey for checkpoints and cosignatures, a DID \
                      URL for records). Reads the database only; the private keys are not touched."
    )]
    List {
        #[command(flatten)]
        settings: Flags,
    },
}

impl Keys {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let Action::List { settings } = self.action;
        let database = host::open_database(&settings, "GET /v1/keys").await?;
        list(&database).await
    }
}

async fn list(database: &Database) -> Result<Answer, Failed> {
    let mut conn = database.read().await?;
    let Some((_, first)) = log::entries(&mut conn, 0, 1).await?.pop() else {
        let how = "no log yet, so no keys: the first `charter-registry serve` makes both";
        return Ok(Answer::done("").note(how));
    };
    let Event::LogCreated { origin, .. } = Entry::parse(&first)?.event else {
        return Err(Failed::because(
            "the log does not begin with log.created: this is no registry's database",
        ));
    };
    let host = origin.strip_suffix("/log").unwrap_or(&origin);
    let keys = SigningKey::list(&SigningKey::all(&mut conn).await?);
    let rows = keys.ranges().iter().map(|range| {
        [
            range.purpose.as_str().to_owned(),
            range.from.to_string(),
            range
                .to
                .map_or_else(|| "in use".to_owned(), |to| to.to_string()),
            known_as(range, host),
        ]
    });
    let headings = ["PURPOSE", "FROM", "TO", "KNOWN AS"];
    Ok(Answer::done(table(headings, rows.collect())))
}

/// The name by which verifiers know a key of the registry at `host`.
fn known_as(range: &KeyRange, host: &str) -> String {
    let key = &range.public_key_multibase;
    match range.purpose {
        Purpose::Record => format!("{}#{key}", did_of_host(host)),
        Purpose::Log => vkey(&format!("{host}/log"), LOG_SIGNATURE, key),
        Purpose::Clock => vkey(&format!("{host}/clock"), CLOCK_SIGNATURE, key),
    }
}
