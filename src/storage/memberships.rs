//! Memberships, the keys they hold, and the terms by which they are found.

use charter_proof::entry::Status;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Error, LogTransaction, OptionalRow, Result, charters, log, on,
    schema::{claims, member_terms, memberships},
    types::{Json, Timestamp, Word},
};
use crate::rules::{
    id::{MemberId, OperatorId, RecordId},
    memorandum::Evidence,
    organisation::Organisation,
    search,
};

/// A membership as it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Its identifier: the `member` of records and log entries.
    pub id: MemberId,
    /// The charter's slug.
    pub charter: String,
    /// The charter's version that the member acceded to.
    pub charter_version: u32,
    /// Its number in the charter's registry, from 1.
    pub number: i64,
    /// Whether the member founded the charter.
    pub founder: bool,
    /// Where the membership stands.
    pub status: Status,
    /// Who the member is.
    pub organisation: Organisation,
    /// The signed memorandum.
    pub memorandum: Evidence,
    /// The day of admission.
    pub since: NaiveDate,
    /// The newest record.
    pub record: RecordId,
    /// The index of the newest record's log entry.
    pub log_index: u64,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// When the suspension ends by itself; none while it is not suspended, or suspended without a term.
    pub suspended_until: Option<DateTime<Utc>>,
    /// The registrar who suspended it alone, until that is confirmed or ends.
    pub urgent_by: Option<OperatorId>,
    /// When an urgent suspension last ended without being confirmed.
    pub urgent_ended_at: Option<DateTime<Utc>>,
    /// The member that it was merged into.
    pub merged_into: Option<MemberId>,
}

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = memberships, treat_none_as_null = true)]
struct Row {
    id: MemberId,
    charter: String,
    charter_version: i32,
    number: i64,
    founder: bool,
    status: Word<Status>,
    organisation: Json<Organisation>,
    memorandum: Json<Evidence>,
    since: NaiveDate,
    record: RecordId,
    log_index: i64,
    updated_at: Timestamp,
    suspended_until: Option<Timestamp>,
    urgent_by: Option<OperatorId>,
    urgent_ended_at: Option<Timestamp>,
    merged_into: Option<MemberId>,
}

/// What is copied out of the organisation so that the database can filter and sort by it.
#[derive(Insertable, AsChangeset)]
#[diesel(table_name = memberships, treat_none_as_null = true)]
struct Sortable {
    sort_name: String,
    category: String,
    country: Option<String>,
    region: Option<String>,
}

impl From<&Organisation> for Sortable {
    fn from(organisation: &Organisation) -> Self {
        Self {
            sort_name: search::sort_key(&organisation.name),
            category: organisation.category.to_string(),
            country: organisation.country.as_ref().map(ToString::to_string),
            region: organisation.region.as_ref().map(ToString::to_string),
        }
    }
}

impl TryFrom<Row> for Membership {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            charter: row.charter,
            charter_version: charters::version(row.charter_version)?,
            number: row.number,
            founder: row.founder,
            status: row.status.0,
            organisation: row.organisation.0,
            memorandum: row.memorandum.0,
            since: row.since,
            record: row.record,
            log_index: log::index(row.log_index)?,
            updated_at: row.updated_at.into(),
            suspended_until: row.suspended_until.map(Into::into),
            urgent_by: row.urgent_by,
            urgent_ended_at: row.urgent_ended_at.map(Into::into),
            merged_into: row.merged_into,
        })
    }
}

impl TryFrom<&Membership> for Row {
    type Error = Error;

    fn try_from(membership: &Membership) -> Result<Self> {
        Ok(Self {
            id: membership.id,
            charter: membership.charter.clone(),
            charter_version: charters::version_column(membership.charter_version)?,
            number: membership.number,
            founder: membership.founder,
            status: Word(membership.status),
            organisation: Json(membership.organisation.clone()),
            memorandum: Json(membership.memorandum.clone()),
            since: membership.since,
            record: membership.record,
            log_index: log::column(membership.log_index)?,
            updated_at: membership.updated_at.into(),
            suspended_until: membership.suspended_until.map(Into::into),
            urgent_by: membership.urgent_by,
            urgent_ended_at: membership.urgent_ended_at.map(Into::into),
            merged_into: membership.merged_into,
        })
    }
}

