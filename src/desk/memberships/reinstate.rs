//! A suspension ends by decision: one registrar proposes it, another approves.

use charter_proof::entry::MemberEventKind;

use super::change::{self, ChangeError, Target};
use crate::{
    desk::{Desk, LogUnit, Request, decisions, unit::begin},
    rules::{
        audit::Action,
        decision::{Kind, Proposal, Reasons},
        id::{MemberId, OperatorId},
        letter::Template,
        membership,
    },
    storage::{
        decisions::{Decision, Subject},
        memberships::Membership,
    },
};

/// A proposal to end a suspension.
#[derive(Debug, Clone)]
pub struct Reinstate {
    /// The member.
    pub target: Target,
    /// Why: what the public record will say.
    pub reasons: Reasons,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Proposes the reinstatement; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Reinstate,
) -> Result<Decision, ChangeError> {
    let mut unit = begin!(desk.begin_log::<Decision>(
        &request,
        Action::ReinstatementProposed,
        command.target.member
    ));
    let membership = change::find(&mut unit, &command.target).await?;
    membership::after(membership.status, MemberEventKind::Reinstated)?;
    let kind = Kind::Reinstatement;
    change::check_reasons(&mut unit, &membership, kind, &command.reasons).await?;
    let proposal = Proposal::Reinstatement {
        reasons: command.reasons,
    };
    let subject = Subject::Membership(membership.id);
    let decision = decisions::propose(
        desk,
        &mut unit,
        command.by,
        &membership.charter,
        subject,
        proposal,
    )
    .await?;
    Ok(unit.finish(decision).await?)
}

/// Ends the suspension: signs the member's record and appends the event.
pub async fn carry_out(
    unit: &mut LogUnit,
    charter: &str,
    member: MemberId,
    reasons: &Reasons,
) -> Result<Membership, ChangeError> {
    let mut membership = Membership::find(unit, charter, member)
        .await?
        .ok_or(ChangeError::Unknown)?;
    let event = MemberEventKind::Reinstated;
    change::record(
        unit,
        &mut membership,
        event,
        Some(reasons),
        None,
        Template::MemberReinstated,
    )
    .await?;
    Ok(membership)
}
