//! A member that violates the charter is excluded: one registrar proposes it, another approves.

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

/// A proposal to exclude a member.
#[derive(Debug, Clone)]
pub struct Exclude {
    /// The member.
    pub target: Target,
    /// Why: what the public record will say.
    pub reasons: Reasons,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Proposes the exclusion; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Exclude,
) -> Result<Decision, ChangeError> {
    let mut unit = begin!(desk.begin_log::<Decision>(
        &request,
        Action::ExclusionProposed,
        command.target.member
    ));
    let membership = change::find(&mut unit, &command.target).await?;
    membership::after(membership.status, MemberEventKind::Excluded)?;
    change::check_reasons(&mut unit, &membership, Kind::Exclusion, &command.reasons).await?;
    let proposal = Proposal::Exclusion {
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

/// Excludes the member: signs its record and appends the event.
pub async fn carry_out(
    unit: &mut LogUnit,
    charter: &str,
    member: MemberId,
    reasons: &Reasons,
) -> Result<Membership, ChangeError> {
    let mut membership = Membership::find(unit, charter, member)
        .await?
        .ok_or(ChangeError::Unknown)?;
    let event = MemberEventKind::Excluded;
    change::record(
        unit,
        &mut membership,
        event,
        Some(reasons),
        None,
        Template::MemberExcluded,
    )
    .await?;
    Ok(membership)
}
