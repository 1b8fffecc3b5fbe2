//! A former member returns: a new application, the same membership.

use charter_proof::entry::MemberEventKind;

use super::{
    admit::{self, AdmitError, Terms},
    change::{self, ChangeError},
};
use crate::{
    desk::{
        Desk, Failure, LogUnit, Request,
        applications::set_terms,
        decisions::{self, ProposeError},
        failures_of,
        unit::begin,
    },
    rules::{
        application::Event,
        audit::Action,
        decision::{Proposal, Reassigned},
        id::{ApplicationId, MemberId, OperatorId},
        letter::Template,
        membership::{self, NotNow},
    },
    storage::{
        applications::Application,
        charters::Published,
        decisions::{Decision, Subject},
        memberships::Membership,
    },
};

/// A proposal to readmit a former member.
#[derive(Debug, Clone, Copy)]
pub struct Readmit {
    /// The new application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// The membership that it continues.
    pub member: MemberId,
    /// Whether the registrar attests that the organisation controls its domain.
    pub domain_attested: bool,
    /// The other former member whose keys it takes over, if it does.
    pub reassign_from: Option<MemberId>,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Why a former member is not readmitted.
#[derive(Debug, thiserror::Error)]
pub enum ReadmitError {
    /// The application cannot lead to a membership.
    #[error(transparent)]
    Admit(#[from] AdmitError),
    /// There is no such former member of this charter.
    #[error("the application's charter has no such member")]
    MemberUnknown,
    /// The membership's status does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The proposal is not entered.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ReadmitError);

/// Proposes the readmission; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Readmit,
) -> Result<Decision, ReadmitError> {
    let mut unit = begin!(desk.begin_log::<Decision>(
        &request,
        Action::ReadmissionProposed,
        command.application
    ));
    let application =
        admit::find(&mut unit, command.application, command.expected_revision).await?;
    let membership = Membership::find(&mut unit, &application.charter, command.member)
        .await?
        .ok_or(ReadmitError::MemberUnknown)?;
    membership::after(membership.status, MemberEventKind::Readmitted)?;
    let terms = Terms {
        founder: false,
        domain_attested: command.domain_attested,
        own: Some(membership.id),
        reassign_from: command.reassign_from,
    };
    let checked = admit::check(&mut unit, &application, terms).await?;
    let proposal = Proposal::Readmission {
        member: membership.id,
        domain_attested: command.domain_attested,
        reassigned: checked.reassigned,
    };
    let subject = Subject::Application(application.id);
    let decision = decisions::propose(
        desk,
        &mut unit,
        command.by,
        &application.charter,
        subject,
        proposal,
    )
    .await?;
    Ok(unit.finish(decision).await?)
}

/// Readmits the member: its number, history and day of admission stay, the rest is the new application's.
pub async fn carry_out(
    unit: &mut LogUnit,
    application: ApplicationId,
    member: MemberId,
    domain_attested: bool,
    reassigned: Option<&Reassigned>,
) -> Result<Membership, ReadmitError> {
    let mut application = admit::find(unit, application, None).await?;
    let mut membership = Membership::find(unit, &application.charter, member)
        .await?
        .ok_or(ReadmitError::MemberUnknown)?;
    let terms = Terms {
        founder: false,
        domain_attested,
        own: Some(member),
        reassign_from: reassigned.map(|reassigned| reassigned.from),
    };
    let checked = admit::check(unit, &application, terms).await?;
    admit::hand_over(unit, &membership, checked.reassigned.as_ref(), reassigned).await?;
    let keys = checked.organisation.claim_keys();
    membership.organisation = checked.organisation;
    membership.memorandum = checked.memorandum;
    membership.charter_version = application.charter_version;
    membership.merged_into = None;
    let other = reassigned.map(|reassigned| reassigned.from);
    let event = MemberEventKind::Readmitted;
    change::record(
        unit,
        &mut membership,
        event,
        None,
        other,
        Template::MemberReadmitted,
    )
    .await
    .map_err(|error| match error {
        ChangeError::NotNow(refusal) => refusal.into(),
        ChangeError::Failed(failure) => failure.into(),
        _ => ReadmitError::MemberUnknown,
    })?;
    membership.claim(unit, &keys).await?;
    accepted(unit, &mut application, membership.id, &checked.published).await?;
    Ok(membership)
}

async fn accepted(
    unit: &mut LogUnit,
    application: &mut Application,
    member: MemberId,
    published: &Published,
) -> Result<(), ReadmitError> {
    unit.also(Action::ApplicationAccepted, application.id)
        .await?;
    application.state = application
        .state
        .after(Event::Admit)
        .map_err(AdmitError::from)?;
    application.membership = Some(member);
    let at = unit.at();
    set_terms(application, &published.version, at);
    Ok(application.update(unit, at).await?)
}
