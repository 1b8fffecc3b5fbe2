//! The secretariat refuses an application.

use super::lock;
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        application::{Event, NotNow},
        id::ApplicationId,
        text::Prose,
    },
    storage::applications::{Application, Outcome},
};

/// A refusal.
#[derive(Debug, Clone)]
pub struct Reject {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// What the applicant is told.
    pub reason: Prose,
}

/// Why an application is not refused.
#[derive(Debug, thiserror::Error)]
pub enum RejectError {
    /// There is no such application.
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
failures_of!(RejectError);

/// Refuses an application. A proposal to admit it grows stale by this.
pub async fn reject(
    desk: &Desk,
    request: Request,
    command: Reject,
) -> Result<Application, RejectError> {
    let mut unit = begin!(desk.begin::<Application>(&request));
    let mut application = lock(&mut unit, request.actor, command.application)
        .await?
        .ok_or(RejectError::Unknown)?;
    if command
        .expected_revision
        .is_some_and(|revision| revision != application.revision)
    {
        return Err(RejectError::Changed);
    }
    application.state = application.state.after(Event::Reject)?;
    application.outcome = Some(Outcome {
        reason: command.reason,
    });
    let at = unit.at();
    application.update(&mut unit, at).await?;
    Ok(unit.finish(application).await?)
}
