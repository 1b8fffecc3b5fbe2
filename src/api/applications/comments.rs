//! Comments: what the secretariat notes about an application.

pub mod add;
pub mod erase;
pub mod list;

use crate::{
    api::problem::{
        ApiError,
        catalogue::{APPLICATION_UNKNOWN, COMMENT_UNKNOWN, CONTACT_ERASED, FORBIDDEN},
    },
    desk::applications::comment::CommentError,
};

impl From<CommentError> for ApiError {
    fn from(error: CommentError) -> Self {
        match error {
            CommentError::Unknown => Self::refused(&APPLICATION_UNKNOWN, &error),
            CommentError::CommentUnknown => Self::refused(&COMMENT_UNKNOWN, &error),
            CommentError::Erased => Self::refused(&CONTACT_ERASED, &error),
            CommentError::NotYours => Self::refused(&FORBIDDEN, &error),
            CommentError::Failed(failure) => failure.into(),
        }
    }
}
