//! Letters as the secretariat meets them: what the sender does by itself, and what a clerk does by hand.

pub mod note_bounce;
pub mod remind;
pub mod retry;
pub mod send;

use super::{Failure, failures_of};
use crate::rules::letter::NotNow;

/// Why nothing is done with a letter.
#[derive(Debug, thiserror::Error)]
pub enum LetterError {
    /// There is no such letter.
    #[error("there is no such letter")]
    Unknown,
    /// Its state does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(LetterError);
