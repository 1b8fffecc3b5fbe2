//! The audit's newest hash enters the public log, so that nobody can rewrite the audit behind it.

use charter_proof::entry::Event;
use chrono::TimeDelta;

use crate::{
    desk::{Actor, Begun, Desk, Failure, Request},
    rules::audit::{Action, Subject},
    storage::audit,
};

/// How long what was done waits to be anchored.
const EVERY: TimeDelta = TimeDelta::days(1);

/// Anchors the audit, if something was done since it was last anchored and a day has passed; says how often.
pub async fn anchor_when_due(desk: &Desk) -> Result<usize, Failure> {
    if !is_due(desk).await? {
        return Ok(0);
    }
    let request = Request::by(Actor::System);
    let begun = desk.begin_log::<()>(&request, Action::AuditAnchored, Subject::Registry);
    let Begun::Now(mut unit) = begun.await? else {
        return Ok(0);
    };
    // Another instance may have been faster; the log head now keeps it out.
    if !is_due(desk).await? {
        return Ok(0);
    }
    let head = audit::head(&mut unit).await?.hash;
    unit.append(Event::AuditAnchored { head }).await?;
    unit.finish(()).await?;
    Ok(1)
}

async fn is_due(desk: &Desk) -> Result<bool, Failure> {
    let mut conn = desk.database.read().await?;
    let anchored = audit::newest(&mut conn, Action::AuditAnchored).await?;
    let next = anchored.as_ref().map_or(0, |row| row.body.seq + 1);
    let Some(waiting) = audit::entries(&mut conn, next, 1).await?.pop() else {
        return Ok(false);
    };
    let since = anchored.map_or(waiting.body.at, |row| row.body.at);
    Ok(desk.now() - since >= EVERY)
}
