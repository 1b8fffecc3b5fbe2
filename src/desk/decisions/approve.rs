//! A second registrar approves a decision, and it is carried out.

use charter_proof::canonical::Digest;
use serde::{Deserialize, Serialize};

use super::subject_digest;
use crate::{
    desk::{
        Desk, Failure, Request, failures_of,
        memberships::{admit, exclude},
        unit::begin,
    },
    rules::{
        decision::{Proposal, State},
        id::{DecisionId, OperatorId},
    },
    storage::{
        decisions::{Decision, Subject},
        memberships::Membership,
    },
};

/// An approval.
#[derive(Debug, Clone, Copy)]
pub struct Approve {
    /// The decision.
    pub decision: DecisionId,
    /// Its digest as the approver read it.
    pub digest: Digest,
    /// Who approves.
    pub by: OperatorId,
}

/// A decision carried out, and the membership as it stands by it.
#[derive(Debug, Serialize, Deserialize)]
pub struct Approved {
    /// The decision.
    pub decision: Decision,
    /// The membership.
    pub membership: Membership,
}

/// Why a decision is not approved.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    /// There is no such decision.
    #[error("there is no such decision")]
    Unknown,
    /// It was decided before.
    #[error("the decision is {0} already")]
    NotOpen(State),
    /// The approver proposed it.
    #[error("who proposed a decision cannot approve it: another registrar must")]
    SamePerson,
    /// The digest is not the decision's, or its subject changed since it was proposed.
    #[error(
        "what the decision is about changed since it was proposed, or the digest is another's: read it again, or decline it and propose anew"
    )]
    Stale,
    /// The admission cannot be carried out.
    #[error(transparent)]
    Admit(#[from] admit::AdmitError),
    /// The exclusion cannot be carried out.
    #[error(transparent)]
    Exclude(#[from] exclude::ExcludeError),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ApproveError);

/// Approves a decision and carries it out, in one transaction that holds the log head.
pub async fn approve(
    desk: &Desk,
    request: Request,
    command: Approve,
) -> Result<Approved, ApproveError> {
    let mut unit = begin!(desk.begin_log::<Approved>(&request));
    let mut decision = Decision::lock(&mut unit, command.decision)
        .await?
        .ok_or(ApproveError::Unknown)?;
    if decision.state != State::Proposed {
        return Err(ApproveError::NotOpen(decision.state));
    }
    if decision.proposer == command.by {
        return Err(ApproveError::SamePerson);
    }
    let now = subject_digest(&mut unit, &decision.charter, decision.subject).await?;
    if decision.digest != command.digest || decision.subject_digest != now {
        return Err(ApproveError::Stale);
    }
    let membership = match (&decision.proposal, decision.subject) {
        (
            Proposal::Admission {
                founder,
                domain_attested,
            },
            Subject::Application(application),
        ) => admit::carry_out(desk, &mut unit, application, *founder, *domain_attested).await?,
        (Proposal::Exclusion { reasons }, Subject::Membership(member)) => {
            exclude::carry_out(&mut unit, &decision.charter, member, reasons).await?
        }
        _ => return Err(ApproveError::Unknown),
    };
    decision.state = State::Approved;
    decision.decided = Some((command.by, unit.at()));
    decision.record = Some(membership.record);
    decision.update(&mut unit).await?;
    Ok(unit
        .finish(Approved {
            decision,
            membership,
        })
        .await?)
}
