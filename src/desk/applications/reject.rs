//! The secretariat refuses an application.

use super::{StepError, step};
use crate::{
    desk::{Desk, Failure, Request, decisions::recuse, failures_of, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::Event,
        audit::Action,
        id::ApplicationId,
        letter::{Argument, Template},
        text::Prose,
    },
    storage::{
        applications::{Application, Outcome},
        decisions::Subject,
    },
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
    /// The caller stands aside from it.
    #[error("you recused yourself from this application: somebody else must reject it")]
    Recused,
    /// It does not take this step.
    #[error(transparent)]
    Step(#[from] StepError),
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
    let about = [Subject::Application(application.id)];
    if recuse::is_recused(&mut unit, request.actor, &about).await? {
        return Err(RejectError::Recused);
    }
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
