//! Decisions: what one registrar proposes and another approves.

pub mod approve;
pub mod decline;
pub mod get;
pub mod list;
pub mod recuse;

use super::problem::{
    ApiError,
    catalogue::{APPLICATION_UNKNOWN, DECISION_UNKNOWN, MEMBER_UNKNOWN},
};
use crate::desk::decisions::recuse::RecuseError;

impl From<RecuseError> for ApiError {
    fn from(error: RecuseError) -> Self {
        match error {
            RecuseError::DecisionUnknown => Self::refused(&DECISION_UNKNOWN, &error),
            RecuseError::ApplicationUnknown => Self::refused(&APPLICATION_UNKNOWN, &error),
            RecuseError::MemberUnknown => Self::refused(&MEMBER_UNKNOWN, &error),
            RecuseError::Failed(failure) => failure.into(),
        }
    }
}
