//! Applications: from their receipt to their end. Admission is a decision: `desk::memberships::admit`.

pub mod apply;
pub mod issue_memorandum;
pub mod reject;
pub mod sign_memorandum;
pub mod withdraw;

use super::Actor;
use crate::{
    rules::id::ApplicationId,
    storage::{self, Connection, Transaction, applications::Application},
};

/// Whether `actor` may see and act on an application at all; its role is the edge's affair.
pub fn concerns(application: &Application, actor: Actor) -> bool {
    match actor {
        Actor::Anonymous => false,
        Actor::Applicant(id) => application.id == id,
        Actor::Partner(id) => application.partner == Some(id),
        Actor::Operator(..) => true,
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

/// The same, and nobody else can change it until the transaction ends.
async fn lock(
    tx: &mut Transaction,
    actor: Actor,
    id: ApplicationId,
) -> Result<Option<Application>, storage::Error> {
    let found = Application::lock(tx, id).await?;
    Ok(found.filter(|application| concerns(application, actor)))
}
