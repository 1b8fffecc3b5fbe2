//! `openapi`: the API's description.

use std::{fs, path::PathBuf};

use crate::api;

use super::answer::{Answer, Failed};

/// Print the description of the HTTP API (OpenAPI, JSON).
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Print the description of the HTTP API (OpenAPI, JSON), which the server also gives at \
                  /openapi.json. Needs no database.\n\n\
                  Example, to bring the committed file up to date:\n\n  \
                  charter-registry openapi --output openapi/openapi.json"
)]
pub(super) struct Openapi {
    /// Write to this file instead.
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl Openapi {
    pub(super) fn run(self) -> Result<Answer, Failed> {
        let document = format!("{}\n", api::openapi().to_pretty_json()?);
        match self.output {
            None => Ok(Answer::done(document)),
            Some(path) => {
                match fs::write(&path, document) {
                    Ok(()) => Ok(Answer::done("")),
                    Err(error) => Err(Failed::because(format!("cannot write {}", path.display()))
                        .and_causes(&error)),
                }
            }
        }
    }
}
