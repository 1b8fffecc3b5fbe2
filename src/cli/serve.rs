//! `serve`: the registry's server.

use crate::{clock::Clock, config::settings::Flags, startup};

use super::{
    answer::{Answer, Failed},
    host,
};

/// Serve the registry over HTTP.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Serve the registry over HTTP, until SIGINT (Ctrl-C) or SIGTERM; requests under way are \
                  finished first.\n\n\
                  The first start makes the database, the three signing keys and the log. The public URL stands \
                  in the log's first entry and in every signature: set it before that start.\n\n\
                  Examples:\n\n  \
                  charter-registry serve\n  \
                  charter-registry serve --listen 0.0.0.0:8080 --public-url https://registry.example\n  \
                  CHARTER_DATABASE_URL=postgres://registry:secret@db/registry charter-registry serve\n\n\
                  The same in charter-registry.toml:\n\n  \
                  listen = \"0.0.0.0:8080\"\n  \
                  public_url = \"https://registry.example\""
)]
pub(super) struct Serve {
    #[command(flatten)]
    settings: Flags,
}

impl Serve {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let config = host::configure(&self.settings)?;
        startup::run(&config, Clock::system()).await?;
        Ok(Answer::done(""))
    }
}
