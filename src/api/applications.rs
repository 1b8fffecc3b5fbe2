//! Applications: from their receipt to their end.

pub mod acknowledge_matches;
pub mod admit;
pub mod assign;
pub mod attest_paper;
pub mod comments;
pub mod confirm;
pub mod create;
pub mod erase;
pub mod export;
pub mod get;
pub mod get_contact;
pub mod get_enclosed;
pub mod get_memorandum;
pub mod get_scan;
pub mod issue_memorandum;
pub mod list;
pub mod put_enclosed;
pub mod put_scan;
pub mod put_signature;
pub mod readmit;
pub mod recuse;
pub mod reject;
pub mod reopen;
pub mod resubmit;
pub mod return_for_correction;
mod signing;
pub mod withdraw;

use super::problem::{
    ApiError,
    catalogue::{
        APPLICATION_STATE, APPLICATION_UNKNOWN, CATEGORY_NOT_ACCEPTED, CHANGED, CONTACT_ERASED,
        COUNTRY_NOT_ACCEPTED, MEMORANDUM_NOT_ISSUED,
    },
};
use crate::desk::applications::{Ineligible, StepError, look::LookError};

/// There is no such application, or it is none of the caller's.
fn unknown() -> ApiError {
    ApiError::new(
        &APPLICATION_UNKNOWN,
        "there is no such application, or it is none of the token's",
    )
}

impl From<LookError> for ApiError {
    fn from(error: LookError) -> Self {
        match error {
            LookError::Unknown => Self::refused(&APPLICATION_UNKNOWN, &error),
            LookError::Erased => Self::refused(&CONTACT_ERASED, &error),
            LookError::NotIssued | LookError::NoScan => {
                Self::refused(&MEMORANDUM_NOT_ISSUED, &error)
            }
            LookError::Failed(failure) => failure.into(),
        }
    }
}

impl From<StepError> for ApiError {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Unknown => Self::refused(&APPLICATION_UNKNOWN, &error),
            StepError::Changed => Self::refused(&CHANGED, &error),
            StepError::NotNow(_) | StepError::Closed(_) => {
                Self::refused(&APPLICATION_STATE, &error)
            }
            StepError::Erased => Self::refused(&CONTACT_ERASED, &error),
            StepError::Failed(failure) => failure.into(),
        }
    }
}

impl From<Ineligible> for ApiError {
    fn from(refusal: Ineligible) -> Self {
        match refusal {
            Ineligible::Category { .. } => Self::refused(&CATEGORY_NOT_ACCEPTED, &refusal),
            Ineligible::Country(_) => Self::refused(&COUNTRY_NOT_ACCEPTED, &refusal),
        }
    }
}
