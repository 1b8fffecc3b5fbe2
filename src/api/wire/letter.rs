//! A letter in JSON: what became of it, and not a word of whom it is to.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rules::letter::{Recipient, State, Template},
    storage::letters::Letter,
};

/// A letter of the outbox. Its address and its text are made when it is sent, and kept nowhere.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct LetterView {
    /// The letter's identifier, which its Message-ID begins with.
    pub id: Uuid,
    /// What it says.
    pub template: Template,
    /// Its language; English where there is no text in it.
    #[schema(example = "ru")]
    pub language: String,
    /// To whom it goes: the contact person of the application, or the secretariat.
    pub recipient: Recipient,
    /// The application that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// The member that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Uuid>,
    /// The decision that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Uuid>,
    /// Where it stands.
    pub state: State,
    /// How often it was taken to be sent.
    pub attempts: i32,
    /// When it is taken next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What went wrong last: an SMTP reply and enhanced code (RFC 3463), with `sender`, `auth`, `tls` or `connection`
    /// before it where it is not about the recipient; or `timeout`, `address`, `smtputf8`, `returned`, `folder`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "550 5.1.1")]
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When the mail server took it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was refused for good or came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bounced_at: Option<DateTime<Utc>>,
}

impl From<&Letter> for LetterView {
    fn from(letter: &Letter) -> Self {
        Self {
            id: letter.id.0,
            template: letter.template,
            language: letter.language.to_string(),
            recipient: letter.recipient,
            application: letter.application.map(|id| id.0),
            member: letter.membership.map(|id| id.0),
            decision: letter.decision.map(|id| id.0),
            state: letter.state,
            attempts: letter.attempts,
            next_attempt_at: letter.next_attempt_at,
            last_error: letter.last_error.clone(),
            created_at: letter.created_at,
            sent_at: letter.sent_at,
            bounced_at: letter.bounced_at,
        }
    }
}
