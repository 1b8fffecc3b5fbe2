//! Status lists are signed again before they lapse, and when the record key has changed.

use charter_proof::status_list::MAX_VALIDITY;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Desk, Failure};
use crate::{log::ledger::Ledger, storage::status_lists};

/// How long before they lapse they are signed again: half of their time.
const BEFORE: TimeDelta = TimeDelta::hours(24);

/// How long after that time it is late: the timetable has tried again and again by then.
const GRACE: TimeDelta = TimeDelta::hours(1);

const _: () = assert!(BEFORE.num_hours() < MAX_VALIDITY.num_hours());

/// Signs the lists again that are due; says how many of each purpose.
pub async fn refresh_status_lists(desk: &Desk) -> Result<usize, Failure> {
    let key = desk.signatory.keyring.keys().record.public().to_multibase();
    let before = desk.now() + BEFORE;
    let mut conn = desk.database.read().await?;
    if status_lists::due(&mut conn, before, &key).await?.is_empty() {
        return Ok(0);
    }
    drop(conn);
    let (signatory, clock) = (desk.signatory.clone(), desk.clock.clone());
    let mut ledger = Box::pin(Ledger::open(&desk.database, signatory, clock)).await?;
    let due = status_lists::due(&mut ledger, before, &key).await?;
    let many = due.len();
    ledger.renew_lists(due);
    Box::pin(ledger.commit()).await?;
    Ok(many)
}

/// Whether the lists should have been signed again by now, by when the first of them lapses.
pub fn are_late(first_to_lapse: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    first_to_lapse.is_some_and(|lapses| lapses - now < BEFORE - GRACE)
}
