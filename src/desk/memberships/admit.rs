//! An organisation is admitted: one registrar proposes it, another approves, and the membership begins.

use charter_proof::entry::{MemberEventKind, Status};

use super::{KeyConflict, conflict};
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
        application::{Event, NotNow},
        decision::Proposal,
        id::{ApplicationId, MemberId, OperatorId, RecordId},
        letter::Template,
        memorandum,
        organisation::Organisation,
    },
    storage::{
        Connection,
        applications::Application,
        charters::Published,
        decisions::{Decision, Subject},
        memberships::Membership,
        memoranda::Memorandum,
    },
};

/// A proposal to admit an organisation.
#[derive(Debug, Clone, Copy)]
pub struct Admit {
    /// The application.
    pub application: ApplicationId,
    /// Its revision, when the caller insists on one.
    pub expected_revision: Option<i64>,
    /// Whether it is one of the charter's founders.
    pub founder: bool,
    /// Whether the registrar attests that the organisation controls its domain.
    pub domain_attested: bool,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Why an organisation is not admitted.
#[derive(Debug, thiserror::Error)]
pub enum AdmitError {
    /// There is no such application.
    #[error("there is no such application")]
    Unknown,
    /// It changed since the caller read it.
    #[error("the application changed since you read it: read it again")]
    Changed,
    /// Its state does not allow it.
    #[error(transparent)]
    NotNow(#[from] NotNow),
    /// The charter's founders do not include it.
    #[error("the charter names no founder of this name or alias")]
    NotAFounder,
    /// There is no domain to attest.
    #[error("the application names no domain that could be attested")]
    NoDomain,
    /// The charter wants a domain whose control is attested.
    #[error("this charter wants control of the organisation's domain attested")]
    DomainProofRequired,
    /// Without the domain attested, nothing identifies the organisation.
    #[error(
        "the organisation has no identifier, so control of its domain must be attested: nothing else would identify it"
    )]
    NoKey,
    /// Another membership holds one of the organisation's keys.
    #[error(transparent)]
    KeyConflict(#[from] KeyConflict),
    /// The proposal is not entered.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(AdmitError);

/// Proposes the admission; [`carry_out`] follows when another registrar approves.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Admit,
) -> Result<Decision, AdmitError> {
    let mut unit = begin!(desk.begin_log::<Decision>(&request));
    let application = Application::lock(&mut unit, command.application)
        .await?
        .ok_or(AdmitError::Unknown)?;
    if command
        .expected_revision
        .is_some_and(|revision| revision != application.revision)
    {
        return Err(AdmitError::Changed);
    }
    check(
        &mut unit,
        &application,
        command.founder,
        command.domain_attested,
    )
    .await?;
    let subject = Subject::Application(application.id);
    let proposal = Proposal::Admission {
        founder: command.founder,
        domain_attested: command.domain_attested,
    };
    let decision = decisions::propose(
        desk,
        &mut unit,
        command.by,
        &application.charter,
        subject,
        proposal,
    )
    .await?;
    unit.letter(Draft::decision_waits(&decision)).await?;
    Ok(unit.finish(decision).await?)
}

/// What an admission stands on, once everything was checked.
struct Checked {
    published: Published,
    organisation: Organisation,
    memorandum: memorandum::Evidence,
}

/// Admits the organisation: signs its first record, appends the event and begins the membership.
pub async fn carry_out(
    desk: &Desk,
    unit: &mut LogUnit,
    application: ApplicationId,
    founder: bool,
    domain_attested: bool,
) -> Result<Membership, AdmitError> {
    let mut application = Application::lock(unit, application)
        .await?
        .ok_or(AdmitError::Unknown)?;
    let checked = check(unit, &application, founder, domain_attested).await?;
    let keys = checked.organisation.claim_keys();
    let mut membership = Membership {
        id: MemberId(desk.clock.uuid()),
        charter: application.charter.clone(),
        charter_version: application.charter_version,
        number: Published::next_member_number(unit, &application.charter).await?,
        founder,
        status: Status::Active,
        organisation: checked.organisation,
        memorandum: checked.memorandum,
        since: unit.at().date_naive(),
        // The ledger puts the record's identifier and its entry's index in their place.
        record: RecordId(uuid::Uuid::nil()),
        log_index: 0,
        updated_at: unit.at(),
    };
    let change = Change {
        event: MemberEventKind::Included,
        status: Status::Active,
        charter: &checked.published,
        reasons: None,
    };
    unit.record(&mut membership, change).await?;
    membership.insert(unit).await?;
    membership.claim(unit, &keys).await?;
    application.state = application.state.after(Event::Admit)?;
    application.membership = Some(membership.id);
    let at = unit.at();
    application.update(unit, at).await?;
    let letter = Draft::to_applicant(Template::ApplicationAccepted, &application);
    unit.letter(letter).await?;
    Ok(membership)
}

/// Checks everything that an admission must fulfil, when it is proposed and again when it is carried out.
async fn check(
    conn: &mut Connection,
    application: &Application,
    founder: bool,
    domain_attested: bool,
) -> Result<Checked, AdmitError> {
    application.state.after(Event::Admit)?;
    let published = Published::find(conn, &application.charter, application.charter_version)
        .await?
        .ok_or(AdmitError::Unknown)?;
    let mut organisation = application.organisation.clone();
    if founder && !is_founder(&published, &organisation) {
        return Err(AdmitError::NotAFounder);
    }
    if domain_attested && organisation.domain.is_none() {
        return Err(AdmitError::NoDomain);
    }
    if !domain_attested {
        if published.version.policy().domain_proof_required() {
            return Err(AdmitError::DomainProofRequired);
        }
        // What nobody attested is no key, and the record must not name it.
        organisation.domain = None;
    }
    let keys = organisation.claim_keys();
    if keys.is_empty() {
        return Err(AdmitError::NoKey);
    }
    if let Some(conflict) = conflict(conn, &application.charter, &keys, None).await? {
        return Err(conflict.into());
    }
    let memorandum = Memorandum::find(conn, application.id)
        .await?
        .ok_or(AdmitError::Unknown)?;
    let memorandum = evidence(&memorandum).ok_or(AdmitError::Unknown)?;
    Ok(Checked {
        published,
        organisation,
        memorandum,
    })
}

fn is_founder(published: &Published, organisation: &Organisation) -> bool {
    let names = organisation.name.iter().map(|(_, name)| name.as_str());
    let aliases = organisation
        .aliases
        .iter()
        .map(crate::rules::text::Name::as_str);
    published
        .version
        .founder_named(&names.chain(aliases).collect::<Vec<_>>())
        .is_some()
}

/// What the record says of the memorandum, once it is signed.
fn evidence(memorandum: &Memorandum) -> Option<memorandum::Evidence> {
    let signature = memorandum.signature.as_ref()?;
    let (digest, form) = (signature.evidence, signature.means.form());
    Some(memorandum::Evidence {
        digest,
        form,
        signed_on: signature.signed_on,
    })
}
