//! A registrar stands aside: from then on the registrar neither proposes nor approves anything about it.

use super::{Desk, Failure, failures_of};
use crate::{
    desk::{Actor, Request, unit::begin},
    rules::{
        audit::{self, Action},
        decision::State,
        id::{ApplicationId, DecisionId, MemberId, OperatorId},
    },
    storage::{
        self, Connection,
        applications::Application,
        decisions::{Decision, Subject},
        memberships::Membership,
        recusals::Recusal,
    },
};

/// What a registrar stands aside from.
#[derive(Debug, Clone)]
pub enum About {
    /// Everything that a decision is about.
    Decision(DecisionId),
    /// An application, and the membership that it leads to.
    Application(ApplicationId),
    /// A member of a charter.
    Member(String, MemberId),
}

/// A recusal.
#[derive(Debug, Clone)]
pub struct Recuse {
    /// From what.
    pub from: About,
    /// Who stands aside.
    pub by: OperatorId,
}

/// Why nobody stands aside.
#[derive(Debug, thiserror::Error)]
pub enum RecuseError {
    /// There is no such decision.
    #[error("there is no such decision")]
    DecisionUnknown,
    /// There is no such application.
    #[error("there is no such application")]
    ApplicationUnknown,
    /// There is no such member of this charter.
    #[error("there is no such member of this charter")]
    MemberUnknown,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(RecuseError);

/// Enters the recusal; an open proposal of the registrar's own about the same is taken back with it.
///
/// It holds the log head, so that no approval crosses it. To stand aside twice is to stand aside once.
pub async fn recuse(
    desk: &Desk,
    request: Request,
    command: Recuse,
) -> Result<Vec<Recusal>, RecuseError> {
    let subject = match &command.from {
        About::Decision(id) => audit::Subject::Decision(*id),
        About::Application(id) => audit::Subject::Application(*id),
        About::Member(_, id) => audit::Subject::Member(*id),
    };
    let mut unit =
        begin!(desk.begin_log::<Vec<Recusal>>(&request, Action::RegistrarRecused, subject));
    let mut recusals = Vec::new();
    for subject in subjects(&mut unit, command.from).await? {
        if let Some(mut open) = Decision::open_about(&mut unit, subject).await?
            && open.proposer == command.by
        {
            unit.also(Action::DecisionDeclined, open.id).await?;
            open.state = State::Declined;
            open.decided = Some((command.by, unit.at()));
            open.update(&mut unit).await?;
        }
        let since = Recusal::since(&mut unit, command.by, subject).await?;
        let recusal = Recusal {
            operator: command.by,
            subject,
            at: since.unwrap_or_else(|| unit.at()),
        };
        if since.is_none() {
            recusal.insert(&mut unit, desk.clock.uuid()).await?;
        }
        recusals.push(recusal);
    }
    Ok(unit.finish(recusals).await?)
}

async fn subjects(conn: &mut Connection, from: About) -> Result<Vec<Subject>, RecuseError> {
    Ok(match from {
        About::Decision(id) => {
            let decision = Decision::find(conn, id)
                .await?
                .ok_or(RecuseError::DecisionUnknown)?;
            decision.concerned()
        }
        About::Application(id) => {
            let application = Application::find(conn, id)
                .await?
                .ok_or(RecuseError::ApplicationUnknown)?;
            vec![Subject::Application(application.id)]
        }
        About::Member(charter, id) => {
            let membership = Membership::find(conn, &charter, id)
                .await?
                .ok_or(RecuseError::MemberUnknown)?;
            vec![Subject::Membership(membership.id)]
        }
    })
}

/// Whether who acts stands aside from any of these.
pub(in crate::desk) async fn is_recused(
    conn: &mut Connection,
    actor: Actor,
    subjects: &[Subject],
) -> Result<bool, storage::Error> {
    let Actor::Operator(operator, _) = actor else {
        return Ok(false);
    };
    for &subject in subjects {
        let recused = match subject {
            Subject::Application(_) => Recusal::since(conn, operator, subject).await?.is_some(),
            Subject::Membership(member) => Recusal::covers_member(conn, operator, member).await?,
        };
        if recused {
            return Ok(true);
        }
    }
    Ok(false)
}
