//! Memberships: how one begins, changes and ends. Each change signs one record.

pub mod admit;
pub mod amend;
pub mod exclude;
pub mod withdraw;

use charter_proof::entry::Status;

use crate::{
    rules::id::MemberId,
    storage::{self, Connection, memberships::Holder},
};

/// A key that cannot be had, because another membership holds it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyConflict {
    /// A member holds it.
    #[error("{0} belongs to another member of this charter")]
    Taken(String),
    /// A former member holds it.
    #[error(
        "{0} belongs to a former member of this charter, who may be returning: it can only be reassigned by two registrars"
    )]
    FormerMember(String),
}

/// The first of `keys` that another membership than `own` holds.
async fn conflict(
    conn: &mut Connection,
    charter: &str,
    keys: &[String],
    own: Option<MemberId>,
) -> Result<Option<KeyConflict>, storage::Error> {
    let holders = Holder::of(conn, charter, keys).await?;
    let other = holders
        .into_iter()
        .find(|holder| Some(holder.member) != own);
    Ok(other.map(|holder| match holder.status {
        Status::Active | Status::Suspended => KeyConflict::Taken(holder.claim),
        Status::Excluded | Status::Withdrawn => KeyConflict::FormerMember(holder.claim),
    }))
}
