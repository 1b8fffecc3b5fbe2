//! The applicant takes an application back.

use super::lock;
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        application::{Event, NotNow},
        id::ApplicationId,
    },
    storage::applications::Application,
};

/// A withdrawal.
#[derive(Debug, Clone)]
pub struct Withdraw {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
}

/// Why an application is not taken back.
#[derive(Debug, thiserror::Error)]
pub enum WithdrawError {
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
failures_of!(WithdrawError);

/// Takes an application back. A proposal to admit it grows stale by this.
pub async fn withdraw(
    desk: &Desk,
    request: Request,
    command: Withdraw,
) -> Result<Application, WithdrawError> {
    let mut unit = begin!(desk.begin::<Application>(&request));
    let mut application = lock(&mut unit, request.actor, command.application)
        .await?
        .ok_or(WithdrawError::Unknown)?;
    if command
        .expected_revision
        .is_some_and(|revision| revision != application.revision)
    {
        return Err(WithdrawError::Changed);
    }
    application.state = application.state.after(Event::Withdraw)?;
    let at = unit.at();
    application.update(&mut unit, at).await?;
    Ok(unit.finish(application).await?)
}
