//! Decisions that need two registrars: what a proposal binds to, and how it is approved or declined.
//!
//! What is proposed and carried out stands in `desk::memberships`: `admit`, `exclude`, `suspend` and the others.

pub mod approve;
pub mod decline;
pub mod recuse;

use charter_proof::canonical::{CanonicalError, Digest, to_jcs};
use serde::Serialize;

use super::{Actor, Desk, Failure, LogUnit, failures_of};
use crate::{
    notify::outbox::Draft,
    rules::{
        audit::Action,
        decision::{Kind, Proposal, State},
        id::{DecisionId, OperatorId},
        role::Role,
    },
    storage::{
        self, Transaction,
        applications::Application,
        decisions::{Decision, Subject},
        memberships::Membership,
        memoranda::Memorandum,
        people::Operator,
        records::Record,
    },
};

/// Why a decision is not entered, whatever it decides.
#[derive(Debug, thiserror::Error)]
pub enum ProposeError {
    /// Fewer than two registrars have an account.
    #[error(
        "decisions need two registrars, and there are fewer: add one with `operator add NAME --role registrar`"
    )]
    SecondRegistrarMissing,
    /// Another decision about the same is open.
    #[error("decision {0} about the same is still open: approve or decline it first")]
    AlreadyProposed(DecisionId),
    /// The proposer stands aside from what it is about.
    #[error("you recused yourself from what this is about: another registrar must propose it")]
    Recused,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ProposeError);

/// Enters a proposal about a subject as it now stands.
///
/// An earlier one that the subject has outgrown is declined by the same stroke. The log head keeps proposals and
/// approvals from crossing each other.
pub(super) async fn propose(
    desk: &Desk,
    unit: &mut LogUnit,
    proposer: OperatorId,
    charter: &str,
    subject: Subject,
    proposal: Proposal,
) -> Result<Decision, ProposeError> {
    // A registrar's proposal waits for another one, an administrator's for any.
    let needed = if proposal.kind() == Kind::Redaction {
        1
    } else {
        2
    };
    if Operator::count(unit, Role::Registrar).await? < needed {
        return Err(ProposeError::SecondRegistrarMissing);
    }
    let proposed_at = desk.now();
    let subject_digest = subject_digest(unit, charter, subject, &proposal).await?;
    if let Some(mut open) = Decision::open_about(unit, subject).await? {
        if open.subject_digest == subject_digest {
            return Err(ProposeError::AlreadyProposed(open.id));
        }
        unit.also(Action::DecisionDeclined, open.id).await?;
        open.state = State::Declined;
        open.decided = Some((proposer, proposed_at));
        open.update(unit).await?;
    }
    let id = DecisionId(desk.clock.uuid());
    let digest = decision_digest(id, charter, subject_digest, &proposal)?;
    let decision = Decision {
        id,
        charter: charter.to_owned(),
        subject,
        proposal,
        digest,
        subject_digest,
        state: State::Proposed,
        proposer,
        proposed_at,
        decided: None,
        record: None,
    };
    let actor = Actor::Operator(proposer, Role::Registrar);
    if recuse::is_recused(unit, actor, &decision.concerned()).await? {
        return Err(ProposeError::Recused);
    }
    unit.also(Action::DecisionProposed, id).await?;
    decision.insert(unit).await?;
    unit.letter(Draft::decision_waits(&decision)).await?;
    Ok(decision)
}

/// The digest by which an approval names what it approves.
fn decision_digest(
    id: DecisionId,
    charter: &str,
    subject_digest: Digest,
    proposal: &Proposal,
) -> Result<Digest, Failure> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Bound<'a> {
        charter: &'a str,
        id: DecisionId,
        proposal: &'a Proposal,
        subject_digest: Digest,
    }
    digest_of(&Bound {
        charter,
        id,
        proposal,
        subject_digest,
    })
}

/// The digest of everything that a decision is about, as it stands until this transaction ends.
///
/// The transaction holds the log head, without which no membership changes; an application is locked here.
async fn subject_digest(
    tx: &mut Transaction,
    charter: &str,
    subject: Subject,
    proposal: &Proposal,
) -> Result<Digest, Failure> {
    let own = digest_as_it_stands(tx, charter, subject).await?;
    let mut all = vec![own];
    for member in proposal.members() {
        all.push(digest_as_it_stands(tx, charter, Subject::Membership(member)).await?);
    }
    if all.len() == 1 {
        return Ok(own);
    }
    digest_of(&all)
}

async fn digest_as_it_stands(
    tx: &mut Transaction,
    charter: &str,
    subject: Subject,
) -> Result<Digest, Failure> {
    match subject {
        Subject::Application(id) => {
            let application = Application::lock(tx, id).await?;
            let memorandum = Memorandum::find(tx, id).await?;
            let signed = memorandum
                .map(|memorandum| Digest::of_parts(&[&memorandum.salt, &memorandum.body]));
            digest_of(&(application, signed))
        }
        Subject::Membership(id) => {
            let membership = Membership::find(tx, charter, id).await?;
            let record = match membership {
                Some(membership) => Record::find(tx, membership.record)
                    .await?
                    .map(|record| record.digest),
                None => None,
            };
            digest_of(&record)
        }
    }
}

fn digest_of<T: Serialize>(value: &T) -> Result<Digest, Failure> {
    let bytes = to_jcs(value).map_err(|error: CanonicalError| {
        Failure::Storage(storage::Error::Damaged(format!(
            "a decision's subject: {error}"
        )))
    })?;
    Ok(Digest::of(&bytes))
}
