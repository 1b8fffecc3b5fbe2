//! Applications, and the contact persons apart from them.

mod contact;
mod row;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

pub use contact::Contact;
use row::Row;

use super::{
    Connection, OptionalRow, Result, Transaction, insert_all, on,
    schema::applications,
    types::{Timestamp, Word},
};
use crate::rules::{
    application::{Channel, Origin, State},
    id::{ApplicationId, MemberId, OperatorId, PartnerId},
    matching::Match,
    organisation::Organisation,
    region::Region,
    text::{Lang, Name, Prose},
};

/// An application to accede to a charter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// Its identifier.
    pub id: ApplicationId,
    /// The charter's slug.
    pub charter: String,
    /// The charter's version that was current when it arrived.
    pub charter_version: u32,
    /// Where it stands.
    pub state: State,
    /// How it arrived.
    pub channel: Channel,
    /// Why the organisation applies.
    pub origin: Origin,
    /// The partner site that brought it.
    pub partner: Option<PartnerId>,
    /// The language of letters and of the memorandum.
    pub language: Lang,
    /// Who applies.
    pub organisation: Organisation,
    /// Why it was rejected.
    pub outcome: Option<Outcome>,
    /// The membership that it led to.
    pub membership: Option<MemberId>,
    /// Counts the changes, from 1.
    pub revision: i64,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When it came to the clerk who entered it, and how.
    pub entered: Option<Entered>,
    /// Who or what led the organisation here.
    pub referral: Option<Referral>,
    /// That the contact person's address was confirmed.
    pub confirmation: Option<Confirmation>,
    /// Why it was sent back for correction the last time.
    pub returned: Option<Return>,
    /// Whom it resembled when it was last compared.
    pub matches: Vec<Match>,
    /// That somebody looked at whom it resembles.
    pub acknowledged: Option<Acknowledgement>,
    /// Where it stood before it lapsed or was withdrawn.
    pub earlier_state: Option<State>,
    /// When it lapses unless something happens.
    pub lapses_at: Option<DateTime<Utc>>,
    /// Who of the secretariat sees to it.
    pub assignee: Option<OperatorId>,
    /// The day by which the secretariat means to act.
    pub due_on: Option<NaiveDate>,
    /// When its persons were erased.
    pub erased_at: Option<DateTime<Utc>>,
    /// What keeps anybody from guessing erased words by the audit's digests; it goes with them.
    pub salt: Option<[u8; 32]>,
}

/// When and how what a clerk entered came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Entered {
    /// The day it came.
    pub received_on: NaiveDate,
    /// How, in the clerk's words.
    pub how: Option<Name>,
    /// The clerk.
    pub by: OperatorId,
}

/// Who or what led an organisation here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Referral {
    /// A member.
    Member(MemberId),
    /// A campaign in this region.
    Campaign(Region),
}

/// That a contact person's address was confirmed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirmation {
    /// When.
    pub at: DateTime<Utc>,
    /// The clerk who heard it, and how; by the link in a letter when absent.
    pub by: Option<(OperatorId, Name)>,
}

/// Why an application was sent back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Return {
    /// What the applicant is told.
    pub reason: Prose,
    /// What is to be corrected: JSON Pointers (RFC 6901) into a resubmission.
    pub fields: Vec<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: OperatorId,
}

/// That somebody looked at whom an application resembles and found that it may go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    /// What was looked at.
    pub matches: Vec<Match>,
    /// Why it may go on.
    pub reason: Prose,
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: OperatorId,
}

impl Application {
    /// Takes away every word that was written about its persons, and the salt with them.
    pub fn forget_persons(&mut self, at: DateTime<Utc>) {
        if let Some(entered) = &mut self.entered {
            entered.how = None;
        }
        self.outcome = None;
        self.confirmation = None;
        self.returned = None;
        self.acknowledged = None;
        self.salt = None;
        self.erased_at = Some(at);
    }

    /// Whether a memorandum may be made out: what came from the public is confirmed first.
    pub fn may_have_memorandum(&self) -> bool {
        self.channel != Channel::Website || self.confirmation.is_some()
    }

    /// The resemblances that nobody has looked at, besides those to members that are `known` to be meant.
    pub fn unreviewed<'a>(
        &'a self,
        matches: &'a [Match],
        known: &'a [MemberId],
    ) -> impl Iterator<Item = &'a Match> {
        let seen = self.acknowledged.as_ref();
        let is_known = move |found: &Match| found.member.is_some_and(|id| known.contains(&id));
        let is_seen = move |found: &Match| seen.is_some_and(|seen| seen.matches.contains(found));
        matches
            .iter()
            .filter(move |found| found.needs_review() && !is_known(found) && !is_seen(found))
    }
}

