//! A member that violates the charter is excluded: one registrar proposes it, another approves.

use charter_proof::entry::MemberEventKind;

use crate::{
    desk::{
        Desk, Failure, LogUnit, Request,
        decisions::{self, ProposeError},
        failures_of,
        unit::begin,
    },
    log::ledger::Change,
    notify::outbox::Draft,
    rules::{
        decision::{Ground, Proposal, Reasons},
        id::{MemberId, OperatorId},
        letter::Template,
        membership::{self, NotNow},
    },
    storage::{
        charters::Published,
        decisions::{Decision, Subject},
        memberships::Membership,
    },
};

/// A proposal to exclude a member.
#[derive(Debug, Clone)]
pub struct Exclude {
    /// The charter's slug.
    pub charter: String,
    /// The member.
    pub member: MemberId,
    /// The index of the member's newest log entry, when the caller insists on one.
    pub expected_index: Option<u64>,
    /// Why: what the public record will say.
    pub reasons: Reasons,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Why a member is not excluded.
#[derive(Debug, thiserror::Error)]
pub enum ExcludeError {
    /// There is no such member of this charter.
    #[error("there is no such member of this charter")]
    Unknown,
    /// The membership changed since the caller read it.
    #[error("the membership changed since you read it: read it again")]
    Changed,
    /// The member's status does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// Nobody is excluded on this ground.
    #[error("a member is not excluded on the ground {0}")]
    NoGroundToExclude(Ground),
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
    /// The proposal is not entered.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ExcludeError);

/// Proposes the exclusion; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Exclude,
) -> Result<Decision, ExcludeError> {
    let mut unit = begin!(desk.begin_log::<Decision>(&request));
    let membership = Membership::find(&mut unit, &command.charter, command.member)
        .await?
        .ok_or(ExcludeError::Unknown)?;
    if command
        .expected_index
        .is_some_and(|index| index != membership.log_index)
    {
        return Err(ExcludeError::Changed);
    }
    membership::after(membership.status, MemberEventKind::Excluded)?;
    let published = Published::find(&mut unit, &membership.charter, membership.charter_version)
        .await?
        .ok_or(ExcludeError::Unknown)?;
    check_reasons(&published, &command.reasons)?;
    let subject = Subject::Membership(membership.id);
    let proposal = Proposal::Exclusion {
        reasons: command.reasons,
    };
    let decision = decisions::propose(
        desk,
        &mut unit,
        command.by,
        &membership.charter,
        subject,
        proposal,
    )
    .await?;
    unit.letter(Draft::decision_waits(&decision)).await?;
    Ok(unit.finish(decision).await?)
}

/// Excludes the member: signs its record and appends the event.
pub async fn carry_out(
    unit: &mut LogUnit,
    charter: &str,
    member: MemberId,
    reasons: &Reasons,
) -> Result<Membership, ExcludeError> {
    let mut membership = Membership::find(unit, charter, member)
        .await?
        .ok_or(ExcludeError::Unknown)?;
    let status = membership::after(membership.status, MemberEventKind::Excluded)?;
    let published = Published::find(unit, charter, membership.charter_version)
        .await?
        .ok_or(ExcludeError::Unknown)?;
    let change = Change {
        event: MemberEventKind::Excluded,
        status,
        charter: &published,
        reasons: Some(reasons),
    };
    unit.record(&mut membership, change).await?;
    membership.update(unit).await?;
    let letter = Draft::to_member(Template::MemberExcluded, &membership);
    unit.letter(letter.because(reasons)).await?;
    Ok(membership)
}

fn check_reasons(published: &Published, reasons: &Reasons) -> Result<(), ExcludeError> {
    if !reasons.ground.excludes() {
        return Err(ExcludeError::NoGroundToExclude(reasons.ground));
    }
    if reasons.ground == Ground::CharterViolation && reasons.clauses.is_empty() {
        return Err(ExcludeError::ClauseMissing);
    }
    if reasons.ground == Ground::LawViolation && reasons.law.is_none() {
        return Err(ExcludeError::LawMissing);
    }
    let version = &published.version;
    match reasons
        .clauses
        .iter()
        .find(|clause| version.clause(clause).is_none())
    {
        Some(clause) => Err(ExcludeError::ClauseUnknown {
            clause: clause.clone(),
            version: version.version(),
        }),
        None => Ok(()),
    }
}
