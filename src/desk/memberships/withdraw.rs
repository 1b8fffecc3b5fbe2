//! A member leaves on its own wish.

use charter_proof::entry::MemberEventKind;

use super::change::{self, ChangeError, Target};
use crate::{
    desk::{Desk, Request, unit::begin},
    rules::{
        audit::Action,
        decision::{Ground, Reasons},
        letter::Template,
        membership,
        text::{Localized, Prose},
    },
    storage::memberships::Membership,
};

/// A member's wish to leave.
#[derive(Debug, Clone)]
pub struct Withdraw {
    /// The member.
    pub target: Target,
    /// What the public record will say of it.
    pub statement: Localized<Prose>,
}

/// Ends a membership on the member's wish: signs its record and appends the event.
pub async fn withdraw(
    desk: &Desk,
    request: Request,
    command: Withdraw,
) -> Result<Membership, ChangeError> {
    let mut unit = begin!(desk.begin_log::<Membership>(
        &request,
        Action::MemberWithdrew,
        command.target.member
    ));
    let mut membership = change::find(&mut unit, &command.target).await?;
    membership::after(membership.status, MemberEventKind::Withdrew)?;
    change::check_impartial(&mut unit, request.actor, membership.id).await?;
    let reasons = Reasons {
        ground: Ground::OwnRequest,
        clauses: Vec::new(),
        law: None,
        statement: command.statement,
    };
    let event = MemberEventKind::Withdrew;
    change::record(
        &mut unit,
        &mut membership,
        event,
        Some(&reasons),
        None,
        Template::MemberWithdrew,
    )
    .await?;
    Ok(unit.finish(membership).await?)
}
