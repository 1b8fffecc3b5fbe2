//! The secretariat sends an application back for correction.

use super::{StepError, step};
use crate::{
    desk::{Desk, Request, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::Event,
        audit::Action,
        id::{ApplicationId, OperatorId},
        letter::{Argument, Template},
        text::Prose,
    },
    storage::applications::{Application, Return},
};

/// What is to be corrected.
#[derive(Debug, Clone)]
pub struct ReturnForCorrection {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// What the applicant is told.
    pub reason: Prose,
    /// The fields: JSON Pointers into a resubmission.
    pub fields: Vec<String>,
    /// Who sends it back.
    pub by: OperatorId,
}

/// Sends an application back. A proposal to admit it grows stale by this.
pub async fn return_for_correction(
    desk: &Desk,
    request: Request,
    command: ReturnForCorrection,
) -> Result<Application, StepError> {
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::ApplicationReturned,
        command.application
    ));
    let mut application = step(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
        Event::Return,
    )
    .await?;
    let at = unit.at();
    application.returned = Some(Return {
        reason: command.reason.clone(),
        fields: command.fields,
        at,
        by: command.by,
    });
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::ApplicationReturned, &application);
    unit.letter(letter.with(Argument::Reason, &command.reason))
        .await?;
    Ok(unit.finish(application).await?)
}
