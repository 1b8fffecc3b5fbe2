//! Many organisations that acceded before the registry was there are admitted at once, by whoever commands the host.
//!
//! The command answers for what a registrar attests elsewhere: that the memoranda are signed and the domains theirs.
//! All are admitted in one transaction, or none.

use std::collections::HashMap;

use charter_proof::entry::{MemberEventKind, Status};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::KeyConflict;
use crate::{
    desk::{Desk, Failure, LogUnit, Request, failures_of, unit::begin},
    log::ledger::Change,
    rules::{
        application::{Channel, Origin, State},
        audit::{Action, Subject},
        id::{ApplicationId, MemberId, RecordId},
        memorandum::{Evidence, SigningForm},
        organisation::Organisation,
    },
    storage::{
        applications::Application,
        charters::Published,
        memberships::{Holder, Membership},
    },
};

/// Organisations to admit.
#[derive(Debug, Clone)]
pub struct Import {
    /// The charter's slug.
    pub charter: String,
    /// The organisations, in the order of their numbers.
    pub members: Vec<Newcomer>,
}

/// An organisation to admit.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// Who it is. Its domain, if it has one, is attested.
    pub organisation: Organisation,
    /// The signed memorandum.
    pub memorandum: Evidence,
    /// Whether it is one of the charter's founders.
    pub founder: bool,
}

/// What was admitted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Imported {
    /// How many organisations.
    pub count: u64,
    /// The number of the first; the others follow.
    pub first_number: i64,
    /// The log's size afterwards.
    pub log_size: u64,
}

/// Why nothing is admitted.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// There is no such charter.
    #[error("there is no charter of this name")]
    CharterUnknown,
    /// There is nothing to admit.
    #[error("there is nothing to admit")]
    Nothing,
    /// Some cannot be admitted: each with its place among the organisations, from 0.
    #[error("{} of the organisations cannot be admitted", .0.len())]
    Refused(Vec<(usize, Refusal)>),
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(ImportError);

/// Why an organisation cannot be admitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The charter is not open to such organisations.
    #[error("this charter does not admit the category {0:?}")]
    CategoryNotAccepted(String),
    /// The charter is not open to organisations of this country.
    #[error("this charter does not admit organisations of {0}")]
    CountryNotAccepted(String),
    /// The charter's founders do not include it.
    #[error("the charter names no founder of this name or alias")]
    NotAFounder,
    /// The charter wants a domain.
    #[error("this charter wants each member to have a domain")]
    DomainRequired,
    /// Nothing identifies it.
    #[error("the organisation has neither an identifier nor a domain: nothing would identify it")]
    NoKey,
    /// The charter does not take memoranda signed so.
    #[error("this charter does not take a memorandum signed as {0}")]
    FormNotAccepted(SigningForm),
    /// The date of signing lies in the future.
    #[error("the date of signing, {0}, lies in the future")]
    SignedInFuture(NaiveDate),
    /// Another membership holds one of its keys.
    #[error(transparent)]
    Conflict(#[from] KeyConflict),
    /// Another of the organisations has the same key.
    #[error("{key} belongs to an organisation before it, too")]
    Twice {
        /// The key.
        key: String,
        /// The other's place, from 0.
        before: usize,
    },
}

impl Refusal {
    /// Where the fault is, as a JSON Pointer into a line of what is imported.
    pub const fn pointer(&self) -> &'static str {
        match self {
            Self::CategoryNotAccepted(_) => "/organisation/category",
            Self::CountryNotAccepted(_) => "/organisation/country",
            Self::NotAFounder => "/founder",
            Self::DomainRequired => "/organisation/domain",
            Self::NoKey => "/organisation/identifiers",
            Self::FormNotAccepted(_) => "/memorandum/form",
            Self::SignedInFuture(_) => "/memorandum/signedOn",
            Self::Conflict(_) | Self::Twice { .. } => "/organisation",
        }
    }
}

