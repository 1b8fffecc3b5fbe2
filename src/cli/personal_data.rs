//! `personal-data`: who is kept no longer, seen before it happens, or erased now.

use std::fmt::Write as _;

use crate::{config::settings::Flags, desk::personal_data::retain};

use super::{
    answer::{Answer, Failed},
    host,
};

/// The most applications that a dry run lists.
const LISTED: i64 = 100_000;

/// See whose time has come, or erase them.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "See whose time has come, or erase them: the persons of applications and memberships that ended \
                  longer ago than --keep-applicants and --keep-members say. `serve` does so by itself, by the job \
                  `retention`. On SQLite this runs while no server does.\n\n\
                  Example:\n\n  \
                  charter-registry personal-data retention --dry-run"
)]
pub(super) struct PersonalData {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Erase the persons whose time has come; prints of how many applications.
    Retention {
        /// Only list the applications whose persons would be erased, one a line; by identifier, without a name.
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        settings: Flags,
    },
}

impl PersonalData {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let Action::Retention { dry_run, settings } = self.action;
        let desk = host::open(&settings, "GET /v1/audit?action=personal_data.erased").await?;
        if !dry_run {
            let erased = retain::erase_due(&desk).await?;
            return Ok(Answer::done(format!("{erased}\n")));
        }
        let due = retain::due(&desk, LISTED).await?;
        let mut text = String::new();
        for application in &due {
            writeln!(text, "{application}").unwrap_or_default();
        }
        Ok(Answer::done(text).note(format!(
            "{} applications would have their persons erased",
            due.len()
        )))
    }
}
