//! What the changes of a membership share: how each begins, what its reasons must hold, and how it is recorded.

use charter_proof::entry::{MemberEventKind, Status};

use crate::{
    desk::{
        Actor, Failure, LogUnit,
        decisions::{ProposeError, recuse},
        failures_of,
    },
    log::ledger::Change,
    notify::outbox::Draft,
    rules::{
        decision::{Ground, Kind, Reasons},
        id::MemberId,
        letter::{Argument, Template},
        membership::{self, NotNow},
    },
    storage::{Connection, charters::Published, decisions::Subject, memberships::Membership},
};

/// The member that a request is about.
#[derive(Debug, Clone)]
pub struct Target {
    /// The charter's slug.
    pub charter: String,
    /// The member.
    pub member: MemberId,
    /// The index of the member's newest log entry, when the caller insists on one.
    pub expected_index: Option<u64>,
}

/// Why a membership is not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// There is no such member of this charter.
    #[error("there is no such member of this charter")]
    Unknown,
    /// The membership changed since the caller read it.
    #[error("the membership changed since you read it: read it again")]
    Changed,
    /// The member's status does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The reasons are not those of such a change.
    #[error(transparent)]
    Reasons(#[from] ReasonsError),
    /// The registrar stands aside from this member.
    #[error("you recused yourself from this member: another registrar must do it")]
    Recused,
    /// The proposal is not entered.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ChangeError);

/// What is wrong with the reasons of a change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReasonsError {
    /// It is not done on this ground.
    #[error("the ground {ground} is none for a decision of the kind {kind}")]
    NoGround {
        /// The ground that was given.
        ground: Ground,
        /// What was to be decided.
        kind: Kind,
    },
    /// A violation of the charter names no clause.
    #[error("a violation of the charter names the clauses that were violated")]
    ClauseMissing,
    /// The charter has no such clause.
    #[error("version {version} of the charter has no clause {clause:?}")]
    ClauseUnknown {
        /// What was named.
        clause: String,
        /// The version that the member acceded to.
        version: u32,
    },
    /// A violation of the law names no law.
    #[error("a violation of the law names the law")]
    LawMissing,
}

/// The member, as the caller expects it to be.
pub(super) async fn find(
    conn: &mut Connection,
    target: &Target,
) -> Result<Membership, ChangeError> {
    let membership = Membership::find(conn, &target.charter, target.member)
        .await?
        .ok_or(ChangeError::Unknown)?;
    match target.expected_index {
        Some(index) if index != membership.log_index => Err(ChangeError::Changed),
        _ => Ok(membership),
    }
}

/// Refuses a registrar who stands aside from the member.
pub(super) async fn check_impartial(
    conn: &mut Connection,
    actor: Actor,
    member: MemberId,
) -> Result<(), ChangeError> {
    if recuse::is_recused(conn, actor, &[Subject::Membership(member)]).await? {
        Err(ChangeError::Recused)
    } else {
        Ok(())
    }
}

/// Checks the reasons of a decision of this kind about a member.
pub(super) async fn check_reasons(
    conn: &mut Connection,
    membership: &Membership,
    kind: Kind,
    reasons: &Reasons,
) -> Result<(), ChangeError> {
    let published = published(conn, membership).await?;
    Ok(judge(&published, kind, reasons)?)
}

fn judge(published: &Published, kind: Kind, reasons: &Reasons) -> Result<(), ReasonsError> {
    if !reasons.ground.serves(kind) {
        return Err(ReasonsError::NoGround {
            ground: reasons.ground,
            kind,
        });
    }
    if reasons.ground == Ground::CharterViolation && reasons.clauses.is_empty() {
        return Err(ReasonsError::ClauseMissing);
    }
    if reasons.ground == Ground::LawViolation && reasons.law.is_none() {
        return Err(ReasonsError::LawMissing);
    }
    let version = &published.version;
    let is_unknown = |clause: &&String| version.clause(clause).is_none();
    match reasons.clauses.iter().find(is_unknown) {
        Some(clause) => Err(ReasonsError::ClauseUnknown {
            clause: clause.clone(),
            version: version.version(),
        }),
        None => Ok(()),
    }
}

/// The version of the charter that a member acceded to.
pub(super) async fn published(
    conn: &mut Connection,
    membership: &Membership,
) -> Result<Published, ChangeError> {
    Published::find(conn, &membership.charter, membership.charter_version)
        .await?
        .ok_or(ChangeError::Unknown)
}

/// Lets `event` happen to the member: signs the record, appends the event, writes the membership and tells the member.
///
/// Whatever a suspension had of terms ends with it.
pub(super) async fn record(
    unit: &mut LogUnit,
    membership: &mut Membership,
    event: MemberEventKind,
    reasons: Option<&Reasons>,
    other: Option<MemberId>,
    letter: Template,
) -> Result<(), ChangeError> {
    let status = membership::after(membership.status, event)?;
    let published = published(unit, membership).await?;
    if status != Status::Suspended {
        if membership.urgent_by.take().is_some() {
            membership.urgent_ended_at = Some(unit.at());
        }
        membership.suspended_until = None;
    }
    let change = Change {
        event,
        status,
        charter: &published,
        reasons,
        other,
    };
    unit.record(membership, change).await?;
    membership.update(unit).await?;
    let mut letter = Draft::to_member(letter, membership);
    if let Some(reasons) = reasons {
        letter = letter.because(reasons);
    }
    if let Some(until) = membership.suspended_until {
        letter = letter.with(Argument::Until, &until.date_naive());
    }
    unit.letter(letter).await?;
    Ok(())
}
