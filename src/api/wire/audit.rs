//! A row of the audit in JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rules::{
        audit::{Action, ActorKind, SubjectKind},
        role::Role,
    },
    storage::audit::Entry,
};

/// Who did it: by identifier, never by name.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditActor {
    /// The kind.
    kind: ActorKind,
    /// The operator, partner, or the applicant's application.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Uuid>,
    /// The operator's role at that time.
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<Role>,
}

/// What it was done to.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditSubject {
    /// The kind.
    kind: SubjectKind,
    /// The identifier, or a charter's slug.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
}

/// A row of the audit.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuditRow {
    /// Its place in the chain, from 0.
    seq: u64,
    /// When it was done.
    at: DateTime<Utc>,
    /// Who did it.
    actor: AuditActor,
    /// What was done.
    action: Action,
    /// What it was done to.
    subject: AuditSubject,
    /// The identifier of the request by which it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<String>,
    /// The digest of the subject's state before.
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
    /// The digest of the subject's state after.
    #[serde(skip_serializing_if = "Option::is_none")]
    after: Option<String>,
    /// The hash of the row before it; of the first, zeros.
    previous: String,
    /// The row's hash.
    hash: String,
}

impl From<Entry> for AuditRow {
    fn from(entry: Entry) -> Self {
        let body = entry.body;
        Self {
            seq: body.seq,
            at: body.at,
            actor: AuditActor {
                kind: body.actor.kind,
                id: body.actor.id,
                role: body.actor.role,
            },
            action: body.action,
            subject: AuditSubject {
                kind: body.subject_kind,
                id: body.subject,
            },
            request: body.request,
            before: body.before.map(|digest| digest.to_string()),
            after: body.after.map(|digest| digest.to_string()),
            previous: entry.previous.to_string(),
            hash: entry.hash.to_string(),
        }
    }
}
