//! The audit's chain, and that the log's anchors are heads of it.

use super::{Anchors, Findings};
use crate::{
    rules::audit::{Action, Body, GENESIS},
    storage::{Connection, Error, audit},
};

/// How many rows are read at a time.
const BATCH: u32 = 1_000;

/// Checks every row against the one before it, the head against the last, and takes what it finds out of `anchors`.
pub(super) async fn check(
    conn: &mut Connection,
    findings: &mut Findings,
    mut anchors: Anchors,
) -> Result<(), Error> {
    let (mut next, mut previous) = (0, GENESIS);
    loop {
        let rows = audit::entries(conn, next, BATCH).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.body.seq != next {
                findings.fault(format!(
                    "audit: row {next} is missing before row {}",
                    row.body.seq
                ));
            }
            if row.previous != previous {
                findings.fault(format!(
                    "audit: row {} does not follow the row before it",
                    row.body.seq
                ));
            }
            if row.body.hash(row.previous).ok() != Some(row.hash) {
                findings.fault(format!(
                    "audit: row {} is not what was written",
                    row.body.seq
                ));
            }
            anchors.remove(&row.hash);
            if let Some((from, to)) = recovered(&row.body) {
                // What the audit said of these entries went with the database that was lost.
                anchors.retain(|_, index| *index < from || *index >= to);
            }
            next = row.body.seq + 1;
            previous = row.hash;
            findings.audit += 1;
        }
    }
    let head = audit::head(conn).await?;
    if (head.size, head.hash) != (next, previous) {
        findings.fault(format!(
            "audit: the head names {} rows, {next} are there, or the last one is another",
            head.size
        ));
    }
    for anchor in anchors.keys() {
        findings.fault(format!(
            "audit: the log anchored {anchor}, which no row has: the audit was rewritten"
        ));
    }
    Ok(())
}

/// Which entries of the log a row says were replayed from a copy.
fn recovered(body: &Body) -> Option<(u64, u64)> {
    if body.action != Action::LogRecovered {
        return None;
    }
    let (from, to) = body.subject.as_ref()?.split_once('-')?;
    Some((from.parse().ok()?, to.parse().ok()?))
}
