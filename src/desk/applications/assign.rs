//! An application is given to somebody of the secretariat, or another day to act by.

use chrono::NaiveDate;

use super::{StepError, find_open};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        audit::Action,
        id::{ApplicationId, OperatorId},
        role::Role,
        text::Name,
    },
    storage::{Connection, applications::Application, people::Operator},
};

/// What becomes of something that there may be none of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// There is none any more.
    Remove,
    /// It is this.
    To(T),
}

/// Who is to see to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Assignee {
    /// The operator of this identifier.
    Operator(OperatorId),
    /// The operator of this name.
    Named(Name),
}

/// An assignment.
#[derive(Debug, Clone)]
pub struct Assign {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// Who is to see to it.
    pub assignee: Change<Assignee>,
    /// The day to act by.
    pub due_on: Change<NaiveDate>,
}

/// Why an application is not assigned so.
#[derive(Debug, thiserror::Error)]
pub enum AssignError {
    /// The application is unknown, changed or closed.
    #[error(transparent)]
    Step(#[from] StepError),
    /// There is no such clerk or registrar.
    #[error("no clerk and no registrar with an open account is called so")]
    NotAtTheDesk,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(AssignError);

/// Assigns an application.
pub async fn assign(
    desk: &Desk,
    request: Request,
    command: Assign,
) -> Result<Application, AssignError> {
    let mut unit = begin!(desk.begin::<Application>(
        &request,
        Action::ApplicationAssigned,
        command.application
    ));
    let mut application = find_open(
        &mut unit,
        request.actor,
        command.application,
        command.expected_revision,
    )
    .await?;
    let before = application.clone();
    match command.assignee {
        Change::Keep => {}
        Change::Remove => application.assignee = None,
        Change::To(assignee) => {
            application.assignee = Some(at_the_desk(&mut unit, assignee).await?);
        }
    }
    match command.due_on {
        Change::Keep => {}
        Change::Remove => application.due_on = None,
        Change::To(day) => application.due_on = Some(day),
    }
    if application != before {
        let at = unit.at();
        application.update(&mut unit, at).await?;
    }
    Ok(unit.finish(application).await?)
}

/// The clerk or registrar whom the caller means.
async fn at_the_desk(conn: &mut Connection, assignee: Assignee) -> Result<OperatorId, AssignError> {
    let found = match assignee {
        Assignee::Operator(id) => Operator::find(conn, id).await?,
        Assignee::Named(name) => Operator::find_by_name(conn, name.as_str()).await?,
    };
    let handles = |operator: &Operator| {
        operator.revoked_at.is_none() && matches!(operator.role, Role::Clerk | Role::Registrar)
    };
    let operator = found.filter(handles).ok_or(AssignError::NotAtTheDesk)?;
    Ok(operator.id)
}
