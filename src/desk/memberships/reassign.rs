//! A key that a former member holds goes to a member: one registrar proposes it, another approves.

use charter_proof::entry::{MemberEventKind, Status};

use super::{
    KeyConflict,
    change::{self, ChangeError, Target},
};
use crate::{
    desk::{Desk, Failure, LogUnit, Request, decisions, failures_of, unit::begin},
    rules::{
        audit::Action,
        claim::{Claim, TooManyIdentifiers, with_claims},
        decision::{Kind, Proposal, Reasons, Reassigned},
        id::{MemberId, OperatorId},
        letter::Template,
        membership,
    },
    storage::{
        Connection,
        decisions::{Decision, Subject},
        memberships::{Holder, Membership},
    },
};

/// A proposal to reassign keys.
#[derive(Debug, Clone)]
pub struct Reassign {
    /// The member that is to hold them.
    pub target: Target,
    /// The keys.
    pub claims: Vec<Claim>,
    /// Whether the registrar attests that the member controls the domain among them.
    pub domain_attested: bool,
    /// Why: what the public record of the member will say.
    pub reasons: Reasons,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Why keys are not reassigned.
#[derive(Debug, thiserror::Error)]
pub enum ReassignError {
    /// The membership is not changed so.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A member holds one of the keys.
    #[error(transparent)]
    KeyConflict(#[from] KeyConflict),
    /// Nobody else holds one of the keys.
    #[error("no former member holds {0}: amend the member to claim it")]
    NotHeld(String),
    /// The keys are of several former members.
    #[error("the keys belong to several former members: decide about those of each")]
    SeveralHolders,
    /// Control of the domain is not attested.
    #[error("a domain needs `domainAttested`: a registrar attests that the member controls it")]
    DomainNotAttested,
    /// The member would have too many identifiers.
    #[error(transparent)]
    TooMany(#[from] TooManyIdentifiers),
    /// What was proposed no longer fits who holds the keys.
    #[error("who holds the keys changed since it was proposed")]
    Stale,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ReassignError);

/// Proposes the reassignment; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Reassign,
) -> Result<Decision, ReassignError> {
    let mut unit = begin!(desk.begin_log::<Decision>(
        &request,
        Action::ReassignmentProposed,
        command.target.member
    ));
    let membership = change::find(&mut unit, &command.target).await?;
    membership::after(membership.status, MemberEventKind::Amended).map_err(ChangeError::from)?;
    let has_domain = |claim: &Claim| matches!(claim, Claim::Domain(_));
    if command.claims.iter().any(has_domain) && !command.domain_attested {
        return Err(ReassignError::DomainNotAttested);
    }
    let kind = Kind::ClaimReassignment;
    change::check_reasons(&mut unit, &membership, kind, &command.reasons).await?;
    with_claims(&membership.organisation, &command.claims)?;
    let keys: Vec<String> = command.claims.iter().map(Claim::key).collect();
    let reassigned = held_by_one(&mut unit, &membership, keys).await?;
    let proposal = Proposal::ClaimReassignment {
        reassigned,
        reasons: command.reasons,
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

/// Reassigns the keys: an entry for each, and at once the member's own, whose record names them.
pub async fn carry_out(
    unit: &mut LogUnit,
    charter: &str,
    member: MemberId,
    reassigned: &Reassigned,
    reasons: &Reasons,
) -> Result<Membership, ReassignError> {
    let mut membership = Membership::find(unit, charter, member)
        .await?
        .ok_or(ChangeError::Unknown)?;
    let now = held_by_one(unit, &membership, reassigned.claims.clone()).await?;
    if now != *reassigned {
        return Err(ReassignError::Stale);
    }
    let claims: Result<Vec<_>, _> = now.claims.iter().map(|key| Claim::parse(key)).collect();
    let claims = claims.map_err(|_| ReassignError::Stale)?;
    membership.organisation = with_claims(&membership.organisation, &claims)?;
    for key in &now.claims {
        unit.reassign(charter, key, now.from, member).await?;
    }
    let (event, other) = (MemberEventKind::Amended, Some(now.from));
    change::record(
        unit,
        &mut membership,
        event,
        Some(reasons),
        other,
        Template::MemberAmended,
    )
    .await?;
    let keys = membership.organisation.claim_keys();
    membership.claim(unit, &keys).await?;
    Ok(membership)
}

/// The one former member that holds all of these keys.
async fn held_by_one(
    conn: &mut Connection,
    membership: &Membership,
    mut claims: Vec<String>,
) -> Result<Reassigned, ReassignError> {
    claims.sort();
    claims.dedup();
    let holders = Holder::of(conn, &membership.charter, &claims).await?;
    let mut from = None;
    for claim in &claims {
        let holder = holders
            .iter()
            .find(|holder| holder.claim == *claim && holder.member != membership.id)
            .ok_or_else(|| ReassignError::NotHeld(claim.clone()))?;
        if matches!(holder.status, Status::Active | Status::Suspended) {
            return Err(KeyConflict::Taken(claim.clone()).into());
        }
        if *from.get_or_insert(holder.member) != holder.member {
            return Err(ReassignError::SeveralHolders);
        }
    }
    let from = from.ok_or(ReassignError::NotHeld(String::new()))?;
    Ok(Reassigned { from, claims })
}
