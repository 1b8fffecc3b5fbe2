//! A second registrar approves a decision, and it is carried out.

use charter_proof::canonical::Digest;
use serde::{Deserialize, Serialize};

use super::{recuse, subject_digest};
use crate::{
    desk::{
        Desk, Failure, LogUnit, Request, failures_of,
        memberships::{
            admit, change, exclude, merge, readmit, reassign, redact, reinstate, suspend,
        },
        unit::begin,
    },
    rules::{
        audit::Action,
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
    /// The approver stands aside from what it is about.
    #[error("you recused yourself from what this is about: another registrar must approve it")]
    Recused,
    /// The digest is not the decision's, or its subject changed since it was proposed.
    #[error(
        "what the decision is about changed since it was proposed, or the digest is another's: read it again, or decline it and propose anew"
    )]
    Stale,
    /// The admission cannot be carried out.
    #[error(transparent)]
    Admit(#[from] admit::AdmitError),
    /// The exclusion or reinstatement cannot be carried out.
    #[error(transparent)]
    Change(#[from] change::ChangeError),
    /// The suspension cannot be carried out.
    #[error(transparent)]
    Suspend(#[from] suspend::SuspendError),
    /// The readmission cannot be carried out.
    #[error(transparent)]
    Readmit(#[from] readmit::ReadmitError),
    /// The keys cannot be reassigned.
    #[error(transparent)]
    Reassign(#[from] reassign::ReassignError),
    /// The members cannot be merged.
    #[error(transparent)]
    Merge(#[from] merge::MergeError),
    /// The record cannot be redacted.
    #[error(transparent)]
    Redact(#[from] redact::RedactError),
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
    let mut unit =
        begin!(desk.begin_log::<Approved>(&request, Action::DecisionApproved, command.decision));
    let mut decision = Decision::lock(&mut unit, command.decision)
        .await?
        .ok_or(ApproveError::Unknown)?;
    if decision.state != State::Proposed {
        return Err(ApproveError::NotOpen(decision.state));
    }
    if decision.proposer == command.by {
        return Err(ApproveError::SamePerson);
    }
    if recuse::is_recused(&mut unit, request.actor, &decision.concerned()).await? {
        return Err(ApproveError::Recused);
    }
    let (subject, proposal) = (decision.subject, &decision.proposal);
    let now = subject_digest(&mut unit, &decision.charter, subject, proposal).await?;
    if decision.digest != command.digest || decision.subject_digest != now {
        return Err(ApproveError::Stale);
    }
    let membership = carry_out(desk, &mut unit, &decision).await?;
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

/// Does what was decided; returns the membership that stands by it.
async fn carry_out(
    desk: &Desk,
    unit: &mut LogUnit,
    decision: &Decision,
) -> Result<Membership, ApproveError> {
    let charter = decision.charter.as_str();
    Ok(match (decision.subject, &decision.proposal) {
        (
            Subject::Application(application),
            Proposal::Admission {
                founder,
                domain_attested,
                reassigned,
            },
        ) => {
            let (founder, attested) = (*founder, *domain_attested);
            let reassigned = reassigned.as_ref();
            admit::carry_out(desk, unit, application, founder, attested, reassigned).await?
        }
        (
            Subject::Application(application),
            Proposal::Readmission {
                member,
                domain_attested,
                reassigned,
            },
        ) => {
            let (member, attested) = (*member, *domain_attested);
            let reassigned = reassigned.as_ref();
            readmit::carry_out(unit, application, member, attested, reassigned).await?
        }
        (Subject::Membership(member), Proposal::Exclusion { reasons }) => {
            exclude::carry_out(unit, charter, member, reasons).await?
        }
        (Subject::Membership(member), Proposal::Suspension { reasons, until }) => {
            suspend::carry_out(unit, charter, member, reasons, *until).await?
        }
        (Subject::Membership(member), Proposal::Reinstatement { reasons }) => {
            reinstate::carry_out(unit, charter, member, reasons).await?
        }
        (
            Subject::Membership(member),
            Proposal::ClaimReassignment {
                reassigned,
                reasons,
            },
        ) => reassign::carry_out(unit, charter, member, reassigned, reasons).await?,
        (Subject::Membership(member), Proposal::Merger { into, reasons }) => {
            merge::carry_out(unit, charter, member, *into, reasons).await?
        }
        (Subject::Membership(member), Proposal::Redaction(redaction)) => {
            redact::carry_out(unit, charter, member, redaction).await?
        }
        _ => return Err(ApproveError::Unknown),
    })
}
