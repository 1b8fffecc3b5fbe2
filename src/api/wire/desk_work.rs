//! What the secretariat alone sees of an application.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rules::matching::{Match, Resemblance},
    storage::applications::Application,
};

/// What the secretariat alone sees of an application.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeskWork {
    /// The operator who sees to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    assignee: Option<Uuid>,
    /// The day by which the secretariat means to act.
    #[serde(skip_serializing_if = "Option::is_none")]
    due_on: Option<NaiveDate>,
    /// When it came to the clerk who entered it, and how.
    #[serde(skip_serializing_if = "Option::is_none")]
    entered: Option<EnteredView>,
    /// How the contact person confirmed the address, where a clerk heard it.
    #[serde(skip_serializing_if = "Option::is_none")]
    confirmed_how: Option<String>,
    /// Whether the last letter to the contact person that came to an end was refused or came back. Not in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact_unreachable: Option<bool>,
    /// Members that it resembles.
    matches: Vec<MatchView>,
    /// Whether it may be a former member that comes back.
    possible_return: bool,
    /// Whether somebody must look at `matches` before it can be admitted.
    needs_review: bool,
    /// Who looked at them last, and why the application may go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    acknowledged: Option<AcknowledgedView>,
}

/// When and how an application came to the clerk who entered it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct EnteredView {
    /// The day it came.
    received_on: NaiveDate,
    /// How, in the clerk's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    how: Option<String>,
    /// The clerk.
    by: Uuid,
}

/// A member that an application resembles.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MatchView {
    /// In what.
    kind: Resemblance,
    /// The key, number, host or name of the application.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    /// The member.
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Uuid>,
    /// Where its membership stood when this was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "excluded")]
    status: Option<&'static str>,
}

/// That somebody looked at whom an application resembles.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct AcknowledgedView {
    /// Why it may go on.
    reason: String,
    /// When.
    at: DateTime<Utc>,
    /// By whom.
    by: Uuid,
}

impl DeskWork {
    /// What the secretariat sees of an application that resembles these members.
    pub fn new(application: &Application, matches: &[Match]) -> Self {
        let possible_return = matches.iter().any(Match::is_possible_return);
        Self {
            assignee: application.assignee.map(|operator| operator.0),
            due_on: application.due_on,
            entered: application.entered.as_ref().map(|entered| EnteredView {
                received_on: entered.received_on,
                how: entered.how.as_ref().map(ToString::to_string),
                by: entered.by.0,
            }),
            confirmed_how: application
                .confirmation
                .as_ref()
                .and_then(|given| given.by.as_ref())
                .map(|(_, how)| how.to_string()),
            contact_unreachable: None,
            matches: matches.iter().map(MatchView::from).collect(),
            possible_return,
            needs_review: application.unreviewed(matches, &[]).next().is_some(),
            acknowledged: application
                .acknowledged
                .as_ref()
                .map(|given| AcknowledgedView {
                    reason: given.reason.to_string(),
                    at: given.at,
                    by: given.by.0,
                }),
        }
    }
}

impl DeskWork {
    /// With what is known of the contact person's address.
    #[must_use]
    pub fn with_contact(self, unreachable: Option<bool>) -> Self {
        Self {
            contact_unreachable: unreachable,
            ..self
        }
    }
}

impl From<&Match> for MatchView {
    fn from(found: &Match) -> Self {
        Self {
            kind: found.kind,
            found: found.found.clone(),
            member: found.member.map(|member| member.0),
            status: found.status.map(charter_proof::entry::Status::as_str),
        }
    }
}
