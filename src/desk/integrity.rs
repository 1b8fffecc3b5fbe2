//! Whether what is stored holds together: the log, the records, the keys, the claims, the audit and the files.
//!
//! Reads one moment of the database and changes nothing. What is public is replayed from the log's own bytes, as a
//! mirror would, and everything else is held against what that comes to.

mod audit;
mod checkpoints;
mod keys;
mod records;
mod replay;
mod status_lists;
mod tables;

use std::collections::HashMap;

use charter_proof::canonical::Digest;

use crate::storage::{Connection, Database, Error, files::Files, memoranda, mirror};

/// What was looked at, and what was found wrong.
#[derive(Debug, Default)]
pub struct Findings {
    /// How many entries of the log.
    pub entries: u64,
    /// How many registry records.
    pub records: u64,
    /// How many keys of memberships.
    pub claims: u64,
    /// How many rows of the audit.
    pub audit: u64,
    /// How many uploaded files.
    pub files: u64,
    /// What is wrong, a line each.
    pub faults: Vec<String>,
}

impl Findings {
    fn fault(&mut self, line: impl Into<String>) {
        self.faults.push(line.into());
    }

    /// What was read; a fault where it cannot be what was written.
    fn readable<T>(&mut self, read: Result<T, Error>) -> Result<Option<T>, Error> {
        match read {
            Err(Error::Damaged(what)) => {
                self.fault(format!("tables: {what}"));
                Ok(None)
            }
            read => read.map(Some),
        }
    }
}

/// What is kept beside the log about it: how far it was, and the tree's root there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The file or table.
    pub place: &'static str,
    /// How many entries.
    pub size: u64,
    /// The root over them.
    pub root: Digest,
    /// The membership map's root, where it is kept, too.
    pub map: Option<Digest>,
}

/// Checks everything that is stored.
pub async fn check(database: &Database, files: &Files) -> Result<Findings, Error> {
    check_with(database, files, &[], &mut |_, _| ()).await
}

/// The same with what is kept about the log elsewhere, which must have been read before; `progress` is told of how many
/// entries of how many were looked at.
pub async fn check_with(
    database: &Database,
    files: &Files,
    kept: &[Kept],
    progress: &mut (dyn FnMut(u64, u64) + Send),
) -> Result<Findings, Error> {
    let mut findings = Findings::default();
    let mut snapshot = database.snapshot().await?;
    if let Some(told) = mirror::told(&mut snapshot).await? {
        findings.fault(format!(
            "mirror: its tables tell {told} entries, and are not made of the rest yet: let it run until it follows"
        ));
        return Ok(findings);
    }
    let mut kept = kept.to_vec();
    kept.extend(checkpoints::witnessed(&mut snapshot, &mut findings).await?);
    let anchors = replay::check(&mut snapshot, &mut findings, &kept, progress).await?;
    audit::check(&mut snapshot, &mut findings, anchors).await?;
    check_files(&mut snapshot, files, &mut findings).await?;
    snapshot.commit().await?;
    Ok(findings)
}

/// The heads that the log anchored, by the index of the entry, and not found in the audit so far.
type Anchors = HashMap<Digest, u64>;

async fn check_files(
    conn: &mut Connection,
    files: &Files,
    findings: &mut Findings,
) -> Result<(), Error> {
    for digest in memoranda::files(conn).await? {
        findings.files += 1;
        if let Err(error) = files.get(digest).await {
            findings.fault(format!("file {digest} of a memorandum: {error}"));
        }
    }
    Ok(())
}
