//! Persons who were kept long enough are erased, as if they had asked for it.

use super::erase::{self, EraseError};
use crate::{
    desk::{Actor, Desk, Failure, Request},
    rules::id::ApplicationId,
    storage::personal_data,
};

/// How many applications are looked up at a time.
const BATCH: i64 = 100;

/// How many one run erases: the next goes on.
const MOST: usize = 1_000;

/// The applications whose persons were kept long enough, at most this many of either kind.
pub async fn due(desk: &Desk, limit: i64) -> Result<Vec<ApplicationId>, Failure> {
    let (now, retention) = (desk.now(), desk.retention);
    let (applicants, members) = (
        retention.applicants.until(now),
        retention.members.until(now),
    );
    let mut conn = desk.database.read().await?;
    Ok(personal_data::due(&mut conn, applicants, members, limit).await?)
}

/// Erases the persons who were kept long enough, each application in a transaction of its own; returns of how many.
///
/// Other instances may do the same at the same time: to erase twice is to erase once.
pub async fn erase_due(desk: &Desk) -> Result<usize, Failure> {
    let mut erased = 0;
    while erased < MOST {
        let due = due(desk, BATCH).await?;
        if due.is_empty() {
            break;
        }
        let before = erased;
        for id in due {
            match erase::erase_rows(desk, Request::by(Actor::System), id).await {
                Ok(_) => erased += 1,
                Err(EraseError::Failed(failure)) => return Err(failure),
                // It was reopened or goes on meanwhile: it is not due any more.
                Err(EraseError::Unknown | EraseError::StillOpen(_)) => {}
            }
        }
        if erased == before {
            break;
        }
    }
    if erased > 0 {
        desk.database.forget().await?;
    }
    Ok(erased)
}
