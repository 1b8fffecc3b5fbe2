//! The secretariat takes a lapsed or withdrawn application up again.

use super::{StepError, set_terms, step};
use crate::{
    desk::{Desk, Request, unit::begin},
    notify::outbox::Draft,
    rules::{application::Event, audit::Action, id::ApplicationId, letter::Template},
    storage::{
        applications::{Application, Contact},
        charters::Published,
        traces,
    },
};

/// A reopening.
#[derive(Debug, Clone, Copy)]
pub struct Reopen {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
}

/// Puts an application back to where it stood, with a new term.
pub async fn reopen(
    desk: &Desk,
    request: Request,
    command: Reopen,
) -> Result<Application, StepError> {
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::ApplicationReopened,
        command.application
    ));
    let mut application = step(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
        Event::Reopen,
    )
    .await?;
    if application.erased_at.is_some() {
        return Err(StepError::Erased);
    }
    let published = Published::find(&mut unit, &application.charter, application.charter_version)
        .await?
        .ok_or(StepError::Unknown)?;
    if let Some(earlier) = application.earlier_state.take() {
        application.state = earlier;
    }
    let contact = Contact::find(&mut unit, application.id).await?;
    application.matches = traces::matches(&mut unit, &application, contact.as_ref()).await?;
    let at = unit.at();
    set_terms(&mut application, &published.version, at);
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::ApplicationReopened, &application);
    unit.letter(letter).await?;
    Ok(unit.finish(application).await?)
}
