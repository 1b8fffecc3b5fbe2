//! A comment on an application in JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{desk::Actor, rules::application::Visibility, storage::comments::Comment};

/// A comment on an application.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CommentView {
    /// Its identifier.
    id: Uuid,
    /// The operator who wrote it; only the secretariat sees that.
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<Uuid>,
    /// Who reads it beside the secretariat.
    visibility: Visibility,
    /// What it says; absent when erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// When it was written.
    written_at: DateTime<Utc>,
}

impl CommentView {
    /// The comment as this actor sees it.
    pub fn seen_by(actor: Actor, comment: &Comment) -> Self {
        Self {
            id: comment.id.0,
            author: matches!(actor, Actor::Operator(..)).then_some(comment.author.0),
            visibility: comment.visibility,
            text: comment.body.as_ref().map(ToString::to_string),
            written_at: comment.written_at,
        }
    }
}
