//! The secretariat has looked at whom an application resembles, and lets it go on.

use super::{StepError, find_open};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        audit::Action,
        id::{ApplicationId, OperatorId},
        text::Prose,
    },
    storage::{
        applications::{Acknowledgement, Application, Contact},
        traces,
    },
};

/// An acknowledgement.
#[derive(Debug, Clone)]
pub struct AcknowledgeMatches {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// Why it may go on.
    pub reason: Prose,
    /// Who looked.
    pub by: OperatorId,
}

/// Why nothing is acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum AcknowledgeError {
    /// The application is unknown, changed or closed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// It resembles nobody, or all that it resembles was looked at before.
    #[error(
        "there is nothing to acknowledge: the application resembles nobody that was not looked at"
    )]
    Nothing,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(AcknowledgeError);

/// Notes that somebody looked at what the application resembles now. What it resembles later is looked at anew.
pub async fn acknowledge_matches(
    desk: &Desk,
    request: Request,
    command: AcknowledgeMatches,
) -> Result<Application, AcknowledgeError> {
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::MatchesAcknowledged,
        command.application
    ));
    let mut application = find_open(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
    )
    .await?;
    let contact = Contact::find(&mut unit, application.id).await?;
    let matches = traces::matches(&mut unit, &application, contact.as_ref()).await?;
    if application.unreviewed(&matches, &[]).next().is_none() {
        return Err(AcknowledgeError::Nothing);
    }
    let at = unit.at();
    application.matches.clone_from(&matches);
    application.acknowledged = Some(Acknowledgement {
        matches,
        reason: command.reason,
        at,
        by: command.by,
    });
    application.update(&mut unit, at).await?;
    Ok(unit.finish(application).await?)
}
