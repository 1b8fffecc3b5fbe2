//! Applications: from their receipt to their end. Admission is a decision: `desk::memberships::admit`.

pub mod apply;
pub mod issue_memorandum;
pub mod reject;
pub mod sign_memorandum;
pub mod withdraw;

use super::{Actor, Failure, failures_of};
use crate::{
    rules::{
        application::{Event, NotNow},
        id::ApplicationId,
    },
    storage::{self, Connection, Transaction, applications::Application},
};

/// Whether `actor` may see and act on an application at all; its role is the edge's affair.
pub fn concerns(application: &Application, actor: Actor) -> bool {
    match actor {
        Actor::Anonymous => false,
        Actor::Applicant(id) => application.id == id,
        Actor::Partner(id) => application.partner == Some(id),
        Actor::Operator(..) | Actor::Host | Actor::System => true,
    }
}

/// The application of this identifier, if it concerns `actor`.
pub async fn find(
    conn: &mut Connection,
    actor: Actor,
    id: ApplicationId,
) -> Result<Option<Application>, storage::Error> {
    let found = Application::find(conn, id).await?;
    Ok(found.filter(|application| concerns(application, actor)))
}

/// Why an application does not take a step.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// There is no such application, or it is none of the caller's.
    #[error("there is no such application")]
    Unknown,
    /// It changed since the caller read it.
    #[error("the application changed since you read it: read it again")]
    Changed,
    /// Its state does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(StepError);

/// The application, in the state that `event` leads to; nobody else can change it until the transaction ends.
///
/// `expected_revision` is the one that the caller insists on, if it does.
async fn step(
    tx: &mut Transaction,
    actor: Actor,
    id: ApplicationId,
    expected_revision: Option<i64>,
    event: Event,
) -> Result<Application, StepError> {
    let found = Application::lock(tx, id).await?;
    let mut application = found
        .filter(|application| concerns(application, actor))
        .ok_or(StepError::Unknown)?;
    if expected_revision.is_some_and(|revision| revision != application.revision) {
        return Err(StepError::Changed);
    }
    application.state = application.state.after(event)?;
    Ok(application)
}
