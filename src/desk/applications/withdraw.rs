//! The applicant takes an application back.

use super::{StepError, step};
use crate::{
    desk::{Desk, Request, unit::begin},
    notify::outbox::Draft,
    rules::{application::Event, audit::Action, id::ApplicationId, letter::Template},
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

/// Takes an application back. A proposal to admit it grows stale by this.
pub async fn withdraw(
    desk: &Desk,
    request: Request,
    command: Withdraw,
) -> Result<Application, StepError> {
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::ApplicationWithdrawn,
        command.application
    ));
    let mut application = step(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
        Event::Withdraw,
    )
    .await?;
    let at = unit.at();
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::ApplicationWithdrawn, &application);
    unit.letter(letter).await?;
    Ok(unit.finish(application).await?)
}