/// Which members a list shows. An empty filter shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only these statuses; all when empty.
    pub statuses: Vec<Status>,
    /// Only this category.
    pub category: Option<String>,
    /// Only this country, ISO 3166-1.
    pub country: Option<String>,
    /// Only this region, ISO 3166-2.
    pub region: Option<String>,
    /// Only founders, or only others.
    pub founder: Option<bool>,
    /// Only members since this day.
    pub since: Option<NaiveDate>,
    /// Only members that have, for each of these, a term that begins so.
    pub terms: Vec<String>,
}

/// The order of a list; the member's number decides between equals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By number.
    Number,
    /// By name.
    Name,
    /// By day of admission.
    Since,
}

/// Where a page of a list begins: after the member with this sort key and number.
#[derive(Debug, Clone)]
pub struct After {
    /// The value by which the list is sorted; empty when that is the number.
    pub key: String,
    /// The member's number.
    pub number: i64,
}

impl Membership {
    /// Adds a membership; its keys are added by [`Membership::claim`].
    pub async fn insert(&self, tx: &mut LogTransaction) -> Result<()> {
        let row = Row::try_from(self)?;
        let sortable = Sortable::from(&self.organisation);
        on!(&mut ***tx, |c| diesel::insert_into(memberships::table)
            .values((&row, &sortable))
            .execute(c))?;
        self.index_terms(tx).await
    }

    /// Writes the membership as it now stands.
    pub async fn update(&self, tx: &mut LogTransaction) -> Result<()> {
        let row = Row::try_from(self)?;
        let sortable = Sortable::from(&self.organisation);
        on!(&mut ***tx, |c| diesel::update(
            memberships::table.filter(memberships::id.eq(self.id))
        )
        .set((&row, &sortable))
        .execute(c))?;
        self.index_terms(tx).await
    }

    async fn index_terms(&self, tx: &mut LogTransaction) -> Result<()> {
        on!(&mut ***tx, |c| diesel::delete(
            member_terms::table.filter(member_terms::member.eq(self.id))
        )
        .execute(c))?;
        let number = u64::try_from(self.number).ok();
        for term in search::terms(&self.organisation, number) {
            on!(&mut ***tx, |c| diesel::insert_into(member_terms::table)
                .values((
                    member_terms::member.eq(self.id),
                    member_terms::term.eq(&term)
                ))
                .execute(c))?;
        }
        Ok(())
    }

    /// The membership of this identifier in a charter.
    pub async fn find(conn: &mut Connection, charter: &str, id: MemberId) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(memberships::id.eq(id))
            .filter(memberships::charter.eq(charter))
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// The membership of this identifier, whatever its charter.
    pub async fn find_anywhere(conn: &mut Connection, id: MemberId) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(memberships::id.eq(id))
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// At most `limit` suspended members whose suspension was to end by `now`, with their charters.
    pub async fn suspended_no_longer(
        conn: &mut Connection,
        now: DateTime<Utc>,
        limit: i64,
    ) -> Result<Vec<(String, MemberId)>> {
        on!(conn, |c| memberships::table
            .filter(memberships::status.eq(Word(Status::Suspended)))
            .filter(memberships::suspended_until.le(Timestamp::from(now)))
            .order(memberships::suspended_until)
            .limit(limit)
            .select((memberships::charter, memberships::id))
            .load(c))
    }