/// What the applicant is told about the end of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why, in the secretariat's words.
    pub reason: Prose,
}

/// Which applications a list shows. An empty filter shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this charter.
    pub charter: Option<String>,
    /// Only in these states; all when empty.
    pub states: Vec<State>,
    /// Only by this channel.
    pub channel: Option<Channel>,
    /// Only those this partner brought.
    pub partner: Option<PartnerId>,
    /// Only those that this operator sees to.
    pub assignee: Option<OperatorId>,
    /// Only those that were due before this day.
    pub due_before: Option<NaiveDate>,
    /// By the day they are due, those without one left out; else by arrival.
    pub by_due_day: bool,
}

impl Application {
    /// Adds an application.
    pub async fn insert(&self, tx: &mut Transaction) -> Result<()> {
        let row = Row::try_from(self)?;
        on!(&mut **tx, |c| diesel::insert_into(applications::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// Adds applications.
    pub async fn insert_all(tx: &mut Transaction, applications: &[Self]) -> Result<()> {
        let rows = applications.iter().map(Row::try_from);
        let rows = rows.collect::<Result<Vec<_>>>()?;
        insert_all!(&mut **tx, applications::table, rows)
    }

    /// Writes the application as it now stands, as its next revision.
    pub async fn update(&mut self, tx: &mut Transaction, at: DateTime<Utc>) -> Result<()> {
        self.revision += 1;
        self.updated_at = at;
        let row = Row::try_from(&*self)?;
        on!(&mut **tx, |c| diesel::update(
            applications::table.filter(applications::id.eq(row.id))
        )
        .set(&row)
        .execute(c))?;
        Ok(())
    }

    /// The application of this identifier.
    pub async fn find(conn: &mut Connection, id: ApplicationId) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(applications::id.eq(id))
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// The application of this identifier, which no other transaction can change until this one ends.
    pub async fn lock(tx: &mut Transaction, id: ApplicationId) -> Result<Option<Self>> {
        on!(&mut **tx, |c| diesel::update(
            applications::table.filter(applications::id.eq(id))
        )
        .set(applications::revision.eq(applications::revision))
        .execute(c))?;
        Self::find(&mut *tx, id).await
    }

    /// A page of the queue, oldest or most urgent first, after the application of that place.
    ///
    /// A place is the time of arrival, or midnight of the day it is due, and the identifier.
    pub async fn page(
        conn: &mut Connection,
        filter: &Filter,
        after: Option<(DateTime<Utc>, ApplicationId)>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = applications::table
                .select(Row::as_select())
                .limit(limit)
                .into_boxed();
            if let Some(charter) = &filter.charter {
                query = query.filter(applications::charter.eq(charter));
            }
            if !filter.states.is_empty() {
                query = query
                    .filter(applications::state.eq_any(filter.states.iter().copied().map(Word)));
            }
            if let Some(channel) = filter.channel {
                query = query.filter(applications::channel.eq(Word(channel)));
            }
            if let Some(partner) = filter.partner {
                query = query.filter(applications::partner.eq(partner));
            }
            if let Some(assignee) = filter.assignee {
                query = query.filter(applications::assignee.eq(assignee));
            }
            if let Some(day) = filter.due_before {
                query = query.filter(applications::due_on.lt(day));
            }
            if filter.by_due_day {
                if let Some((at, id)) = after {
                    let day = at.date_naive();
                    query = query.filter(
                        applications::due_on
                            .gt(day)
                            .or(applications::due_on.eq(day).and(applications::id.gt(id))),
                    );
                }
                query = query
                    .filter(applications::due_on.is_not_null())
                    .order((applications::due_on, applications::id));
            } else {
                if let Some((at, id)) = after {
                    let at = Timestamp::from(at);
                    query = query.filter(
                        applications::received_at
                            .gt(at)
                            .or(applications::received_at
                                .eq(at)
                                .and(applications::id.gt(id))),
                    );
                }
                query = query.order((applications::received_at, applications::id));
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The applications that led to a membership.
    pub async fn of_member(conn: &mut Connection, member: MemberId) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(applications::membership.eq(member))
            .order(applications::id)
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The applications whose term has ended, those first that ended first.
    pub async fn lapsing(
        conn: &mut Connection,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<ApplicationId>> {
        on!(conn, |c| applications::table
            .filter(applications::lapses_at.le(Timestamp::from(now)))
            .order((applications::lapses_at, applications::id))
            .select(applications::id)
            .limit(limit)
            .load(c))
    }
}
