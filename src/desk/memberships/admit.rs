//! An organisation is admitted: one registrar proposes it, another approves, and the membership begins.

use charter_proof::entry::{MemberEventKind, Status};

use super::{KeyConflict, claimable};
use crate::{
    desk::{
        Desk, Failure, LogUnit, Request,
        applications::set_terms,
        decisions::{self, ProposeError},
        failures_of,
        unit::begin,
    },
    log::ledger::Change,
    notify::outbox::Draft,
    rules::{
        application::{Event, NotNow},
        audit::Action,
        decision::{Proposal, Reassigned},
        id::{ApplicationId, MemberId, OperatorId, RecordId},
        letter::Template,
        memorandum,
        organisation::Organisation,
    },
    storage::{
        Connection, Transaction,
        applications::{Application, Contact},
        charters::Published,
        decisions::{Decision, Subject},
        memberships::Membership,
        memoranda::Memorandum,
        traces,
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
    /// The former member whose keys it takes over, if it does.
    pub reassign_from: Option<MemberId>,
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
    /// The former member whose keys were to be taken over holds none of them.
    #[error("member {0} holds no key of this organisation that could be reassigned")]
    NothingToReassign(MemberId),
    /// Who holds the keys changed since it was proposed.
    #[error("who holds the organisation's keys changed since it was proposed: propose it anew")]
    Stale,
    /// It resembles a member, and nobody has looked at that.
    #[error(
        "the application resembles {0} in a way that nobody has looked at: see `matches`, and acknowledge them"
    )]
    Unreviewed(String),
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
    let mut unit = begin!(desk.begin_log::<Decision>(
        &request,
        Action::AdmissionProposed,
        command.application
    ));
    let application = find(&mut unit, command.application, command.expected_revision).await?;
    let terms = Terms {
        founder: command.founder,
        domain_attested: command.domain_attested,
        own: None,
        reassign_from: command.reassign_from,
    };
    let checked = check(&mut unit, &application, terms).await?;
    let subject = Subject::Application(application.id);
    let proposal = Proposal::Admission {
        founder: command.founder,
        domain_attested: command.domain_attested,
        reassigned: checked.reassigned,
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
    Ok(unit.finish(decision).await?)
}

/// The application, which nobody else can change until the transaction ends.
pub(super) async fn find(
    tx: &mut Transaction,
    id: ApplicationId,
    expected_revision: Option<i64>,
) -> Result<Application, AdmitError> {
    let application = Application::lock(tx, id)
        .await?
        .ok_or(AdmitError::Unknown)?;
    match expected_revision {
        Some(revision) if revision != application.revision => Err(AdmitError::Changed),
        _ => Ok(application),
    }
}

/// How an organisation is admitted.
pub(super) struct Terms {
    /// Whether it is one of the charter's founders.
    pub(super) founder: bool,
    /// Whether the registrar attests that it controls its domain.
    pub(super) domain_attested: bool,
    /// The membership that it continues, whose keys are its own.
    pub(super) own: Option<MemberId>,
    /// The former member whose keys it takes over.
    pub(super) reassign_from: Option<MemberId>,
}

/// What an admission stands on, once everything was checked.
pub(super) struct Checked {
    /// The charter's version that the organisation accedes to.
    pub(super) published: Published,
    /// The organisation as its record names it.
    pub(super) organisation: Organisation,
    /// The signed memorandum.
    pub(super) memorandum: memorandum::Evidence,
    /// The keys that it takes over from a former member.
    pub(super) reassigned: Option<Reassigned>,
}

