//! The public registry: present and former members of a charter.

pub mod amend;
pub mod credential;
pub mod dump;
pub mod exclude;
pub mod get;
pub mod history;
pub mod list;
pub mod merge;
mod past;
pub mod reasons;
pub mod reassign;
pub mod record;
pub mod recuse;
pub mod redirect;
pub mod reinstate;
pub mod suspend;
pub mod urgent_suspend;
pub mod withdraw;

use actix_web::{HttpRequest, web::Path};
use uuid::Uuid;

use super::{
    problem::{
        ApiError,
        catalogue::{CHANGED, MEMBER_UNKNOWN, MEMBERSHIP_STATUS, RECUSED},
    },
    render,
    wire::member,
};
use crate::{
    desk::memberships::change::{ChangeError, Target},
    rules::{id::MemberId, text::Slug},
};

/// The member of the address, in the state that `If-Match` names.
fn target(request: &HttpRequest, path: Path<(Slug, Uuid)>) -> Target {
    let (charter, id) = path.into_inner();
    Target {
        charter: charter.to_string(),
        member: MemberId(id),
        expected_index: render::expected(request).map(member::index),
    }
}

impl From<ChangeError> for ApiError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Unknown => Self::refused(&MEMBER_UNKNOWN, &error),
            ChangeError::Changed => Self::refused(&CHANGED, &error),
            ChangeError::NotNow(_) => Self::refused(&MEMBERSHIP_STATUS, &error),
            ChangeError::Reasons(refusal) => refusal.into(),
            ChangeError::Recused => Self::refused(&RECUSED, &error),
            ChangeError::Propose(refusal) => refusal.into(),
            ChangeError::Failed(failure) => failure.into(),
        }
    }
}

/// The charter never had such a member.
pub(super) fn unknown() -> ApiError {
    ApiError::new(
        &MEMBER_UNKNOWN,
        "the charter never had a member of this identifier",
    )
}
