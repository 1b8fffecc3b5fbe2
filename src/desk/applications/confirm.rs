//! A contact person's address is confirmed: by the link in a letter, or by word to a clerk.

use charter_proof::canonical::Digest;
use subtle::ConstantTimeEq as _;

use super::{StepError, step, take_up};
use crate::{
    desk::{Desk, Failure, Request, Unit, failures_of, unit::begin},
    notify::outbox::Draft,
    rules::{
        application::{Event, NotNow},
        audit::Action,
        id::{ApplicationId, OperatorId},
        letter::Template,
        text::Name,
        token::Token,
    },
    storage::{
        self,
        applications::{Application, Confirmation},
        charters::Published,
        confirmations,
    },
};

/// What stands for the confirmation.
#[derive(Debug, Clone)]
pub enum Proof {
    /// The token of the letter's link.
    Link(Token),
    /// A clerk's word for how the contact person confirmed it.
    Word(OperatorId, Name),
}

/// A confirmation.
#[derive(Debug, Clone)]
pub struct Confirm {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// What stands for it.
    pub proof: Proof,
}

/// Why an address is not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The link is not one of ours, was replaced, or has ended. Which, and whether there is such an application, is
    /// nobody's business.
    #[error("this link does not confirm anything: it is not valid, or no longer")]
    Refused,
    /// The application does not take the step.
    #[error(transparent)]
    Step(#[from] StepError),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ConfirmError);

impl From<NotNow> for ConfirmError {
    fn from(refusal: NotNow) -> Self {
        Self::Step(refusal.into())
    }
}

/// Confirms the address. What was confirmed before stays as it was confirmed first.
pub async fn confirm(
    desk: &Desk,
    request: Request,
    command: Confirm,
) -> Result<Application, ConfirmError> {
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::ApplicationConfirmed,
        command.application
    ));
    let application = match command.proof {
        Proof::Link(token) => by_link(&mut unit, command.application, token.hash()).await?,
        Proof::Word(clerk, how) => {
            let mut application = step(
                &mut unit,
                request.actor,
                command.application,
                command.expected_revision,
                Event::Confirm,
            )
            .await?;
            if application.confirmation.is_none() {
                let (at, by) = (unit.at(), Some((clerk, how)));
                application.confirmation = Some(Confirmation { at, by });
                application.update(&mut unit, at).await?;
                tell(&mut unit, &application).await?;
            }
            application
        }
    };
    Ok(unit.finish(application).await?)
}

/// Confirms by a token whose hash is this; one that was used before confirms nothing more, and is no error.
async fn by_link(
    unit: &mut Unit,
    id: ApplicationId,
    hash: Digest,
) -> Result<Application, ConfirmError> {
    let found = Application::lock(unit, id).await?;
    let mut sent = None;
    for candidate in confirmations::of_application(unit, id).await? {
        // Each is compared, and each in constant time.
        if bool::from(candidate.hash.as_bytes().ct_eq(hash.as_bytes())) {
            sent = Some(candidate);
        }
    }
    let (mut application, sent) = found.zip(sent).ok_or(ConfirmError::Refused)?;
    if sent.used_at.is_some() && application.confirmation.is_some() {
        return Ok(application);
    }
    if sent.used_at.is_some() || sent.expires_at <= unit.at() {
        return Err(ConfirmError::Refused);
    }
    let published = Published::find(unit, &application.charter, application.charter_version)
        .await?
        .ok_or(StepError::Unknown)?;
    let at = unit.at();
    take_up(&mut application, Event::Confirm, &published.version, at)?;
    application
        .confirmation
        .get_or_insert(Confirmation { at, by: None });
    confirmations::note_use(unit, id, hash, at).await?;
    application.update(unit, at).await?;
    tell(unit, &application).await?;
    Ok(application)
}

/// Tells the contact person and the secretariat.
async fn tell(unit: &mut Unit, application: &Application) -> Result<(), storage::Error> {
    let letter = Draft::to_applicant(Template::ApplicationConfirmed, application);
    unit.letter(letter).await?;
    unit.letter(Draft::application_waits(application)).await
}
