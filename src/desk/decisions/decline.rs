//! A registrar declines a decision, or its proposer takes it back.

use super::recuse;
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        audit::Action,
        decision::State,
        id::{DecisionId, OperatorId},
    },
    storage::decisions::Decision,
};

/// A refusal of a proposal.
#[derive(Debug, Clone, Copy)]
pub struct Decline {
    /// The decision.
    pub decision: DecisionId,
    /// Who declines it.
    pub by: OperatorId,
}

/// Why a decision is not declined.
#[derive(Debug, thiserror::Error)]
pub enum DeclineError {
    /// There is no such decision.
    #[error("there is no such decision")]
    Unknown,
    /// It was decided before.
    #[error("the decision is {0} already")]
    NotOpen(State),
    /// Who declines it stands aside from what it is about.
    #[error("you recused yourself from what this is about: another registrar must decline it")]
    Recused,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(DeclineError);

/// Declines a decision; nothing else changes.
pub async fn decline(
    desk: &Desk,
    request: Request,
    command: Decline,
) -> Result<Decision, DeclineError> {
    let mut unit =
        begin!(desk.begin::<Decision>(&request, Action::DecisionDeclined, command.decision));
    let mut decision = Decision::lock(&mut unit, command.decision)
        .await?
        .ok_or(DeclineError::Unknown)?;
    if decision.state != State::Proposed {
        return Err(DeclineError::NotOpen(decision.state));
    }
    if recuse::is_recused(&mut unit, request.actor, &decision.concerned()).await? {
        return Err(DeclineError::Recused);
    }
    decision.state = State::Declined;
    decision.decided = Some((command.by, unit.at()));
    decision.update(&mut unit).await?;
    Ok(unit.finish(decision).await?)
}
