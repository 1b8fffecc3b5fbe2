//! Registry records, as the exact bytes that were signed.

use charter_proof::{
    canonical::Digest,
    entry::{MemberEventKind, Status},
};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, LogTransaction, OptionalRow, Result, insert_all, log, on,
    schema::records,
    types::{Sha256, Timestamp, Word},
};
use crate::rules::id::{MemberId, RecordId};

/// How many members are looked for in one statement.
const AT_ONCE: usize = 1000;

/// A stored record.
#[derive(Debug, Clone)]
pub struct Record {
    /// Its identifier.
    pub id: RecordId,
    /// The charter's slug.
    pub charter: String,
    /// The member it is about.
    pub member: MemberId,
    /// The index of its log entry.
    pub log_index: u64,
    /// What happened.
    pub kind: MemberEventKind,
    /// The status that followed.
    pub status: Status,
    /// The digest of the document's bytes.
    pub digest: Digest,
    /// The exact bytes that were signed and are served; none once they were redacted.
    pub document: Option<Vec<u8>>,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// The other member whom it concerned: the one it merged with, or the former holder of its keys.
    pub other: Option<MemberId>,
    /// The index of the entry that says that the document was removed.
    pub redacted: Option<u64>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = records)]
struct Row {
    id: RecordId,
    charter: String,
    member: MemberId,
    log_index: i64,
    kind: Word<MemberEventKind>,
    status: Word<Status>,
    digest: Sha256,
    document: Option<Vec<u8>>,
    at: Timestamp,
    other: Option<MemberId>,
    redacted: Option<i64>,
}

impl TryFrom<Row> for Record {
    type Error = super::Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            charter: row.charter,
            member: row.member,
            log_index: log::index(row.log_index)?,
            kind: row.kind.0,
            status: row.status.0,
            digest: row.digest.into(),
            document: row.document,
            at: row.at.into(),
            other: row.other,
            redacted: row.redacted.map(log::index).transpose()?,
        })
    }
}

impl TryFrom<Record> for Row {
    type Error = super::Error;

    fn try_from(record: Record) -> Result<Self> {
        Ok(Self {
            id: record.id,
            charter: record.charter,
            member: record.member,
            log_index: log::column(record.log_index)?,
            kind: Word(record.kind),
            status: Word(record.status),
            digest: record.digest.into(),
            document: record.document,
            at: record.at.into(),
            other: record.other,
            redacted: record.redacted.map(log::column).transpose()?,
        })
    }
}

impl Record {
    /// Adds records.
    pub async fn insert_all(records: Vec<Self>, tx: &mut LogTransaction) -> Result<()> {
        let rows = records.into_iter().map(Row::try_from);
        let rows = rows.collect::<Result<Vec<_>>>()?;
        insert_all!(&mut ***tx, records::table, rows)
    }

