//! `restore`: a backup put back into an empty place.

use std::path::PathBuf;

use crate::{backup, config::settings::Flags};

use super::{
    answer::{Answer, Failed},
    backup::told,
    host,
};

/// Put a backup back into an empty database and an empty data folder.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Put a backup back where the settings say the registry is: into a database that has no tables and a \
                  data folder without files. A backup of SQLite goes into SQLite, one of PostgreSQL into PostgreSQL. \
                  Every part is compared with the manifest first, and the whole with it afterwards.\n\n\
                  The private keys are put back if the backup has them; otherwise put the key files into the data \
                  folder's keys/ before the server starts. Where keys are there already they must be the same.\n\n\
                  Example:\n\n  \
                  charter-registry restore /var/backups/registry-2026-11-22 --data /var/lib/charter-registry"
)]
pub(super) struct Restore {
    /// The folder of the backup.
    folder: PathBuf,
    #[command(flatten)]
    settings: Flags,
}

impl Restore {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let config = host::configure(&self.settings)?;
        let manifest = backup::restore(&config, &self.folder).await?;
        let mut answer = Answer::done(told(&manifest));
        if !manifest.private_keys {
            answer = answer.note(format!(
                "the private keys are not in this backup: put the key files into {} before the server starts",
                config.key_folder().display()
            ));
        }
        Ok(answer)
    }
}
