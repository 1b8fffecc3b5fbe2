//! Everything that is held about the persons of an application is given out to them.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};

use crate::{
    desk::{Actor, Desk, Failure, Request, applications, failures_of},
    rules::{application::Visibility, audit::Action, id::ApplicationId},
    storage::{
        applications::{Application, Contact},
        audit::{self, Entry},
        comments::Comment,
        letters::{self, Letter},
        memoranda::Memorandum,
    },
};

/// The most comments, letters and looks that are given out, of each the newest.
pub const MOST: i64 = 1_000;

/// Why nothing is given out.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no such application, or it is none of the caller's.
    #[error("there is no such application, or it is none of the token's")]
    Unknown,
    /// Nothing is held any more.
    #[error("the persons of this application were erased: nothing is held about them")]
    Erased,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ExportError);

/// What is held about the persons of an application.
#[derive(Debug)]
pub struct PersonalData {
    /// When it was read.
    pub at: DateTime<Utc>,
    /// The application, with what was written about it.
    pub application: Application,
    /// The contact person, where there is one.
    pub contact: Option<Contact>,
    /// The memorandum, whose text names the signatory, and the length of its file.
    pub memorandum: Option<(Memorandum, Option<(Digest, u64)>)>,
    /// What the secretariat noted.
    pub comments: Vec<Comment>,
    /// The letters to the contact person.
    pub letters: Vec<Letter>,
    /// Who looked at any of this, and when.
    pub looks: Vec<Entry>,
}

/// Gives out what is held; the applicant is not given what the secretariat noted for itself alone.
pub async fn export(
    desk: &Desk,
    request: Request,
    id: ApplicationId,
) -> Result<PersonalData, ExportError> {
    let mut unit = desk
        .look(&request, Action::PersonalDataExported, id)
        .await?;
    let application = applications::find(&mut unit, request.actor, id)
        .await?
        .ok_or(ExportError::Unknown)?;
    if application.erased_at.is_some() {
        return Err(ExportError::Erased);
    }
    let visibility = match request.actor {
        Actor::Operator(..) => None,
        _ => Some(Visibility::Applicant),
    };
    let memorandum = Memorandum::find(&mut unit, id).await?;
    let found = PersonalData {
        at: unit.at(),
        contact: Contact::find(&mut unit, id).await?,
        memorandum: memorandum.map(|memorandum| (memorandum, None)),
        comments: Comment::page(&mut unit, id, visibility, None, MOST).await?,
        letters: letters::to_contact(&mut unit, id, MOST).await?,
        looks: audit::looks(&mut unit, &id.to_string(), MOST).await?,
        application,
    };
    unit.finish(()).await?;
    with_file(desk, found).await
}

/// Adds how long the memorandum's file is.
async fn with_file(desk: &Desk, mut found: PersonalData) -> Result<PersonalData, ExportError> {
    if let Some((memorandum, file)) = &mut found.memorandum
        && let Some(digest) = memorandum.file()
    {
        *file = Some((digest, desk.files.size(digest).await?));
    }
    Ok(found)
}
