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
    desk::Failure,
    log::{ledger::LedgerError, memory::LogError},
};

impl From<LogError> for ApiError {
    fn from(error: LogError) -> Self {
        Failure::from(LedgerError::from(error)).into()
    }
}

/// Nothing is published yet, or the high-water mark cannot be written.
pub(super) fn unpublished() -> ApiError {
    ApiError::new(&BUSY, "the registry has not published a checkpoint yet")
}
