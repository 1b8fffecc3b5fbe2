//! What is held about the persons of a closed application is erased; what is public goes on verifying.

use std::io;

use crate::{
    desk::{Desk, Failure, Request, applications, failures_of, unit::begin},
    notify::transport,
    rules::{application::State, audit::Action, id::ApplicationId},
    storage::{self, applications::Application, personal_data},
};

/// Why nobody is erased.
#[derive(Debug, thiserror::Error)]
pub enum EraseError {
    /// There is no such application, or it is none of the caller's.
    #[error("there is no such application, or it is none of the token's")]
    Unknown,
    /// Somebody still has to be spoken to.
    #[error("the application is {0}, so its persons are still needed: withdraw or reject it first")]
    StillOpen(State),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(EraseError);

/// Erases contact, memorandum with its file, what was written about them and what letters were told, and revokes the
/// applicant's tokens.
///
/// To erase twice is to erase once, and takes away what a crash between the transaction and the files left behind.
pub async fn erase(
    desk: &Desk,
    request: Request,
    id: ApplicationId,
) -> Result<Application, EraseError> {
    let application = erase_rows(desk, request, id).await?;
    // What lingers now is taken away by the next purge.
    match desk.database.forget().await {
        Ok(_) => {}
        Err(error) => tracing::warn!(cause = %error, "what was erased waits for the next purge"),
    }
    Ok(application)
}

/// The same, but for what lingers in the database's files.
pub(super) async fn erase_rows(
    desk: &Desk,
    request: Request,
    id: ApplicationId,
) -> Result<Application, EraseError> {
    let mut unit = begin!(desk.begin::<Application>(&request, Action::PersonalDataErased, id));
    let mut application = Application::lock(&mut unit, id)
        .await?
        .filter(|application| applications::concerns(application, request.actor))
        .ok_or(EraseError::Unknown)?;
    if application.state.is_open() {
        return Err(EraseError::StillOpen(application.state));
    }
    let at = unit.at();
    let outside = personal_data::erase(&mut unit, id, at).await?;
    if application.erased_at.is_none() {
        application.forget_persons(at);
        application.update(&mut unit, at).await?;
    }
    for letter in outside.letters {
        transport::take_back(&desk.letter_folder, letter)
            .map_err(|error| unwritable(desk, error))?;
    }
    let application = unit.finish(application).await?;
    if let Some(file) = outside.file {
        desk.files.erase(&desk.database, file).await?;
    }
    metrics::counter!("personal_data_erased_total").increment(1);
    Ok(application)
}

fn unwritable(desk: &Desk, source: io::Error) -> Failure {
    Failure::Storage(storage::Error::Lock {
        path: desk.letter_folder.display().to_string(),
        source,
    })
}
