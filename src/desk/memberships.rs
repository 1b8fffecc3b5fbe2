//! Memberships: how one begins, changes and ends. Each change signs one record.

pub mod admit;
pub mod amend;
pub mod change;
pub mod credential;
pub mod end_suspensions;
pub mod exclude;
pub mod import;
pub mod merge;
pub mod readmit;
pub mod reassign;
pub mod redact;
pub mod reinstate;
pub mod suspend;
pub mod urgent_suspend;
pub mod withdraw;

use charter_proof::entry::Status;

use crate::{
    rules::{decision::Reassigned, id::MemberId},
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
        "{claim} belongs to {member}, a former member of this charter: if it is the same organisation, propose its readmission; if it is not, two registrars can reassign the key"
    )]
    FormerMember {
        /// The key.
        claim: String,
        /// The former member.
        member: MemberId,
    },
}

impl From<Holder> for KeyConflict {
    fn from(holder: Holder) -> Self {
        match holder.status {
            Status::Active | Status::Suspended => Self::Taken(holder.claim),
            Status::Excluded | Status::Withdrawn => Self::FormerMember {
                claim: holder.claim,
                member: holder.member,
            },
        }
    }
}

/// Whether `own` may hold `keys`: those that `from`, a former member, holds are to be reassigned first.
///
/// The outer error is a failure, the inner one a refusal.
async fn claimable(
    conn: &mut Connection,
    charter: &str,
    keys: &[String],
    own: Option<MemberId>,
    from: Option<MemberId>,
) -> Result<Result<Option<Reassigned>, KeyConflict>, storage::Error> {
    let holders = Holder::of(conn, charter, keys).await?;
    let mut claims = Vec::new();
    for holder in holders {
        if Some(holder.member) == own {
            continue;
        }
        match holder.status {
            Status::Excluded | Status::Withdrawn if Some(holder.member) == from => {
                claims.push(holder.claim);
            }
            _ => return Ok(Err(holder.into())),
        }
    }
    claims.sort();
    Ok(Ok(from
        .filter(|_| !claims.is_empty())
        .map(|from| Reassigned { from, claims })))
}
