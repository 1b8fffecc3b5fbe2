//! What is held about the persons of an application, in JSON.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    application::{ApplicationView, Contact},
    comment::CommentView,
    letter::LetterView,
    memorandum::MemorandumView,
};
use crate::{
    desk::{Actor, personal_data::export::PersonalData},
    rules::{
        audit::{Action, ActorKind},
        role::Role,
    },
    storage::{audit::Entry, memoranda::Memorandum},
};

/// What is held about the persons of an application.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PersonalDataView {
    /// When it was given out.
    exported_at: DateTime<Utc>,
    /// The application, with what was written about it.
    application: ApplicationView,
    /// The contact person.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<Contact>,
    /// How the application came, in the words of the clerk who entered it.
    #[serde(skip_serializing_if = "Option::is_none")]
    entered_how: Option<String>,
    /// How the contact person confirmed the address, in the words of the clerk who heard it.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_how: Option<String>,
    /// Why the application was sent back for correction the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    returned_reason: Option<String>,
    /// The memorandum, which names its signatory.
    #[serde(skip_serializing_if = "Option::is_none")]
    memorandum: Option<HeldMemorandum>,
    /// What the secretariat noted; for the applicant, only what it is to read.
    comments: Vec<CommentView>,
    /// The letters to the contact person. Their texts are kept nowhere.
    letters: Vec<LetterView>,
    /// Who looked at any of this.
    looks: Vec<LookView>,
}

/// A memorandum with its text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeldMemorandum {
    /// How it was made out and signed.
    #[serde(flatten)]
    memorandum: MemorandumView,
    /// Its exact text, which names who signs.
    text: String,
    /// The file that was handed in as its signature, which has an address of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<HeldFile>,
}

/// A file that is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldFile {
    /// SHA-256 of its bytes.
    digest: String,
    /// Its length in bytes.
    size: u64,
}

/// A look at personal data. Operators are told by their role.
#[derive(Debug, Serialize, ToSchema)]
pub struct LookView {
    /// When.
    at: DateTime<Utc>,
    /// At what.
    action: Action,
    /// Who: an applicant, a partner or an operator.
    by: ActorKind,
    /// The operator's role at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
    /// The partner's identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    partner: Option<Uuid>,
}

impl PersonalDataView {
    /// The data as this actor sees it.
    pub fn seen_by(actor: Actor, data: PersonalData) -> Self {
        let application = match actor {
            Actor::Operator(..) => ApplicationView::at_desk(&data.application),
            _ => ApplicationView::from(&data.application),
        };
        let comments = data.comments.iter();
        let confirmed = data.application.confirmation.as_ref();
        Self {
            exported_at: data.at,
            application,
            entered_how: data
                .application
                .entered
                .as_ref()
                .and_then(|entered| entered.how.as_ref())
                .map(ToString::to_string),
            confirmed_how: confirmed
                .and_then(|given| given.by.as_ref())
                .map(|(_, how)| how.to_string()),
            returned_reason: data
                .application
                .returned
                .as_ref()
                .map(|returned| returned.reason.to_string()),
            contact: data.contact.map(Into::into),
            memorandum: data.memorandum.map(Into::into),
            comments: comments
                .map(|comment| CommentView::seen_by(actor, comment))
                .collect(),
            letters: data.letters.iter().map(Into::into).collect(),
            looks: data.looks.iter().map(Into::into).collect(),
        }
    }
}

impl From<(Memorandum, Option<(Digest, u64)>)> for HeldMemorandum {
    fn from((memorandum, file): (Memorandum, Option<(Digest, u64)>)) -> Self {
        Self {
            memorandum: MemorandumView::from(&memorandum),
            text: String::from_utf8_lossy(&memorandum.body).into_owned(),
            file: file.map(|(digest, size)| HeldFile {
                digest: digest.to_string(),
                size,
            }),
        }
    }
}

impl From<&Entry> for LookView {
    fn from(entry: &Entry) -> Self {
        let actor = entry.body.actor;
        Self {
            at: entry.body.at,
            action: entry.body.action,
            by: actor.kind,
            role: actor.role,
            partner: actor.id.filter(|_| actor.kind == ActorKind::Partner),
        }
    }
}
