//! A registrar suspends a member alone, for what cannot wait; it lapses by itself unless two confirm it.

use charter_proof::entry::MemberEventKind;
use chrono::{DateTime, TimeDelta, Utc};

use super::change::{self, ChangeError, Target};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        audit::Action,
        decision::{Kind, Reasons},
        id::OperatorId,
        letter::Template,
        membership,
    },
    storage::memberships::Membership,
};

/// For how long an urgent suspension stands without being confirmed, and for how long none follows it.
pub const STANDS_FOR: TimeDelta = TimeDelta::days(14);

/// An urgent suspension.
#[derive(Debug, Clone)]
pub struct UrgentlySuspend {
    /// The member.
    pub target: Target,
    /// Why: what the public record will say.
    pub reasons: Reasons,
    /// Who suspends it.
    pub by: OperatorId,
}

/// Why a member is not suspended urgently.
#[derive(Debug, thiserror::Error)]
pub enum UrgentlySuspendError {
    /// The membership is not changed so.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// An earlier one ended a short time ago.
    #[error(
        "an urgent suspension of this member ended without being confirmed, and none may follow it before {0}: propose an ordinary one"
    )]
    Again(DateTime<Utc>),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(UrgentlySuspendError);

/// Suspends the member at once: signs its record and appends the event.
pub async fn urgently_suspend(
    desk: &Desk,
    request: Request,
    command: UrgentlySuspend,
) -> Result<Membership, UrgentlySuspendError> {
    let mut unit = begin!(desk.begin_log::<Membership>(
        &request,
        Action::MemberSuspended,
        command.target.member
    ));
    let mut membership = change::find(&mut unit, &command.target).await?;
    membership::after(membership.status, MemberEventKind::Suspended).map_err(ChangeError::from)?;
    change::check_impartial(&mut unit, request.actor, membership.id).await?;
    change::check_reasons(&mut unit, &membership, Kind::Suspension, &command.reasons).await?;
    let at = unit.at();
    if let Some(free) = membership.urgent_ended_at.map(|ended| ended + STANDS_FOR)
        && at < free
    {
        return Err(UrgentlySuspendError::Again(free));
    }
    membership.suspended_until = Some(at + STANDS_FOR);
    membership.urgent_by = Some(command.by);
    let (event, reasons) = (MemberEventKind::Suspended, Some(&command.reasons));
    change::record(
        &mut unit,
        &mut membership,
        event,
        reasons,
        None,
        Template::MemberSuspendedUrgently,
    )
    .await?;
    Ok(unit.finish(membership).await?)
}
