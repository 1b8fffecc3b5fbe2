//! Letters: what was to be told to whom, and what became of it.

pub mod bounce;
pub mod get;
pub mod list;
pub mod retry;

use super::problem::{
    ApiError,
    catalogue::{LETTER_STATE, LETTER_UNKNOWN},
};
use crate::desk::letters::LetterError;

impl From<LetterError> for ApiError {
    fn from(error: LetterError) -> Self {
        match error {
            LetterError::Unknown => Self::refused(&LETTER_UNKNOWN, &error),
            LetterError::NotNow(_) => Self::refused(&LETTER_STATE, &error),
            LetterError::Failed(failure) => failure.into(),
        }
    }
}
