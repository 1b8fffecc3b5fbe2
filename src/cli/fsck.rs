//! `fsck`: whether everything that is stored holds together.

use std::{fmt::Write as _, path::Path};

use crate::{
    config::settings::Flags,
    desk::integrity::{self, Kept},
    log::{
        mark::{self, Mark},
        snapshot,
    },
};

use super::{
    answer::{Answer, Exit, Failed},
    host,
    progress::Progress,
};

/// Check that everything that is stored holds together; changes nothing.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Check that everything that is stored holds together; changes nothing. The log is replayed from its \
                  entries as a mirror would: its rules, tree, map and key list, every state entry, the stored \
                  checkpoint and what log.mark and log.snapshot know. Every record is digested and verified by the key \
                  of its position; charters, memberships, claims, keys and status lists are held against the log; the audit's chain is \
                  recomputed, and its anchors looked up in the log; uploaded files are read and digested. The first \
                  entry that breaks a rule is named, and nothing after it is looked at.\n\n\
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
        let (database, files, data) = host::open_stored(&self.settings, "GET /readyz").await?;
        // Read before the database is: it may go on meanwhile, and they never fall behind.
        let kept = kept(&data)?;
        let mut progress = Progress::of("log entries");
        let found = integrity::check_with(&database, &files, &kept, &mut |done, total| {
            progress.show(done, total);
        })
        .await?;
        drop(progress);
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

/// What the files beside the database know about the log.
fn kept(data: &Path) -> Result<Vec<Kept>, Failed> {
    let mut kept = Vec::new();
    if data.join(mark::FILE).exists()
        && let Some(marked) = Mark::open(&data.join(mark::FILE))?.read()?
    {
        kept.push(Kept {
            place: mark::FILE,
            size: marked.checkpoint.size,
            root: marked.checkpoint.root,
            map: None,
        });
    }
    if let Some((size, root, map)) = snapshot::roots(&data.join(snapshot::FILE))? {
        kept.push(Kept {
            place: snapshot::FILE,
            size,
            root,
            map: Some(map),
        });
    }
    Ok(kept)
}
