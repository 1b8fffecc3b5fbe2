//! Published charters: each version's canonical document, as it was digested.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Error, LogTransaction, OptionalRow, Result, log, on,
    schema::{charter_versions, charters},
    types::{Sha256, Timestamp},
};
use crate::rules::charter::CharterVersion;

/// A published version.
#[derive(Debug, Clone)]
pub struct Published {
    /// What the version says.
    pub version: CharterVersion,
    /// The canonical document's exact bytes.
    pub document: Vec<u8>,
    /// Their digest.
    pub digest: Digest,
    /// The index of the version's log entry.
    pub log_index: u64,
    /// When it was published.
    pub published_at: DateTime<Utc>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = charter_versions)]
struct Row {
    charter: String,
    version: i32,
    document: Vec<u8>,
    digest: Sha256,
    log_index: i64,
    published_at: Timestamp,
}

impl TryFrom<Row> for Published {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        let version = serde_json::from_slice(&row.document).map_err(|error| {
            Error::Damaged(format!(
                "charter {} version {}: {error}",
                row.charter, row.version
            ))
        })?;
        Ok(Self {
            version,
            document: row.document,
            digest: row.digest.into(),
            log_index: log::index(row.log_index)?,
            published_at: row.published_at.into(),
        })
    }
}

/// Turns a version number into what an `INTEGER` column holds.
pub(super) fn version_column(version: u32) -> Result<i32> {
    i32::try_from(version).map_err(|_| Error::Damaged(format!("charter version {version}")))
}

/// Turns an `INTEGER` column into a version number.
pub(super) fn version(column: i32) -> Result<u32> {
    u32::try_from(column).map_err(|_| Error::Damaged(format!("charter version {column}")))
}

impl Published {
    /// Adds a version and makes it the charter's current one.
    pub async fn insert(self, tx: &mut LogTransaction) -> Result<()> {
        let row = Row {
            charter: self.version.slug().to_string(),
            version: version_column(self.version.version())?,
            document: self.document,
            digest: self.digest.into(),
            log_index: log::column(self.log_index)?,
            published_at: self.published_at.into(),
        };
        on!(&mut ***tx, |c| diesel::insert_into(charters::table)
            .values((
                charters::slug.eq(&row.charter),
                charters::version.eq(row.version)
            ))
            .on_conflict(charters::slug)
            .do_update()
            .set(charters::version.eq(row.version))
            .execute(c))?;
        on!(&mut ***tx, |c| diesel::insert_into(charter_versions::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// The current version of every charter, by slug, after `after`.
    pub async fn page(conn: &mut Connection, after: Option<&str>, limit: i64) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = charters::table
                .inner_join(
                    charter_versions::table.on(charter_versions::charter
                        .eq(charters::slug)
                        .and(charter_versions::version.eq(charters::version))),
                )
                .select(Row::as_select())
                .order(charters::slug)
                .limit(limit)
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(charters::slug.gt(after));
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The current version of a charter.
    pub async fn current(conn: &mut Connection, slug: &str) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(charter_versions::charter.eq(slug))
            .order(charter_versions::version.desc())
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// One version of a charter.
    pub async fn find(conn: &mut Connection, slug: &str, version: u32) -> Result<Option<Self>> {
        let Ok(version) = version_column(version) else {
            return Ok(None);
        };
        on!(conn, |c| Row::query()
            .filter(charter_versions::charter.eq(slug))
            .filter(charter_versions::version.eq(version))
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// The version whose canonical document has this digest.
    pub async fn find_by_digest(conn: &mut Connection, digest: Digest) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(charter_versions::digest.eq(Sha256::from(digest)))
            .order(charter_versions::log_index)
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// Every version of a charter, newest first.
    pub async fn versions(conn: &mut Connection, slug: &str) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(charter_versions::charter.eq(slug))
            .order(charter_versions::version.desc())
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The slugs of the charters of which a version was published from this log index on, before `before`.
    pub async fn slugs_since(conn: &mut Connection, from: u64, before: u64) -> Result<Vec<String>> {
        let (from, before) = (log::column(from)?, log::column_at_most(before));
        on!(conn, |c| charter_versions::table
            .filter(charter_versions::log_index.ge(from))
            .filter(charter_versions::log_index.lt(before))
            .order(charter_versions::log_index)
            .select(charter_versions::charter)
            .load(c))
    }

    /// Notes that this member number was given.
    pub async fn gave_number(tx: &mut LogTransaction, slug: &str, number: i64) -> Result<()> {
        on!(&mut ***tx, |c| diesel::update(
            charters::table
                .find(slug)
                .filter(charters::last_number.lt(number))
        )
        .set(charters::last_number.eq(number))
        .execute(c))?;
        Ok(())
    }

    /// Takes the charter's next member number.
    pub async fn next_member_number(tx: &mut LogTransaction, slug: &str) -> Result<i64> {
        Self::next_member_numbers(tx, slug, 1).await
    }

    /// Takes so many of the charter's next member numbers, and returns the first.
    pub async fn next_member_numbers(
        tx: &mut LogTransaction,
        slug: &str,
        count: usize,
    ) -> Result<i64> {
        let count = i64::try_from(count).map_err(|_| Error::Damaged(format!("{count} numbers")))?;
        let last: i64 = on!(&mut ***tx, |c| diesel::update(charters::table.find(slug))
            .set(charters::last_number.eq(charters::last_number + count))
            .returning(charters::last_number)
            .get_result(c))?;
        Ok(last - count + 1)
    }
}
