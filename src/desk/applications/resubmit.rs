//! The applicant hands an application in again, corrected.

use charter_proof::entry::Status;

use super::{Ineligible, StepError, check_eligible, set_terms, step};
use crate::{
    desk::{Desk, Failure, Request, Unit, failures_of, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::{Event, State},
        audit::Action,
        id::ApplicationId,
        letter::Template,
        organisation::Organisation,
    },
    storage::{
        applications::{Application, Contact},
        charters::Published,
        confirmations,
        memberships::Holder,
        memoranda::Memorandum,
        traces,
    },
};

/// A resubmission.
pub struct Resubmit<F> {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// Makes the corrected organisation and contact person of those before; the person may be erased.
    pub correct: F,
}

/// Why an application is not taken again; `I` is a fault of what would result.
#[derive(Debug, thiserror::Error)]
pub enum ResubmitError<I: std::fmt::Debug> {
    /// The application does not take the step.
    #[error(transparent)]
    Step(#[from] StepError),
    /// What would result is not valid.
    #[error("what would result is not valid")]
    Invalid(Vec<I>),
    /// There is no address to write to.
    #[error("an e-mail address is needed: letters about the application go there")]
    EmailMissing,
    /// There is no way to reach the contact person.
    #[error("an e-mail address or a telephone number is needed")]
    NotReachable,
    /// The charter is not open to it.
    #[error(transparent)]
    Ineligible(#[from] Ineligible),
    /// A member holds one of the organisation's keys.
    #[error("{0} belongs to a member of this charter already")]
    AlreadyMember(String),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ResubmitError<I>, I: std::fmt::Debug);

/// Takes the corrected application.
///
/// A new e-mail address is to be confirmed anew. A memorandum stands as long as what it names does; else it is void
/// and must be made out again.
pub async fn resubmit<F, I>(
    desk: &Desk,
    request: Request,
    command: Resubmit<F>,
) -> Result<Application, ResubmitError<I>>
where
    F: FnOnce(&Organisation, Option<&Contact>) -> Result<(Organisation, Contact), Vec<I>> + Send,
    I: std::fmt::Debug,
{
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::ApplicationResubmitted,
        command.application
    ));
    let mut application = step(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
        Event::Resubmit,
    )
    .await?;
    let before = Contact::find(&mut unit, application.id).await?;
    let (organisation, contact) = (command.correct)(&application.organisation, before.as_ref())
        .map_err(ResubmitError::Invalid)?;
    if contact.email.is_none() && !application.channel.is_entered() {
        return Err(ResubmitError::EmailMissing);
    }
    if contact.email.is_none() && contact.phone.is_none() {
        return Err(ResubmitError::NotReachable);
    }
    let published = Published::find(&mut unit, &application.charter, application.charter_version)
        .await?
        .ok_or(StepError::Unknown)?;
    check_eligible(&published.version, &organisation)?;
    let holders = Holder::of(&mut unit, &application.charter, &organisation.claim_keys()).await?;
    let taken = holders
        .into_iter()
        .find(|holder| matches!(holder.status, Status::Active | Status::Suspended));
    if let Some(holder) = taken {
        return Err(ResubmitError::AlreadyMember(holder.claim));
    }
    if before.as_ref().and_then(|before| before.email.as_ref()) != contact.email.as_ref() {
        application.confirmation = None;
        confirmations::void(&mut unit, application.id).await?;
    }
    if application.confirmation.is_some() {
        application.state = application
            .state
            .after(Event::Confirm)
            .map_err(StepError::NotNow)?;
    }
    keep_memorandum(
        &mut unit,
        &mut application,
        &organisation,
        before.as_ref(),
        &contact,
    )
    .await?;
    application.organisation = organisation;
    application.matches = traces::matches(&mut unit, &application, Some(&contact)).await?;
    if before.as_ref() != Some(&contact) {
        contact.replace(&mut unit, application.id).await?;
    }
    let at = unit.at();
    set_terms(&mut application, &published.version, at);
    application.update(&mut unit, at).await?;
    // A new address gets the letter with the link that confirms it.
    let template = if application.state == State::Received && application.confirmation.is_none() {
        Template::ApplicationReceived
    } else {
        Template::ApplicationResubmitted
    };
    unit.letter(Draft::to_applicant(template, &application))
        .await?;
    unit.letter(Draft::application_waits(&application)).await?;
    Ok(unit.finish(application).await?)
}

/// Goes on with the memorandum that was made out, if what it names is as it was; else voids it.
async fn keep_memorandum(
    unit: &mut Unit,
    application: &mut Application,
    organisation: &Organisation,
    before: Option<&Contact>,
    contact: &Contact,
) -> Result<(), Failure> {
    let Some(memorandum) = Memorandum::find(unit, application.id).await? else {
        return Ok(());
    };
    let languages = std::slice::from_ref(&memorandum.language);
    let named = |organisation: &Organisation, contact: &Contact| {
        let name = organisation.name.preferred(languages).1.clone();
        (name, contact.name.clone(), contact.position.clone())
    };
    let stands = before.is_some_and(|before| {
        named(&application.organisation, before) == named(organisation, contact)
    });
    if !stands {
        Memorandum::void(unit, application.id).await?;
        return Ok(());
    }
    let may_go_on = application.may_have_memorandum();
    if may_go_on {
        application.state = if memorandum.signature.is_some() {
            State::MemorandumSigned
        } else {
            State::MemorandumIssued
        };
    }
    Ok(())
}
