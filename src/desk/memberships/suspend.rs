//! A member's rights rest: one registrar proposes it, another approves, with a term or without.

use charter_proof::entry::MemberEventKind;
use chrono::{DateTime, NaiveDate, NaiveTime, Utc};

use super::change::{self, ChangeError, Target};
use crate::{
    desk::{Desk, Failure, LogUnit, Request, decisions, failures_of, unit::begin},
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

/// A proposal to suspend a member.
#[derive(Debug, Clone)]
pub struct Suspend {
    /// The member.
    pub target: Target,
    /// Why: what the public record will say.
    pub reasons: Reasons,
    /// The day with whose beginning, in UTC, the suspension ends by itself; without one it lasts until it is decided.
    pub until: Option<NaiveDate>,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Why a member is not suspended.
#[derive(Debug, thiserror::Error)]
pub enum SuspendError {
    /// The membership is not changed so.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The term would have passed before it began.
    #[error("a suspension until {0} would be over before it begins: name a later day")]
    TermPassed(NaiveDate),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(SuspendError);

/// Proposes the suspension; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Suspend,
) -> Result<Decision, SuspendError> {
    let mut unit = begin!(desk.begin_log::<Decision>(
        &request,
        Action::SuspensionProposed,
        command.target.member
    ));
    let membership = change::find(&mut unit, &command.target).await?;
    membership::after(membership.status, event(&membership)).map_err(ChangeError::from)?;
    term(command.until, unit.at())?;
    change::check_reasons(&mut unit, &membership, Kind::Suspension, &command.reasons).await?;
    let proposal = Proposal::Suspension {
        reasons: command.reasons,
        until: command.until,
    };
    let subject = Subject::Membership(membership.id);
    let entered = decisions::propose(
        desk,
        &mut unit,
        command.by,
        &membership.charter,
        subject,
        proposal,
    );
    let decision = entered.await.map_err(ChangeError::from)?;
    Ok(unit.finish(decision).await?)
}

/// Suspends the member; one that is suspended urgently stays so, from now on by this decision and for its term.
pub async fn carry_out(
    unit: &mut LogUnit,
    charter: &str,
    member: MemberId,
    reasons: &Reasons,
    until: Option<NaiveDate>,
) -> Result<Membership, SuspendError> {
    let mut membership = Membership::find(unit, charter, member)
        .await?
        .ok_or(ChangeError::Unknown)?;
    let event = event(&membership);
    membership.suspended_until = term(until, unit.at())?;
    membership.urgent_by = None;
    change::record(
        unit,
        &mut membership,
        event,
        Some(reasons),
        None,
        Template::MemberSuspended,
    )
    .await?;
    Ok(membership)
}

/// What the suspension is to the member: news, or, where it is suspended urgently, the confirmation of that.
const fn event(membership: &Membership) -> MemberEventKind {
    if membership.urgent_by.is_some() {
        MemberEventKind::Amended
    } else {
        MemberEventKind::Suspended
    }
}

/// When a suspension of this term ends.
fn term(
    until: Option<NaiveDate>,
    now: DateTime<Utc>,
) -> Result<Option<DateTime<Utc>>, SuspendError> {
    let end = |day: NaiveDate| day.and_time(NaiveTime::MIN).and_utc();
    match until {
        Some(day) if end(day) <= now => Err(SuspendError::TermPassed(day)),
        until => Ok(until.map(end)),
    }
}
