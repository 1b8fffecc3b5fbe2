//! The log: its head, and its entries as the exact bytes that were appended.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Error, LogTransaction, Result, Transaction, insert_all, on,
    schema::{log_entries, log_head},
    types::Timestamp,
};

/// The newest checkpoint as it is stored, a signed note; none before the first one was signed.
pub async fn checkpoint(conn: &mut Connection) -> Result<Option<String>> {
    on!(conn, |c| log_head::table
        .select(log_head::checkpoint)
        .first(c))
}

/// The database server's own time; none of SQLite, which has no clock but ours.
pub async fn server_time(conn: &mut Connection) -> Result<Option<DateTime<Utc>>> {
    let Connection::Postgres(c) = conn else {
        return Ok(None);
    };
    let time = diesel::dsl::sql::<diesel::sql_types::Timestamptz>("clock_timestamp()");
    Ok(Some(diesel::select(time).get_result(c).await?))
}

/// How far the log goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many entries there are: the next entry's index.
    pub size: u64,
    /// The last entry's time.
    pub last_at: Option<DateTime<Utc>>,
}

impl Head {
    fn from_row((size, last_at): (i64, Option<Timestamp>)) -> Result<Self> {
        let size =
            u64::try_from(size).map_err(|_| Error::Damaged("the log's size is negative".into()))?;
        Ok(Self {
            size,
            last_at: last_at.map(Into::into),
        })
    }
}

/// Turns a log index into what a `BIGINT` column holds.
pub(super) fn column(index: u64) -> Result<i64> {
    i64::try_from(index).map_err(|_| Error::Damaged(format!("log index {index}")))
}

/// The same for an upper bound: one that no column reaches bounds nothing.
pub(super) fn column_at_most(index: u64) -> i64 {
    i64::try_from(index).unwrap_or(i64::MAX)
}

/// Turns a `BIGINT` column into a log index.
pub(super) fn index(column: i64) -> Result<u64> {
    u64::try_from(column).map_err(|_| Error::Damaged(format!("log index {column}")))
}

/// Takes the head's row lock: nobody else can move it until the transaction ends.
pub(super) async fn lock_head(tx: &mut Transaction) -> Result<Head> {
    let row = on!(&mut **tx, |c| diesel::update(log_head::table)
        .set(log_head::size.eq(log_head::size))
        .returning((log_head::size, log_head::last_at))
        .get_result(c))?;
    Head::from_row(row)
}

/// Reads the head without a lock.
pub async fn head(conn: &mut Connection) -> Result<Head> {
    let row = on!(conn, |c| log_head::table
        .select((log_head::size, log_head::last_at))
        .first(c))?;
    Head::from_row(row)
}

impl LogTransaction {
    /// Appends an entry, moves the head past it and returns the entry's index.
    pub async fn append(&mut self, at: DateTime<Utc>, body: &[u8]) -> Result<u64> {
        let leaf_index = self.head.size;
        let next = Head {
            size: leaf_index + 1,
            last_at: Some(at),
        };
        let (old, new) = (column(leaf_index)?, column(next.size)?);
        on!(&mut *self.transaction, |c| diesel::insert_into(
            log_entries::table
        )
        .values((log_entries::leaf_index.eq(old), log_entries::body.eq(body)))
        .execute(c))?;
        on!(&mut *self.transaction, |c| diesel::update(log_head::table)
            .set((
                log_head::size.eq(new),
                log_head::last_at.eq(Timestamp::from(at))
            ))
            .execute(c))?;
        self.head = next;
        Ok(leaf_index)
    }
}

impl LogTransaction {
    /// Appends entries, moves the head past them and returns the first one's index.
    pub async fn append_all(&mut self, at: DateTime<Utc>, bodies: Vec<Vec<u8>>) -> Result<u64> {
        let first = self.head.size;
        let mut rows = Vec::with_capacity(bodies.len());
        for (leaf_index, body) in (first..).zip(bodies) {
            rows.push((
                log_entries::leaf_index.eq(column(leaf_index)?),
                log_entries::body.eq(body),
            ));
        }
        let size = first + u64::try_from(rows.len()).unwrap_or(u64::MAX);
        insert_all!(&mut *self.transaction, log_entries::table, rows)?;
        on!(&mut *self.transaction, |c| diesel::update(log_head::table)
            .set((
                log_head::size.eq(column(size)?),
                log_head::last_at.eq(Timestamp::from(at))
            ))
            .execute(c))?;
        self.head = Head {
            size,
            last_at: Some(at),
        };
        Ok(first)
    }
}

impl LogTransaction {
    /// Keeps the checkpoint of the head.
    pub async fn set_checkpoint(&mut self, note: &str) -> Result<()> {
        on!(&mut *self.transaction, |c| diesel::update(log_head::table)
            .set(log_head::checkpoint.eq(note))
            .execute(c))?;
        Ok(())
    }
}

/// At most `limit` entries from `from` on, in order.
pub async fn entries(conn: &mut Connection, from: u64, limit: u32) -> Result<Vec<(u64, Vec<u8>)>> {
    let first = column(from)?;
    let rows: Vec<(i64, Vec<u8>)> = on!(conn, |c| log_entries::table
        .filter(log_entries::leaf_index.ge(first))
        .order(log_entries::leaf_index)
        .limit(i64::from(limit))
        .load(c))?;
    rows.into_iter()
        .map(|(leaf_index, body)| Ok((index(leaf_index)?, body)))
        .collect()
}

/// How many entries are stored, whatever the head says.
pub async fn count(conn: &mut Connection) -> Result<u64> {
    let count: i64 = on!(conn, |c| log_entries::table.count().get_result(c))?;
    index(count)
}
