//! Applications: from their receipt to their end. Admission is a decision: `desk::memberships::admit`.

pub mod acknowledge_matches;
pub mod apply;
pub mod assign;
pub mod comment;
pub mod confirm;
pub mod issue_memorandum;
pub mod lapse;
pub mod look;
pub mod reject;
pub mod reopen;
pub mod resubmit;
pub mod return_for_correction;
pub mod sign_memorandum;
pub mod withdraw;

use chrono::{DateTime, Days, TimeDelta, Utc};

use super::{Actor, Failure, Unit, failures_of};
use crate::{
    rules::{
        application::{DEFAULT_DAYS_TO_REPLY, DEFAULT_DAYS_UNTIL_LAPSE, Event, NotNow, State},
        charter::CharterVersion,
        id::ApplicationId,
        organisation::Organisation,
    },
    storage::{self, Connection, applications::Application, charters::Published},
};

/// Whether `actor` may see and act on an application at all; its role is the edge's affair.
pub fn concerns(application: &Application, actor: Actor) -> bool {
    match actor {
        Actor::Anonymous => false,
        Actor::Applicant(id) => application.id == id,
        Actor::Partner(id) => application.partner == Some(id),
        Actor::Operator(..) | Actor::Host | Actor::System => true,
    }
}

/// The application of this identifier, if it concerns `actor`.
pub async fn find(
    conn: &mut Connection,
    actor: Actor,
    id: ApplicationId,
) -> Result<Option<Application>, storage::Error> {
    let found = Application::find(conn, id).await?;
    Ok(found.filter(|application| concerns(application, actor)))
}

/// Why an application does not take a step.
#[derive(Debug, thiserror::Error)]
pub enum StepError {
    /// There is no such application, or it is none of the caller's.
    #[error("there is no such application")]
    Unknown,
    /// It changed since the caller read it.
    #[error("the application changed since you read it: read it again")]
    Changed,
    /// Its state does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// It waits for nobody any more.
    #[error("this is not possible while the application is {0}: it is closed")]
    Closed(State),
    /// Its persons were erased: there is nobody left to go on with.
    #[error("the persons of this application were erased: the organisation applies anew")]
    Erased,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(StepError);

/// The application, in the state that `event` leads to, with its terms; nobody else can change it until the
/// transaction ends.
///
/// `expected_revision` is the one that the caller insists on, if it does.
async fn step(
    unit: &mut Unit,
    actor: Actor,
    id: ApplicationId,
    expected_revision: Option<i64>,
    event: Event,
) -> Result<Application, StepError> {
    let mut application = locked(unit, actor, id, expected_revision).await?;
    let published = Published::find(unit, &application.charter, application.charter_version)
        .await?
        .ok_or(StepError::Unknown)?;
    take_up(&mut application, event, &published.version, unit.at())?;
    Ok(application)
}

/// The application as it stands, if it still waits for somebody; nobody else can change it until the transaction ends.
async fn find_open(
    unit: &mut Unit,
    actor: Actor,
    id: ApplicationId,
    expected_revision: Option<i64>,
) -> Result<Application, StepError> {
    let application = locked(unit, actor, id, expected_revision).await?;
    if application.state.is_open() {
        Ok(application)
    } else {
        Err(StepError::Closed(application.state))
    }
}

async fn locked(
    unit: &mut Unit,
    actor: Actor,
    id: ApplicationId,
    expected_revision: Option<i64>,
) -> Result<Application, StepError> {
    let found = Application::lock(unit, id).await?;
    let application = found
        .filter(|application| concerns(application, actor))
        .ok_or(StepError::Unknown)?;
    if expected_revision.is_some_and(|revision| revision != application.revision) {
        return Err(StepError::Changed);
    }
    Ok(application)
}

/// Brings the application into the state that `event` leads to, and gives it the terms of that state.
fn take_up(
    application: &mut Application,
    event: Event,
    version: &CharterVersion,
    at: DateTime<Utc>,
) -> Result<(), NotNow> {
    let before = application.state;
    application.state = before.after(event)?;
    if before.is_open() && !application.state.is_open() {
        application.earlier_state = Some(before);
    }
    set_terms(application, version, at);
    Ok(())
}

/// Gives an application the terms of its state: when it lapses, and by when the secretariat means to act.
pub(super) fn set_terms(
    application: &mut Application,
    version: &CharterVersion,
    at: DateTime<Utc>,
) {
    let (state, policy) = (application.state, version.policy());
    let until_lapse = policy
        .days_until_lapse()
        .unwrap_or(DEFAULT_DAYS_UNTIL_LAPSE);
    let to_reply = policy.days_to_reply().unwrap_or(DEFAULT_DAYS_TO_REPLY);
    application.lapses_at = state
        .has_term()
        .then(|| at + TimeDelta::days(i64::from(until_lapse)));
    let waits_for_secretariat = matches!(
        state,
        State::Received | State::Confirmed | State::MemorandumSigned
    );
    application.due_on = at
        .date_naive()
        .checked_add_days(Days::new(u64::from(to_reply)))
        .filter(|_| waits_for_secretariat);
}

/// Why a charter is not open to an organisation.
#[derive(Debug, thiserror::Error)]
pub enum Ineligible {
    /// It does not admit the category.
    #[error("this charter does not admit the category {category:?}; it admits {accepted}")]
    Category {
        /// The applicant's category.
        category: String,
        /// Those that the charter admits.
        accepted: String,
    },
    /// It does not admit the country.
    #[error("this charter does not admit organisations of {0}")]
    Country(String),
}

/// Checks that the charter is open to the organisation.
fn check_eligible(version: &CharterVersion, organisation: &Organisation) -> Result<(), Ineligible> {
    if !version.accepts_category(&organisation.category) {
        let accepted: Vec<_> = version
            .eligibility()
            .categories()
            .iter()
            .map(|category| category.code.to_string())
            .collect();
        return Err(Ineligible::Category {
            category: organisation.category.to_string(),
            accepted: accepted.join(", "),
        });
    }
    match organisation.country {
        Some(country) if !version.accepts_country(country) => {
            Err(Ineligible::Country(country.to_string()))
        }
        _ => Ok(()),
    }
}