/// Admits the organisation: signs its first record, appends the event and begins the membership.
pub async fn carry_out(
    desk: &Desk,
    unit: &mut LogUnit,
    application: ApplicationId,
    founder: bool,
    domain_attested: bool,
    reassigned: Option<&Reassigned>,
) -> Result<Membership, AdmitError> {
    let mut application = find(unit, application, None).await?;
    let terms = Terms {
        founder,
        domain_attested,
        own: None,
        reassign_from: reassigned.map(|reassigned| reassigned.from),
    };
    let checked = check(unit, &application, terms).await?;
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
        suspended_until: None,
        urgent_by: None,
        urgent_ended_at: None,
        merged_into: None,
    };
    hand_over(unit, &membership, checked.reassigned.as_ref(), reassigned).await?;
    let change = Change {
        event: MemberEventKind::Included,
        status: Status::Active,
        charter: &checked.published,
        reasons: None,
        other: reassigned.map(|reassigned| reassigned.from),
    };
    unit.also(Action::ApplicationAccepted, application.id)
        .await?;
    unit.record(&mut membership, change).await?;
    membership.insert(unit).await?;
    membership.claim(unit, &keys).await?;
    application.state = application.state.after(Event::Admit)?;
    application.membership = Some(membership.id);
    let at = unit.at();
    set_terms(&mut application, &checked.published.version, at);
    application.update(unit, at).await?;
    let letter = Draft::to_applicant(Template::ApplicationAccepted, &application);
    unit.letter(letter).await?;
    Ok(membership)
}

/// Appends the entries by which keys go from a former member to this one, whose own entry must follow at once.
///
/// `now` are those that must, `proposed` those that two registrars decided about: they are the same or nothing is done.
pub(super) async fn hand_over(
    unit: &mut LogUnit,
    to: &Membership,
    now: Option<&Reassigned>,
    proposed: Option<&Reassigned>,
) -> Result<(), AdmitError> {
    if now != proposed {
        return Err(AdmitError::Stale);
    }
    if let Some(Reassigned { from, claims }) = now {
        for key in claims {
            unit.reassign(&to.charter, key, *from, to.id).await?;
        }
    }
    Ok(())
}

/// Checks everything that an admission must fulfil, when it is proposed and again when it is carried out.
pub(super) async fn check(
    conn: &mut Connection,
    application: &Application,
    terms: Terms,
) -> Result<Checked, AdmitError> {
    application.state.after(Event::Admit)?;
    let published = Published::find(conn, &application.charter, application.charter_version)
        .await?
        .ok_or(AdmitError::Unknown)?;
    let mut organisation = application.organisation.clone();
    if terms.founder && !is_founder(&published, &organisation) {
        return Err(AdmitError::NotAFounder);
    }
    if terms.domain_attested && organisation.domain.is_none() {
        return Err(AdmitError::NoDomain);
    }
    if !terms.domain_attested {
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
    let (own, from) = (terms.own, terms.reassign_from);
    let reassigned = claimable(conn, &application.charter, &keys, own, from).await??;
    if let (Some(from), None) = (from, &reassigned) {
        return Err(AdmitError::NothingToReassign(from));
    }
    let known: Vec<MemberId> = own.into_iter().chain(from).collect();
    check_reviewed(conn, application, &known).await?;
    let memorandum = Memorandum::find(conn, application.id)
        .await?
        .ok_or(AdmitError::Unknown)?;
    let memorandum = evidence(&memorandum).ok_or(AdmitError::Unknown)?;
    Ok(Checked {
        published,
        organisation,
        memorandum,
        reassigned,
    })
}

/// Checks that somebody has looked at every member that the applicant resembles as of now, besides those that the
/// decision names itself.
async fn check_reviewed(
    conn: &mut Connection,
    application: &Application,
    known: &[MemberId],
) -> Result<(), AdmitError> {
    let contact = Contact::find(conn, application.id).await?;
    let matches = traces::matches(conn, application, contact.as_ref()).await?;
    match application.unreviewed(&matches, known).next() {
        None => Ok(()),
        Some(found) => Err(AdmitError::Unreviewed(match found.member {
            Some(member) => format!("member {member} ({})", found.kind),
            None => format!("nobody that could be checked ({})", found.kind),
        })),
    }
}

pub(super) fn is_founder(published: &Published, organisation: &Organisation) -> bool {
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
