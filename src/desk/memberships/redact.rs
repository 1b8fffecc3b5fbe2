//! A record tells what must not be public: an administrator proposes to redact it, a registrar approves.
//!
//! The record's document goes, and what else tells the same; the log keeps its digest. A membership that lives gets an
//! `amended` record in its place, in the same transaction: the world always finds a record of it.

use charter_proof::{
    entry::{Event, MemberEventKind},
    record::{Decision as Recorded, RegistryRecord},
};

use super::change;
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
        audit::Action,
        decision::{self, Proposal, Reasons},
        id::{MemberId, OperatorId, RecordId},
        letter::Template,
        membership,
        redaction::{Redaction, tells_any},
        text::Name,
        word::Word as _,
    },
    storage::{
        Connection,
        applications::Application,
        decisions::{Decision, Subject},
        memberships::Membership,
        personal_data,
        records::Record,
        traces,
    },
};

/// A proposal to redact a record.
#[derive(Debug, Clone)]
pub struct Redact {
    /// The records, and what stands in place of what they told.
    pub redaction: Redaction,
    /// Who proposes it.
    pub by: OperatorId,
}

/// Why a record is not redacted.
#[derive(Debug, thiserror::Error)]
pub enum RedactError {
    /// The registry never signed such a record.
    #[error("the registry never signed the record {0}")]
    Unknown(RecordId),
    /// Its document is gone already.
    #[error("the record {0} is redacted already")]
    Gone(RecordId),
    /// The records are not of one member.
    #[error("the record {0} is another member's: propose another redaction for it")]
    AnotherMember(RecordId),
    /// None of the records has a statement that could be said otherwise.
    #[error("no decision stands in these records, so there is no statement to replace")]
    NoStatement,
    /// No record follows that could carry a statement.
    #[error("the membership has ended, so no record follows that could carry a statement")]
    Ended,
    /// The proposal is not entered.
    #[error(transparent)]
    Propose(#[from] ProposeError),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(RedactError);

/// A record that is redacted, and what it tells.
struct Told {
    record: Record,
    said: RegistryRecord,
}

/// Proposes the redaction; [`carry_out`] follows when a registrar approves.
///
/// Every other record of the member goes, too, that calls it by a name which it is not to be called by any more.
pub async fn propose(
    desk: &Desk,
    request: Request,
    command: Redact,
) -> Result<Decision, RedactError> {
    let Redact { mut redaction, by } = command;
    let member = {
        let mut conn = desk.database.read().await?;
        told(&mut conn, None, &redaction.records).await?.0
    };
    let mut unit = begin!(desk.begin_log::<Decision>(&request, Action::RedactionProposed, member));
    let membership = Membership::find_anywhere(&mut unit, member).await?;
    let membership = membership.ok_or_else(|| missing(&redaction))?;
    widen(&mut unit, &membership, &mut redaction).await?;
    let (_, told) = told(&mut unit, Some(member), &redaction.records).await?;
    if redaction.statement.is_some() {
        if membership::after(membership.status, MemberEventKind::Amended).is_err() {
            return Err(RedactError::Ended);
        }
        if told.iter().all(|told| reasons(told).is_none()) {
            return Err(RedactError::NoStatement);
        }
    }
    let subject = Subject::Membership(member);
    let proposal = Proposal::Redaction(redaction);
    let charter = membership.charter;
    let decision = decisions::propose(desk, &mut unit, by, &charter, subject, proposal).await?;
    Ok(unit.finish(decision).await?)
}

/// Redacts the records, and signs the one that follows where the membership lives.
pub async fn carry_out(
    unit: &mut LogUnit,
    charter: &str,
    member: MemberId,
    redaction: &Redaction,
) -> Result<Membership, RedactError> {
    let membership = Membership::find(unit, charter, member).await?;
    let mut membership = membership.ok_or_else(|| missing(redaction))?;
    let (_, told) = told(unit, Some(member), &redaction.records).await?;
    unit.also(Action::RecordRedacted, member).await?;
    for Told { record, .. } in &told {
        let event = Event::RecordRedacted {
            record: record.digest,
            ground: redaction.ground.as_str().to_owned(),
        };
        let index = unit.append(event).await?;
        Record::redact(unit, record.id, index).await?;
    }
    forget_decisions(unit, member, &told).await?;
    forget_in_applications(unit, &membership, redaction).await?;
    redaction.rename(&mut membership.organisation);
    if let Ok(status) = membership::after(membership.status, MemberEventKind::Amended) {
        let published = change::published(unit, &membership).await;
        let published = published.map_err(|_| missing(redaction))?;
        let reasons = following(redaction, &told);
        let change = Change {
            event: MemberEventKind::Amended,
            status,
            charter: &published,
            reasons: reasons.as_ref(),
            other: None,
        };
        unit.record(&mut membership, change).await?;
        let letter = Draft::to_member(Template::MemberAmended, &membership);
        unit.letter(letter).await?;
    }
    membership.update(unit).await?;
    traces::keep_names_told(unit, &membership).await?;
    let at = unit.at();
    personal_data::ask_for_public_purge(unit, at).await?;
    Ok(membership)
}

/// The records with what they tell, and whose they are: one member's, and this one's where it is known.
async fn told(
    conn: &mut Connection,
    member: Option<MemberId>,
    records: &[RecordId],
) -> Result<(MemberId, Vec<Told>), RedactError> {
    let (mut member, mut told) = (member, Vec::with_capacity(records.len()));
    for &id in records {
        let record = Record::find(conn, id).await?;
        let record = record.ok_or(RedactError::Unknown(id))?;
        if *member.get_or_insert(record.member) != record.member {
            return Err(RedactError::AnotherMember(id));
        }
        let document = record.document.as_deref();
        let said = document.and_then(|document| serde_json::from_slice(document).ok());
        let said = said.ok_or(RedactError::Gone(id))?;
        told.push(Told { record, said });
    }
    let member = member.ok_or(RedactError::NoStatement)?;
    Ok((member, told))
}

fn missing(redaction: &Redaction) -> RedactError {
    let first = redaction.records.first().copied();
    first.map_or(RedactError::NoStatement, RedactError::Unknown)
}

/// Adds the records that call the member by a name which it loses; where it is former, its newest one in any case.
async fn widen(
    conn: &mut Connection,
    membership: &Membership,
    redaction: &mut Redaction,
) -> Result<(), RedactError> {
    if !redaction.renames() {
        return Ok(());
    }
    let lost = redaction.lost_names(&membership.organisation);
    let has_ended = membership::after(membership.status, MemberEventKind::Amended).is_err();
    for record in Record::of_member(conn, membership.id).await? {
        let Some(document) = &record.document else {
            continue;
        };
        let said: Option<RegistryRecord> = serde_json::from_slice(document).ok();
        let is_told = said.is_some_and(|said| tells_any(&said, &lost));
        let is_newest = has_ended && record.id == membership.record;
        if (is_told || is_newest) && !redaction.records.contains(&record.id) {
            redaction.records.push(record.id);
        }
    }
    Ok(())
}

/// The decision that stands in a record.
fn reasons(told: &Told) -> Option<&Recorded> {
    told.said.credential_subject.decision.as_ref()
}

/// What the record that follows says of the decision in a redacted one: the same, in other words.
fn following(redaction: &Redaction, told: &[Told]) -> Option<Reasons> {
    let statement = redaction.statement.clone()?;
    let decision = told.iter().find_map(reasons)?;
    let law = decision.law.as_deref().map(Name::parse).transpose();
    Some(Reasons {
        ground: decision::Ground::from_word(&decision.ground)?,
        clauses: decision.clauses.clone(),
        law: law.ok()?,
        statement,
    })
}

/// Takes the texts out of the closed decisions that led to the records, or that say the same.
async fn forget_decisions(
    unit: &mut LogUnit,
    member: MemberId,
    told: &[Told],
) -> Result<(), RedactError> {
    let statements = told.iter().filter_map(reasons);
    let statements: Vec<&str> = statements
        .flat_map(|decision| &decision.statement)
        .map(|text| text.value.as_str())
        .collect();
    for mut decision in Decision::closed_about(unit, member).await? {
        let led_to = decision.record;
        let says_the_same = decision.proposal.reasons().is_some_and(|reasons| {
            let mut texts = reasons.statement.iter();
            texts.any(|(_, text)| statements.contains(&text.as_str()))
        });
        let is_of_them = told.iter().any(|told| Some(told.record.id) == led_to);
        let was_redaction = matches!(decision.proposal, Proposal::Redaction(_));
        if says_the_same || is_of_them || was_redaction {
            decision.proposal.omit_texts();
            decision.update(unit).await?;
        }
    }
    Ok(())
}

/// Takes lost names out of the applications that led to the membership, and out of what they were compared by.
async fn forget_in_applications(
    unit: &mut LogUnit,
    membership: &Membership,
    redaction: &Redaction,
) -> Result<(), RedactError> {
    if !redaction.renames() {
        return Ok(());
    }
    let at = unit.at();
    for mut application in Application::of_member(unit, membership.id).await? {
        let lost = redaction.lost_names(&application.organisation);
        redaction.rename(&mut application.organisation);
        let acknowledged = application.acknowledged.iter_mut();
        let acknowledged = acknowledged.flat_map(|acknowledged| &mut acknowledged.matches);
        for found in application.matches.iter_mut().chain(acknowledged) {
            found.found.take_if(|text| lost.contains(text));
        }
        application.update(unit, at).await?;
    }
    Ok(())
}