/// Admits the organisations: signs a record and appends an event for each.
pub async fn import(
    desk: &Desk,
    request: Request,
    command: Import,
) -> Result<Imported, ImportError> {
    if command.members.is_empty() {
        return Err(ImportError::Nothing);
    }
    let subject = Subject::Charter(command.charter.clone());
    let mut unit = begin!(desk.begin_log::<Imported>(&request, Action::MembersImported, subject));
    let published = Published::current(&mut unit, &command.charter)
        .await?
        .ok_or(ImportError::CharterUnknown)?;
    check(&mut unit, &published, &command).await?;
    let count = command.members.len();
    let first_number = Published::next_member_numbers(&mut unit, &command.charter, count).await?;
    let numbers = first_number..;
    let mut members: Vec<Membership> = command
        .members
        .into_iter()
        .zip(numbers)
        .map(|(newcomer, number)| membership(desk, &unit, &published, newcomer, number))
        .collect();
    let change = Change {
        event: MemberEventKind::Included,
        status: Status::Active,
        charter: &published,
        reasons: None,
        other: None,
    };
    unit.record_all(&mut members, change).await?;
    Membership::insert_all(&mut unit, &members).await?;
    let language = published.version.languages().first().cloned();
    let language = language.ok_or(ImportError::CharterUnknown)?;
    let applications = members.iter().map(|member| Application {
        id: ApplicationId(desk.clock.uuid()),
        charter: member.charter.clone(),
        charter_version: member.charter_version,
        state: State::Accepted,
        channel: Channel::Import,
        origin: Origin::OwnInitiative,
        partner: None,
        language: language.clone(),
        organisation: member.organisation.clone(),
        outcome: None,
        membership: Some(member.id),
        revision: 1,
        received_at: unit.at(),
        updated_at: unit.at(),
        entered: None,
        referral: None,
        confirmation: None,
        returned: None,
        matches: Vec::new(),
        acknowledged: None,
        earlier_state: None,
        lapses_at: None,
        assignee: None,
        due_on: None,
        erased_at: None,
        salt: Some(desk.clock.random()),
    });
    let applications: Vec<_> = applications.collect();
    Application::insert_all(&mut unit, &applications).await?;
    let imported = Imported {
        count: u64::try_from(count).unwrap_or(u64::MAX),
        first_number,
        log_size: unit.size_once_closed(),
    };
    Ok(unit.finish(imported).await?)
}

fn membership(
    desk: &Desk,
    unit: &LogUnit,
    published: &Published,
    newcomer: Newcomer,
    number: i64,
) -> Membership {
    Membership {
        id: MemberId(desk.clock.uuid()),
        charter: published.version.slug().to_string(),
        charter_version: published.version.version(),
        number,
        founder: newcomer.founder,
        status: Status::Active,
        organisation: newcomer.organisation,
        memorandum: newcomer.memorandum,
        since: unit.at().date_naive(),
        // The ledger puts the record's identifier and its entry's index in their place.
        record: RecordId(uuid::Uuid::nil()),
        log_index: 0,
        updated_at: unit.at(),
        suspended_until: None,
        urgent_by: None,
        urgent_ended_at: None,
        merged_into: None,
    }
}

/// Checks every organisation, by itself, against the others, and against the members.
async fn check(
    unit: &mut LogUnit,
    published: &Published,
    command: &Import,
) -> Result<(), ImportError> {
    let today = unit.at().date_naive();
    let mut refused = Vec::new();
    let mut keys: HashMap<String, usize> = HashMap::new();
    for (place, newcomer) in command.members.iter().enumerate() {
        let refusals = refusals(published, newcomer, today);
        refused.extend(refusals.into_iter().map(|refusal| (place, refusal)));
        for key in newcomer.organisation.claim_keys() {
            match keys.get(&key) {
                Some(&before) => refused.push((place, Refusal::Twice { key, before })),
                None => {
                    keys.insert(key, place);
                }
            }
        }
    }
    let all: Vec<String> = keys.keys().cloned().collect();
    for holder in Holder::of(unit, &command.charter, &all).await? {
        if let Some(place) = keys.get(&holder.claim) {
            refused.push((*place, Refusal::Conflict(holder.into())));
        }
    }
    if refused.is_empty() {
        return Ok(());
    }
    refused.sort_by_key(|(place, _)| *place);
    Err(ImportError::Refused(refused))
}

/// What keeps an organisation out, whoever else comes.
fn refusals(published: &Published, newcomer: &Newcomer, today: NaiveDate) -> Vec<Refusal> {
    let (version, organisation) = (&published.version, &newcomer.organisation);
    let mut refusals = Vec::new();
    let mut unless = |holds: bool, refusal: &dyn Fn() -> Refusal| {
        if !holds {
            refusals.push(refusal());
        }
    };
    unless(version.accepts_category(&organisation.category), &|| {
        Refusal::CategoryNotAccepted(organisation.category.to_string())
    });
    if let Some(country) = organisation.country {
        unless(version.accepts_country(country), &|| {
            Refusal::CountryNotAccepted(country.to_string())
        });
    }
    let is_founder = !newcomer.founder || super::admit::is_founder(published, organisation);
    unless(is_founder, &|| Refusal::NotAFounder);
    let has_domain = organisation.domain.is_some() || !version.policy().domain_proof_required();
    unless(has_domain, &|| Refusal::DomainRequired);
    unless(!organisation.claim_keys().is_empty(), &|| Refusal::NoKey);
    let (form, signed_on) = (newcomer.memorandum.form, newcomer.memorandum.signed_on);
    unless(version.accepts_signing(form), &|| {
        Refusal::FormNotAccepted(form)
    });
    unless(signed_on <= today, &|| Refusal::SignedInFuture(signed_on));
    refusals
}