    /// Adds a record.
    pub async fn insert(self, tx: &mut LogTransaction) -> Result<()> {
        let row = Row::try_from(self)?;
        on!(&mut ***tx, |c| diesel::insert_into(records::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// The record of this identifier.
    pub async fn find(conn: &mut Connection, id: RecordId) -> Result<Option<Self>> {
        on!(conn, |c| Row::query().filter(records::id.eq(id)).first(c))
            .optional_row()?
            .map(Self::try_from)
            .transpose()
    }

    /// The record whose bytes have this digest.
    pub async fn find_by_digest(conn: &mut Connection, digest: Digest) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(records::digest.eq(Sha256::from(digest)))
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// The records whose log entries stand from `from` on, before `before`; in the log's order.
    pub async fn appended_since(
        conn: &mut Connection,
        from: u64,
        before: u64,
    ) -> Result<Vec<Self>> {
        let (from, before) = (log::column(from)?, log::column_at_most(before));
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(records::log_index.ge(from))
            .filter(records::log_index.lt(before))
            .order(records::log_index)
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The records whose documents were removed by log entries from `from` on, before `before`; in the log's order.
    pub async fn redacted_since(
        conn: &mut Connection,
        from: u64,
        before: u64,
    ) -> Result<Vec<Self>> {
        let (from, before) = (log::column(from)?, log::column_at_most(before));
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(records::redacted.ge(from))
            .filter(records::redacted.lt(before))
            .order(records::redacted)
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The newest record before this log index of each of these members that has one.
    pub async fn newest_before(
        conn: &mut Connection,
        members: &[MemberId],
        before: u64,
    ) -> Result<Vec<Self>> {
        let before = log::column_at_most(before);
        let mut found = Vec::new();
        for piece in members.chunks(AT_ONCE) {
            let newest: Vec<Option<i64>> = on!(conn, |c| records::table
                .filter(records::member.eq_any(piece))
                .filter(records::log_index.lt(before))
                .group_by(records::member)
                .select(diesel::dsl::max(records::log_index))
                .load(c))?;
            let newest: Vec<i64> = newest.into_iter().flatten().collect();
            let rows: Vec<Row> = on!(conn, |c| Row::query()
                .filter(records::log_index.eq_any(&newest))
                .load(c))?;
            for row in rows {
                found.push(row.try_into()?);
            }
        }
        Ok(found)
    }

    /// At most `limit` records of a charter, or of one member of it, whose log entries stand before `before`; the newest
    /// first.
    pub async fn told_before(
        conn: &mut Connection,
        charter: &str,
        member: Option<MemberId>,
        before: u64,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let before = log::column_at_most(before);
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = Row::query()
                .filter(records::charter.eq(charter))
                .filter(records::log_index.lt(before))
                .order(records::log_index.desc())
                .limit(limit)
                .into_boxed();
            if let Some(member) = member {
                query = query.filter(records::member.eq(member));
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// Removes a record's document, as the log entry of this index says.
    pub async fn redact(tx: &mut LogTransaction, id: RecordId, index: u64) -> Result<()> {
        let index = log::column(index)?;
        on!(&mut ***tx, |c| diesel::update(
            records::table.filter(records::id.eq(id))
        )
        .set((
            records::document.eq(None::<Vec<u8>>),
            records::redacted.eq(index)
        ))
        .execute(c))?;
        Ok(())
    }

    /// Removes the document of the record with this digest, as the log entry of this index says.
    pub async fn redact_digest(tx: &mut LogTransaction, digest: Digest, index: u64) -> Result<()> {
        let index = log::column(index)?;
        on!(&mut ***tx, |c| diesel::update(
            records::table.filter(records::digest.eq(Sha256::from(digest)))
        )
        .set((
            records::document.eq(None::<Vec<u8>>),
            records::redacted.eq(index)
        ))
        .execute(c))?;
        Ok(())
    }

    /// Calls the record of a log entry by the identifier that the one after it names.
    pub async fn name(tx: &mut LogTransaction, index: u64, id: RecordId) -> Result<()> {
        let index = log::column(index)?;
        on!(&mut ***tx, |c| diesel::update(
            records::table.filter(records::log_index.eq(index))
        )
        .set(records::id.eq(id))
        .execute(c))?;
        Ok(())
    }

    /// Notes the other member whom the event of a log entry concerned.
    pub async fn concern(tx: &mut LogTransaction, index: u64, other: MemberId) -> Result<()> {
        let index = log::column(index)?;
        on!(&mut ***tx, |c| diesel::update(
            records::table.filter(records::log_index.eq(index))
        )
        .set(records::other.eq(other))
        .execute(c))?;
        Ok(())
    }

    /// How many records have no document and no entry that says why: their own index stands in its place.
    pub async fn withheld(conn: &mut Connection) -> Result<i64> {
        on!(conn, |c| records::table
            .filter(records::redacted.eq(records::log_index.nullable()))
            .count()
            .get_result(c))
    }

    /// Every record of a member, oldest first.
    pub async fn of_member(conn: &mut Connection, member: MemberId) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(records::member.eq(member))
            .order(records::log_index)
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
    }
}

/// How often a membership ended, by an exclusion or by its own wish.
pub async fn endings(conn: &mut Connection) -> Result<u64> {
    let ended = [MemberEventKind::Excluded, MemberEventKind::Withdrew].map(Word);
    let count: i64 = on!(conn, |c| records::table
        .filter(records::kind.eq_any(ended))
        .count()
        .get_result(c))?;
    log::index(count)
}

/// How many records there are.
pub async fn count(conn: &mut Connection) -> Result<i64> {
    on!(conn, |c| records::table.count().get_result(c))
}
