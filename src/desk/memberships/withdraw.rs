//! A member leaves on its own wish.

use charter_proof::entry::MemberEventKind;

use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    log::ledger::Change,
    notify::outbox::Draft,
    rules::{
        decision::{Ground, Reasons},
        id::MemberId,
        letter::Template,
        membership::{self, NotNow},
        text::{Localized, Prose},
    },
    storage::{charters::Published, memberships::Membership},
};

/// A member's wish to leave.
#[derive(Debug, Clone)]
pub struct Withdraw {
    /// The charter's slug.
    pub charter: String,
    /// The member.
    pub member: MemberId,
    /// The index of the member's newest log entry, when the caller insists on one.
    pub expected_index: Option<u64>,
    /// What the public record will say of it.
    pub statement: Localized<Prose>,
}

/// Why a membership is not ended.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
    /// There is no such member of this charter.
    #[error("there is no such member of this charter")]
    Unknown,
    /// The membership changed since the caller read it.
    #[error("the membership changed since you read it: read it again")]
    Changed,
    /// The member's status does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(WithdrawError);

/// Ends a membership on the member's wish: signs its record and appends the event.
pub async fn withdraw(
    desk: &Desk,
    request: Request,
    command: Withdraw,
) -> Result<Membership, WithdrawError> {
    let mut unit = begin!(desk.begin_log::<Membership>(&request));
    let mut membership = Membership::find(&mut unit, &command.charter, command.member)
        .await?
        .ok_or(WithdrawError::Unknown)?;
    if command
        .expected_index
        .is_some_and(|index| index != membership.log_index)
    {
        return Err(WithdrawError::Changed);
    }
    let status = membership::after(membership.status, MemberEventKind::Withdrew)?;
    let published = Published::find(&mut unit, &membership.charter, membership.charter_version)
        .await?
        .ok_or(WithdrawError::Unknown)?;
    let reasons = Reasons {
        ground: Ground::OwnRequest,
        clauses: Vec::new(),
        law: None,
        statement: command.statement,
    };
    let change = Change {
        event: MemberEventKind::Withdrew,
        status,
        charter: &published,
        reasons: Some(&reasons),
    };
    unit.record(&mut membership, change).await?;
    membership.update(&mut unit).await?;
    let letter = Draft::to_member(Template::MemberWithdrew, &membership);
    unit.letter(letter).await?;
    Ok(unit.finish(membership).await?)
}
