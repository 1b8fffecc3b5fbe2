//! A member is merged into another one: one registrar proposes it, another approves.

use charter_proof::entry::MemberEventKind;

use super::change::{self, ChangeError, Target};
use crate::{
    desk::{Desk, Failure, LogUnit, Request, decisions, failures_of, unit::begin},
    rules::{
        audit::Action,
        claim::{TooManyIdentifiers, merged},
        decision::{Ground, Proposal, Reasons},
        id::{MemberId, OperatorId},
        letter::Template,
        membership,
        text::{Localized, Prose},
    },
    storage::{
        decisions::{Decision, Subject},
        memberships::Membership,
    },
};

/// A proposal to merge a member into another.
#[derive(Debug, Clone)]
pub struct Merge {
    /// The member that ceases to be one.
    pub target: Target,
    /// The member that goes on.
    pub into: MemberId,
    /// What the public record of the first will say.
    pub statement: Localized<Prose>,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Why members are not merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// One of the memberships is not changed so.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// The member that is to go on is the same one.
    #[error("a member is merged into another one, not into itself")]
    Itself,
    /// The charter has no member into which it could be merged.
    #[error("there is no such member of this charter to merge it into")]
    IntoUnknown,
    /// The member that goes on would have too many identifiers.
    #[error(transparent)]
    TooMany(#[from] TooManyIdentifiers),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(MergeError);

/// Proposes the merger; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Merge,
) -> Result<Decision, MergeError> {
    let mut unit =
        begin!(desk.begin_log::<Decision>(&request, Action::MergerProposed, command.target.member));
    let ceasing = change::find(&mut unit, &command.target).await?;
    if ceasing.id == command.into {
        return Err(MergeError::Itself);
    }
    let going_on = Membership::find(&mut unit, &ceasing.charter, command.into)
        .await?
        .ok_or(MergeError::IntoUnknown)?;
    membership::after(ceasing.status, MemberEventKind::Withdrew).map_err(ChangeError::from)?;
    membership::after(going_on.status, MemberEventKind::Amended).map_err(ChangeError::from)?;
    merged(&going_on.organisation, &ceasing.organisation)?;
    let proposal = Proposal::Merger {
        into: going_on.id,
        reasons: Reasons {
            ground: Ground::Dissolved,
            clauses: Vec::new(),
            law: None,
            statement: command.statement,
        },
    };
    let subject = Subject::Membership(ceasing.id);
    let entered = decisions::propose(
        desk,
        &mut unit,
        command.by,
        &ceasing.charter,
        subject,
        proposal,
    );
    let decision = entered.await.map_err(ChangeError::from)?;
    Ok(unit.finish(decision).await?)
}

/// Merges the members: the one withdraws, its keys go to the other, whose own entry follows at once.
///
/// A domain that finds another one in its place stays with the member that ceased. Returns the one that goes on.
pub async fn carry_out(
    unit: &mut LogUnit,
    charter: &str,
    ceasing: MemberId,
    into: MemberId,
    reasons: &Reasons,
) -> Result<Membership, MergeError> {
    let mut ceasing = Membership::find(unit, charter, ceasing)
        .await?
        .ok_or(ChangeError::Unknown)?;
    let mut going_on = Membership::find(unit, charter, into)
        .await?
        .ok_or(MergeError::IntoUnknown)?;
    going_on.organisation = merged(&going_on.organisation, &ceasing.organisation)?;
    let keys = going_on.organisation.claim_keys();

    ceasing.merged_into = Some(into);
    let event = MemberEventKind::Withdrew;
    change::record(
        unit,
        &mut ceasing,
        event,
        Some(reasons),
        Some(into),
        Template::MemberWithdrew,
    )
    .await?;
    for key in ceasing.organisation.claim_keys() {
        if keys.contains(&key) {
            unit.reassign(charter, &key, ceasing.id, into).await?;
        }
    }
    let event = MemberEventKind::Amended;
    change::record(
        unit,
        &mut going_on,
        event,
        None,
        Some(ceasing.id),
        Template::MemberAmended,
    )
    .await?;
    going_on.claim(unit, &keys).await?;
    Ok(going_on)
}
