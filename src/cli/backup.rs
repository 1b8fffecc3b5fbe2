//! `backup`: a copy of the registry, beside a running server.

use std::path::PathBuf;

use crate::{
    backup::{self, Manifest},
    clock::Clock,
    config::settings::Flags,
};

use super::{
    answer::{Answer, Failed},
    host,
};

/// Take a backup of the registry, also while it serves, and try it out.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Take a backup of the registry into a new folder, also while the server runs: the database in one \
                  snapshot, the uploaded files, the public keys, and a manifest with the SHA-256 of each part. \
                  Before the folder gets its name, the backup is put back into a temporary place and compared.\n\n\
                  The private keys are left out unless --with-keys: whoever has them can sign in the registry's \
                  name. A backup holds personal data, and what is erased in the registry stays in it: throw \
                  backups away in time.\n\n\
                  Examples:\n\n  \
                  charter-registry backup /var/backups/registry-2026-11-22\n  \
                  charter-registry backup --verify /var/backups/registry-2026-11-22"
)]
pub(super) struct Backup {
    /// The folder of the backup, which must not exist yet.
    folder: PathBuf,
    /// Copy the private keys, too.
    #[arg(long, conflicts_with = "verify")]
    with_keys: bool,
    /// Take none, but check the one that is there.
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    settings: Flags,
}

impl Backup {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let config = host::configure(&self.settings)?;
        let manifest = if self.verify {
            backup::verify(&config, &self.folder).await?
        } else {
            backup::take(&config, &self.folder, self.with_keys, &Clock::system()).await?
        };
        let mut answer = Answer::done(told(&manifest));
        if !manifest.private_keys {
            answer = answer.note(
                "the private keys are not in it: keep those of the data folder's keys/ elsewhere, or take --with-keys",
            );
        }
        Ok(answer)
    }
}

/// What a backup holds, in one line.
pub(super) fn told(manifest: &Manifest) -> String {
    let rows: u64 = manifest
        .database
        .tables
        .iter()
        .map(|table| table.rows)
        .sum();
    format!(
        "{} log entries, {rows} rows, {} files, private keys: {}; taken at {}\n",
        manifest.log.size,
        manifest.files.len(),
        if manifest.private_keys { "yes" } else { "no" },
        manifest.taken_at.format("%Y-%m-%dT%H:%M:%SZ")
    )
}
