//! An idle log says again that it is still the newest, so that proofs of it stay fresh.

use chrono::TimeDelta;

use super::{Desk, Failure};
use crate::log::ledger::Ledger;

/// How old the newest checkpoint's time may become: a third of what verifiers accept by default.
const EVERY: TimeDelta = TimeDelta::hours(1);

/// How long after that time it is late.
const GRACE: TimeDelta = TimeDelta::minutes(15);

/// Signs the head again as of now, if that is due; says how often.
pub async fn refresh_checkpoint(desk: &Desk) -> Result<usize, Failure> {
    if !is_due(desk) {
        return Ok(0);
    }
    let (signatory, clock) = (desk.signatory.clone(), desk.clock.clone());
    let ledger = Box::pin(Ledger::open(&desk.database, signatory, clock)).await?;
    Box::pin(ledger.refresh()).await?;
    Ok(1)
}

/// Whether that should have happened by now: the timetable has tried again and again.
pub fn is_late(desk: &Desk) -> bool {
    let newest = desk.signatory.log.newest();
    newest.is_some_and(|newest| desk.now() - newest.cosigned_at >= EVERY + GRACE)
}

fn is_due(desk: &Desk) -> bool {
    let newest = desk.signatory.log.newest();
    newest.is_none_or(|newest| desk.now() - newest.cosigned_at >= EVERY)
}
