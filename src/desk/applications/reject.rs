//! The secretariat refuses an application.

use super::{StepError, step};
use crate::{
    desk::{Desk, Request, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::Event,
        audit::Action,
        id::ApplicationId,
        letter::{Argument, Template},
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

/// Refuses an application. A proposal to admit it grows stale by this.
pub async fn reject(
    desk: &Desk,
    request: Request,
    command: Reject,
) -> Result<Application, StepError> {
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::ApplicationRejected,
        command.application
    ));
    let mut application = step(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
        Event::Reject,
    )
    .await?;
    application.outcome = Some(Outcome {
        reason: command.reason.clone(),
    });
    let at = unit.at();
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::ApplicationRejected, &application);
    unit.letter(letter.with(Argument::Reason, &command.reason))
        .await?;
    Ok(unit.finish(application).await?)
}