    /// A page of a charter's members.
    pub async fn page(
        conn: &mut Connection,
        charter: &str,
        filter: &Filter,
        order: Order,
        descending: bool,
        after: Option<&After>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = memberships::table
                .select(Row::as_select())
                .filter(memberships::charter.eq(charter))
                .limit(limit)
                .into_boxed();
            if !filter.statuses.is_empty() {
                query = query
                    .filter(memberships::status.eq_any(filter.statuses.iter().copied().map(Word)));
            }
            if let Some(category) = &filter.category {
                query = query.filter(memberships::category.eq(category));
            }
            if let Some(country) = &filter.country {
                query = query.filter(memberships::country.eq(country));
            }
            if let Some(region) = &filter.region {
                query = query.filter(memberships::region.eq(region));
            }
            if let Some(founder) = filter.founder {
                query = query.filter(memberships::founder.eq(founder));
            }
            if let Some(since) = filter.since {
                query = query.filter(memberships::since.ge(since));
            }
            for term in &filter.terms {
                let found = member_terms::table
                    .filter(member_terms::term.ge(term))
                    .filter(member_terms::term.lt(format!("{term}{}", char::MAX)))
                    .select(member_terms::member);
                query = query.filter(memberships::id.eq_any(found));
            }
            macro_rules! sorted_by {
                ($column:expr, $key:expr) => {
                    if descending {
                        if let Some(after) = after {
                            query =
                                query.filter($column.lt($key).or(
                                    $column.eq($key).and(memberships::number.lt(after.number)),
                                ));
                        }
                        query.order(($column.desc(), memberships::number.desc()))
                    } else {
                        if let Some(after) = after {
                            query =
                                query.filter($column.gt($key).or(
                                    $column.eq($key).and(memberships::number.gt(after.number)),
                                ));
                        }
                        query.order(($column.asc(), memberships::number.asc()))
                    }
                };
            }
            let number = after.map_or(0, |after| after.number);
            let name = after.map(|after| after.key.as_str()).unwrap_or_default();
            let day = name.parse::<NaiveDate>().unwrap_or_default();
            let query = match order {
                Order::Number => sorted_by!(memberships::number, number),
                Order::Name => sorted_by!(memberships::sort_name, name),
                Order::Since => sorted_by!(memberships::since, day),
            };
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The place after this member in a list of that order.
    pub fn place(&self, order: Order) -> After {
        let key = match order {
            Order::Number => String::new(),
            Order::Name => search::sort_key(&self.organisation.name),
            Order::Since => self.since.to_string(),
        };
        After {
            key,
            number: self.number,
        }
    }
}

/// Who holds a key of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The key, as `domain:…` or `<SCHEME>:…`.
    pub claim: String,
    /// The member that holds it.
    pub member: MemberId,
    /// Where that membership stands.
    pub status: Status,
}

impl Holder {
    /// The holders of any of `keys` in a charter.
    pub async fn of(conn: &mut Connection, charter: &str, keys: &[String]) -> Result<Vec<Self>> {
        let rows: Vec<(String, MemberId, Word<Status>)> = on!(conn, |c| claims::table
            .inner_join(memberships::table)
            .filter(claims::charter.eq(charter))
            .filter(claims::claim.eq_any(keys))
            .order(claims::claim)
            .select((claims::claim, memberships::id, memberships::status))
            .load(c))?;
        Ok(rows
            .into_iter()
            .map(|(claim, member, status)| Self {
                claim,
                member,
                status: status.0,
            })
            .collect())
    }
}

impl Membership {
    /// The keys that the membership holds, sorted.
    pub async fn claims(&self, conn: &mut Connection) -> Result<Vec<String>> {
        on!(conn, |c| claims::table
            .filter(claims::member.eq(self.id))
            .order(claims::claim)
            .select(claims::claim)
            .load(c))
    }

    /// Makes the membership hold exactly `keys`; those it drops become free.
    pub async fn claim(&self, tx: &mut LogTransaction, keys: &[String]) -> Result<()> {
        on!(&mut ***tx, |c| diesel::update(
            claims::table
                .filter(claims::member.eq(self.id))
                .filter(claims::claim.ne_all(keys))
        )
        .set(claims::member.eq(None::<MemberId>))
        .execute(c))?;
        for key in keys {
            on!(&mut ***tx, |c| diesel::insert_into(claims::table)
                .values((
                    claims::charter.eq(&self.charter),
                    claims::claim.eq(key),
                    claims::member.eq(self.id)
                ))
                .on_conflict((claims::charter, claims::claim))
                .do_update()
                .set(claims::member.eq(self.id))
                .execute(c))?;
        }
        Ok(())
    }
}
