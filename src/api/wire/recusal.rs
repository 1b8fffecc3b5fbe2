//! A recusal in JSON.

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::storage::{decisions::Subject, recusals::Recusal};

/// What a registrar stands aside from.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RecusalView {
    /// The registrar.
    pub operator: Uuid,
    /// The application.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<Uuid>,
    /// The member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<Uuid>,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl From<&Recusal> for RecusalView {
    fn from(recusal: &Recusal) -> Self {
        let (application, member) = match recusal.subject {
            Subject::Application(id) => (Some(id.0), None),
            Subject::Membership(id) => (None, Some(id.0)),
        };
        Self {
            operator: recusal.operator.0,
            application,
            member,
            at: recusal.at,
        }
    }
}
