//! `fsck`: whether everything that is stored holds together.

use std::fmt::Write as _;

use crate::{config::settings::Flags, desk::integrity};

use super::{
    answer::{Answer, Exit, Failed},
    host,
};

/// Check that everything that is stored holds together; changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Check that everything that is stored holds together; changes nothing. The log is replayed and every \
                  record verified; memberships and keys are held against it and their newest records; the audit's chain is recomputed, and its \
                  anchors looked up in the log; uploaded files are read and digested.\n\n\
                  On PostgreSQL it sees one moment of a registry that goes on serving. On SQLite it runs while no server \
                  does.\n\n\
                  Exit status: 0 whole, 1 something is wrong, each fault on a line of its own."
)]
pub(super) struct Fsck {
    #[command(flatten)]
    settings: Flags,
}

impl Fsck {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let (database, files) = host::open_stored(&self.settings, "GET /readyz").await?;
        let found = integrity::check(&database, &files).await?;
        let mut text = String::new();
        for fault in &found.faults {
            writeln!(text, "{fault}").unwrap_or_default();
        }
        let looked_at = format!(
            "{} log entries, {} records, {} keys of members, {} audit rows, {} files: {}",
            found.entries,
            found.records,
            found.claims,
            found.audit,
            found.files,
            match found.faults.len() {
                0 => "whole".to_owned(),
                count => format!("{count} faults"),
            }
        );
        writeln!(text, "{looked_at}").unwrap_or_default();
        let answer = Answer::done(text);
        Ok(if found.faults.is_empty() {
            answer
        } else {
            Answer {
                exit: Exit::Refused,
                ..answer
            }
        })
    }
}
