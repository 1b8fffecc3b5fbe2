//! Checkpoints are served without the witnesses' quorum, because an operator says so: the log tells everybody.

use charter_proof::entry::Event;

use super::{Begun, Desk, Failure, Request, failures_of};
use crate::{
    log::{ledger::LedgerError, memory::LogError},
    rules::{
        audit::{Action, Subject},
        text::Name,
    },
    storage::witnessed,
};

/// Why the quorum is not overridden.
#[derive(Debug, thiserror::Error)]
pub enum OverrideError {
    /// No witnesses are asked.
    #[error("no witness policy is set: nothing waits for witnesses")]
    NoPolicy,
    /// Nothing waits.
    #[error("the newest checkpoint has its quorum: nothing waits for witnesses")]
    NothingWaits,
    /// It did not come to that.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(OverrideError);

impl From<LogError> for OverrideError {
    fn from(error: LogError) -> Self {
        LedgerError::from(error).into()
    }
}

/// Appends that the quorum is overridden and why, and serves what waits; returns the entry's index.
pub async fn override_quorum(
    desk: &Desk,
    request: Request,
    reason: &Name,
) -> Result<u64, OverrideError> {
    if desk.witnesses.is_none() {
        return Err(OverrideError::NoPolicy);
    }
    if desk.signatory.log.awaiting().is_none() {
        return Err(OverrideError::NothingWaits);
    }
    let begun = desk.begin_log::<()>(&request, Action::QuorumOverridden, Subject::Registry);
    let Begun::Now(mut unit) = begun.await? else {
        return Err(OverrideError::NothingWaits);
    };
    let reason = reason.to_string();
    let entry = unit.append(Event::QuorumOverridden { reason }).await?;
    witnessed::override_from(&mut unit, entry).await?;
    unit.finish(()).await?;
    let mut conn = desk.database.read().await?;
    desk.signatory.log.follow_witnesses(&mut conn).await?;
    Ok(entry)
}
