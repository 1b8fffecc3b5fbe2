//! The public log as files (C2SP tlog-tiles), in bulk and for people; membership proofs, and the policy by which they
//! are checked.

pub mod charter;
pub mod checkpoint;
pub mod events;
pub mod policy;
pub mod proof;
pub mod records;
pub mod tile;

use super::problem::{ApiError, catalogue::BUSY};
use crate::{
    desk::{Desk, Failure},
    log::{ledger::LedgerError, memory::LogError},
};

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        Failure::from(LedgerError::from(error)).into()
    }
}

/// Nothing is served yet: nothing is published, or no checkpoint has had its quorum.
pub(super) fn unserved(desk: &Desk) -> ApiError {
    if desk.signatory.log.awaiting().is_none() {
        return unpublished();
    }
    let detail =
        "the checkpoint waits for the registry's witnesses to cosign it; /readyz says who has not";
    ApiError {
        retry_after: Some(5),
        ..ApiError::new(&BUSY, detail)
    }
}

/// Nothing is published yet, or the high-water mark cannot be written.
pub(super) fn unpublished() -> ApiError {
    ApiError::new(&BUSY, "the registry has not published a checkpoint yet")
}
