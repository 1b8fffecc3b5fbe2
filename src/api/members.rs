//! The public registry: present and former members of a charter.

pub mod amend;
pub mod exclude;
pub mod get;
pub mod history;
pub mod list;
pub mod record;
pub mod redirect;
pub mod withdraw;

use super::problem::{ApiError, catalogue::MEMBER_UNKNOWN};

/// The charter never had such a member.
fn unknown() -> ApiError {
    ApiError::new(
        &MEMBER_UNKNOWN,
        "the charter never had a member of this identifier",
    )
}
