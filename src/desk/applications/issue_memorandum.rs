//! The secretariat makes out an application's memorandum.

use chrono::NaiveDate;

use super::{StepError, step};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::Event,
        audit::Action,
        charter::{MemorandumFields, MemorandumRefusal},
        id::ApplicationId,
        letter::Template,
        text::{Lang, Name},
    },
    storage::{
        applications::{Application, Contact},
        charters::Published,
        memoranda::Memorandum,
    },
};

/// What the memorandum is made out for.
#[derive(Debug, Clone)]
pub struct IssueMemorandum {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// The date on it; today when absent.
    pub date: Option<NaiveDate>,
    /// Its language; the application's when absent.
    pub language: Option<Lang>,
    /// Who will sign: full name; the contact person's when absent.
    pub full_name: Option<Name>,
    /// The signatory's position; the contact person's when absent.
    pub position: Option<Name>,
}

/// Why a memorandum is not made out.
#[derive(Debug, thiserror::Error)]
pub enum IssueMemorandumError {
    /// The application does not take the step.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The charter's template cannot be filled so.
    #[error(transparent)]
    Template(#[from] MemorandumRefusal),
    /// The contact person was erased, and no signatory is named.
    #[error("the contact person was erased: name the signatory")]
    NoSignatory,
    /// The application came from the public, and its contact person has not confirmed the address.
    #[error(
        "the contact person has not confirmed the address yet: wait for the link to be followed, or ask and enter it"
    )]
    NotConfirmed,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(IssueMemorandumError);

/// Makes out the memorandum, in place of an unsigned earlier one.
pub async fn issue_memorandum(
    desk: &Desk,
    request: Request,
    command: IssueMemorandum,
) -> Result<Application, IssueMemorandumError> {
    let mut unit =
        begin!(desk.begin::<Application>(&request, Action::MemorandumIssued, command.application));
    let mut application = step(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
        Event::IssueMemorandum,
    )
    .await?;
    if !application.may_have_memorandum() {
        return Err(IssueMemorandumError::NotConfirmed);
    }
    let published = Published::find(&mut unit, &application.charter, application.charter_version)
        .await?
        .ok_or(StepError::Unknown)?;
    let contact = Contact::find(&mut unit, application.id).await?;
    let (contact_name, contact_position) = contact
        .map(|contact| (contact.name, contact.position))
        .unzip();
    let language = command
        .language
        .unwrap_or_else(|| application.language.clone());
    let fields = MemorandumFields {
        date: command.date.unwrap_or_else(|| unit.at().date_naive()),
        organisation: application
            .organisation
            .name
            .preferred(std::slice::from_ref(&language))
            .1
            .clone(),
        full_name: command
            .full_name
            .or(contact_name)
            .ok_or(IssueMemorandumError::NoSignatory)?,
        position: command.position.or(contact_position),
    };
    let body = published
        .version
        .memorandum_text(&language, &fields)?
        .into_bytes();
    let memorandum = Memorandum {
        application: application.id,
        language,
        body,
        salt: desk.clock.random(),
        issued_at: unit.at(),
        signature: None,
    };
    memorandum.put(&mut unit).await?;
    let at = unit.at();
    application.update(&mut unit, at).await?;
    let letter = Draft::to_applicant(Template::MemorandumIssued, &application);
    unit.letter(letter).await?;
    Ok(unit.finish(application).await?)
}
