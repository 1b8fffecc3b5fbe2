//! Memberships, and the keys they hold.

use charter_proof::entry::Status;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Error, LogTransaction, OptionalRow, Result, charters, insert_all, log, on,
    schema::{claims, memberships, records},
    traces,
    types::{Json, Timestamp, Word},
};
use crate::rules::{
    id::{MemberId, OperatorId, RecordId},
    memorandum::Evidence,
    organisation::Organisation,
};

/// How many keys are looked for in one statement.
const KEYS_AT_ONCE: usize = 1000;

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

impl Membership {
    /// Adds a membership; its keys are added by [`Membership::claim`].
    pub async fn insert(&self, tx: &mut LogTransaction) -> Result<()> {
        let row = Row::try_from(self)?;
        on!(&mut ***tx, |c| diesel::insert_into(memberships::table)
            .values(&row)
            .execute(c))?;
        traces::keep(tx, self).await
    }

    /// Adds memberships of one charter, and has each hold its keys, which nobody else holds.
    pub async fn insert_all(tx: &mut LogTransaction, memberships: &[Self]) -> Result<()> {
        Self::copy_all(tx, memberships).await?;
        traces::keep_all(tx, memberships).await?;
        Self::hold_all(tx, memberships).await
    }

    /// Adds memberships that another registry has: nobody applies here, so that none need be told from newcomers.
    pub async fn copy_all(tx: &mut LogTransaction, memberships: &[Self]) -> Result<()> {
        let rows = memberships.iter().map(Row::try_from);
        let rows = rows.collect::<Result<Vec<_>>>()?;
        insert_all!(&mut ***tx, memberships::table, rows)
    }

    /// Has memberships of one charter hold their keys, which nobody else holds.
    pub async fn hold_all(tx: &mut LogTransaction, memberships: &[Self]) -> Result<()> {
        let held = memberships.iter().flat_map(|membership| {
            let keys = membership.organisation.claim_keys().into_iter();
            keys.map(|key| (membership.charter.clone(), key, membership.id))
        });
        let held: Vec<_> = held.collect();
        for piece in held.chunks(KEYS_AT_ONCE) {
            let keys = piece.iter().map(|(_, key, _)| key);
            let charters = memberships
                .iter()
                .take(1)
                .map(|membership| &membership.charter);
            // A key that was given up has its row still.
            on!(&mut ***tx, |c| diesel::delete(
                claims::table
                    .filter(claims::charter.eq_any(charters))
                    .filter(claims::claim.eq_any(keys))
                    .filter(claims::member.is_null())
            )
            .execute(c))?;
        }
        let rows = held.into_iter().map(|(charter, key, member)| {
            (
                claims::charter.eq(charter),
                claims::claim.eq(key),
                claims::member.eq(member),
            )
        });
        insert_all!(&mut ***tx, claims::table, rows.collect::<Vec<_>>())
    }

    /// Writes the membership as it now stands.
    pub async fn update(&self, tx: &mut LogTransaction) -> Result<()> {
        self.overwrite(tx).await?;
        traces::keep(tx, self).await
    }

    /// Writes the membership as another registry has it now.
    pub async fn overwrite(&self, tx: &mut LogTransaction) -> Result<()> {
        let row = Row::try_from(self)?;
        on!(&mut ***tx, |c| diesel::update(
            memberships::table.filter(memberships::id.eq(self.id))
        )
        .set(&row)
        .execute(c))?;
        Ok(())
    }

    /// The memberships of these identifiers, whatever their charters.
    pub async fn find_all(conn: &mut Connection, ids: &[MemberId]) -> Result<Vec<Self>> {
        let mut found = Vec::new();
        for piece in ids.chunks(KEYS_AT_ONCE) {
            let rows: Vec<Row> = on!(conn, |c| Row::query()
                .filter(memberships::id.eq_any(piece))
                .load(c))?;
            for row in rows {
                found.push(row.try_into()?);
            }
        }
        Ok(found)
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

    /// At most `limit` memberships of a charter whose numbers are beyond `after`, in their order; of those alone of whom a
    /// log entry from `since` on tells something, or that the document of a record is gone.
    pub async fn by_number(
        conn: &mut Connection,
        charter: &str,
        after: i64,
        since: Option<u64>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = Row::query()
                .filter(memberships::charter.eq(charter))
                .filter(memberships::number.gt(after))
                .order(memberships::number)
                .limit(limit)
                .into_boxed();
            if let Some(since) = since.map(log::column_at_most) {
                let withheld = records::table
                    .filter(records::redacted.ge(since))
                    .select(records::member);
                let is_told = memberships::log_index.ge(since);
                query = query.filter(is_told.or(memberships::id.eq_any(withheld)));
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The memberships whose newest log entry is one from `from` on, before `before`; in the log's order.
    pub async fn changed_since(conn: &mut Connection, from: u64, before: u64) -> Result<Vec<Self>> {
        let (from, before) = (log::column(from)?, log::column_at_most(before));
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(memberships::log_index.ge(from))
            .filter(memberships::log_index.lt(before))
            .order(memberships::log_index)
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
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
        let mut holders = Vec::new();
        for piece in keys.chunks(KEYS_AT_ONCE) {
            holders.append(&mut Self::of_some(conn, charter, piece).await?);
        }
        Ok(holders)
    }

    async fn of_some(conn: &mut Connection, charter: &str, keys: &[String]) -> Result<Vec<Self>> {
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

/// A row of the table of claims: the charter, the key, and who holds it, if anybody does.
pub type Claim = (String, String, Option<MemberId>);

/// At most `limit` claims after this one, in order.
pub async fn claims_after(
    conn: &mut Connection,
    after: Option<(&str, &str)>,
    limit: i64,
) -> Result<Vec<Claim>> {
    on!(conn, |c| {
        let mut query = claims::table
            .order((claims::charter, claims::claim))
            .limit(limit)
            .into_boxed();
        if let Some((charter, claim)) = after {
            query = query.filter(
                claims::charter
                    .gt(charter)
                    .or(claims::charter.eq(charter).and(claims::claim.gt(claim))),
            );
        }
        query.load(c)
    })
}

/// How many members are suspended now.
pub async fn suspended(conn: &mut Connection) -> Result<u64> {
    let count: i64 = on!(conn, |c| memberships::table
        .filter(memberships::status.eq(Word(Status::Suspended)))
        .count()
        .get_result(c))?;
    log::index(count)
}

/// How many memberships there are, of all charters.
pub async fn count(conn: &mut Connection) -> Result<i64> {
    on!(conn, |c| memberships::table.count().get_result(c))
}
