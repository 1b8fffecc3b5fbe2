//! What was erased goes from the database's files, too.

use chrono::TimeDelta;

use crate::{
    desk::{Desk, Failure, idempotency},
    storage::personal_data::Purge,
};

/// How long after one rewriting the next comes: it holds up whoever writes.
const REWRITTEN_AFTER: TimeDelta = TimeDelta::hours(24);

/// Rewrites the database's files if something was erased since they were rewritten last, and takes away the outcomes of
/// requests that may not be repeated any more; says whether it rewrote.
pub async fn purge_erased(desk: &Desk) -> Result<usize, Failure> {
    let now = desk.now();
    idempotency::forget(&desk.database, now).await?;
    let purge = Purge::find(&mut desk.database.read().await?).await?;
    let Some(purge) = purge.filter(Purge::is_pending) else {
        return Ok(0);
    };
    if purge
        .done_at
        .is_some_and(|done| now - done < REWRITTEN_AFTER)
    {
        return Ok(0);
    }
    Ok(usize::from(desk.database.purge(purge, now).await?))
}
