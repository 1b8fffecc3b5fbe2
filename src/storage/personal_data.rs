//! What is held about the persons of an application: taken away, from every table that has some and from the
//! database's files, and found when it has been kept long enough.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::{
    QueryableByName,
    prelude::*,
    sql_types::{BigInt, Integer, Timestamptz},
    upsert::excluded,
};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use super::{
    Connection, Database, OptionalRow, Result, Transaction,
    comments::Comment,
    confirmations, letters, on,
    schema::{applications, contacts, memberships, memoranda, purge, tokens},
    types::{Key, Sha256, Timestamp, Word},
};
use crate::rules::{
    application::State,
    id::{ApplicationId, LetterId},
};

/// The tables from which erased rows must not linger in PostgreSQL's files.
const TABLES: [&str; 6] = [
    "contacts",
    "memoranda",
    "application_comments",
    "contact_confirmations",
    "letters",
    "applications",
];

/// The tables from which redacted texts must not linger, beside those.
const PUBLIC_TABLES: [&str; 4] = ["records", "decisions", "memberships", "member_traces"];

/// What lies outside the database and is to be taken away too.
#[derive(Debug, Default)]
pub struct Outside {
    /// The file that the memorandum named.
    pub file: Option<Digest>,
    /// The letters that may have been laid down in a folder.
    pub letters: Vec<LetterId>,
}

/// Erases what the tables beside `applications` hold about the persons of one, its memorandum with its salt
/// included, and revokes the applicant's tokens.
pub async fn erase(
    tx: &mut Transaction,
    application: ApplicationId,
    at: DateTime<Utc>,
) -> Result<Outside> {
    let file: Option<Option<Sha256>> = on!(&mut **tx, |c| memoranda::table
        .find(application)
        .select(memoranda::file_digest)
        .first(c))
    .optional_row()?;
    on!(&mut **tx, |c| diesel::delete(
        memoranda::table.find(application)
    )
    .execute(c))?;
    on!(&mut **tx, |c| diesel::delete(
        contacts::table.find(application)
    )
    .execute(c))?;
    Comment::erase_all(tx, application).await?;
    confirmations::void(tx, application).await?;
    let letters = letters::erase(tx, application).await?;
    on!(&mut **tx, |c| diesel::update(
        tokens::table
            .filter(tokens::owner.eq(Key(application.0)))
            .filter(tokens::revoked_at.is_null())
    )
    .set(tokens::revoked_at.eq(Timestamp::from(at)))
    .execute(c))?;
    ask_for_purge(tx, at).await?;
    Ok(Outside {
        file: file.flatten().map(Into::into),
        letters,
    })
}

/// Notes that something was erased that may linger in the database's files.
pub async fn ask_for_purge(tx: &mut Transaction, at: DateTime<Utc>) -> Result<()> {
    on!(&mut **tx, |c| diesel::insert_into(purge::table)
        .values((purge::id.eq(0_i16), purge::asked_at.eq(Timestamp::from(at))))
        .on_conflict(purge::id)
        .do_update()
        .set(purge::asked_at.eq(excluded(purge::asked_at)))
        .execute(c))?;
    Ok(())
}

/// Notes that something public was removed that may linger in the database's files.
pub async fn ask_for_public_purge(tx: &mut Transaction, at: DateTime<Utc>) -> Result<()> {
    ask_for_purge(tx, at).await?;
    on!(&mut **tx, |c| diesel::update(purge::table)
        .set(purge::redacted.eq(true))
        .execute(c))?;
    Ok(())
}

/// Since when the database's files are to be rewritten, and when they were last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purge {
    /// When the newest erasure was.
    pub asked_at: DateTime<Utc>,
    /// Of all that was erased up to when nothing lingers.
    pub done_at: Option<DateTime<Utc>>,
    /// Whether something public is among it.
    pub redacted: bool,
}

impl Purge {
    /// What stands about it; nothing where nothing was ever erased.
    pub async fn find(conn: &mut Connection) -> Result<Option<Self>> {
        let row: Option<(Timestamp, Option<Timestamp>, bool)> = on!(conn, |c| purge::table
            .select((purge::asked_at, purge::done_at, purge::redacted))
            .first(c))
        .optional_row()?;
        Ok(row.map(|(asked_at, done_at, redacted)| Self {
            asked_at: asked_at.into(),
            done_at: done_at.map(Into::into),
            redacted,
        }))
    }

    /// Whether something may linger.
    pub fn is_pending(&self) -> bool {
        self.done_at.is_none_or(|done| done < self.asked_at)
    }
}

/// For which applications the time has come: those that ended before `applicants` without a membership, and those
/// whose membership ended before `members`. At most `limit`, those first that wait longest.
pub async fn due(
    conn: &mut Connection,
    applicants: Option<DateTime<Utc>>,
    members: Option<DateTime<Utc>>,
    limit: i64,
) -> Result<Vec<ApplicationId>> {
    use charter_proof::entry::Status;
    let mut due: Vec<ApplicationId> = Vec::new();
    if let Some(before) = applicants {
        let ended = [State::Rejected, State::Withdrawn, State::Lapsed].map(Word);
        due = on!(conn, |c| applications::table
            .filter(applications::state.eq_any(ended))
            .filter(applications::erased_at.is_null())
            .filter(applications::updated_at.lt(Timestamp::from(before)))
            .order((applications::updated_at, applications::id))
            .select(applications::id)
            .limit(limit)
            .load(c))?;
    }
    if let Some(before) = members {
        let ended = [Status::Excluded, Status::Withdrawn].map(Word);
        let former: Vec<ApplicationId> = on!(conn, |c| applications::table
            .inner_join(
                memberships::table.on(applications::membership.eq(memberships::id.nullable()))
            )
            .filter(applications::state.eq(Word(State::Accepted)))
            .filter(applications::erased_at.is_null())
            .filter(memberships::status.eq_any(ended))
            .filter(memberships::updated_at.lt(Timestamp::from(before)))
            .order((memberships::updated_at, applications::id))
            .select(applications::id)
            .limit(limit)
            .load(c))?;
        due.extend(former);
    }
    Ok(due)
}

/// Rewrites PostgreSQL's tables, unless a transaction is older than the newest erasure: what it may still see would be
/// kept.
async fn rewrite(conn: &mut AsyncPgConnection, erased: Purge) -> Result<bool> {
    let older: Older = diesel::sql_query(OLDER_TRANSACTIONS)
        .bind::<Timestamptz, _>(erased.asked_at)
        .get_result(conn)
        .await?;
    if older.count > 0 {
        return Ok(false);
    }
    let public = PUBLIC_TABLES.iter().filter(|_| erased.redacted);
    for table in TABLES.iter().chain(public) {
        conn.batch_execute(&format!("VACUUM (FULL) {table}"))
            .await?;
    }
    Ok(true)
}

/// The transactions of others that began before a time. Those of other users are only seen by a superuser.
const OLDER_TRANSACTIONS: &str = "SELECT count(*) AS count FROM pg_stat_activity \
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start < $1";

/// How many transactions are older.
#[derive(QueryableByName)]
struct Older {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// What SQLite answers to a checkpoint.
#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

impl Database {
    /// Empties SQLite's write-ahead log, unless somebody still reads from it; says whether it did. What else lingers
    /// waits for [`Database::purge`].
    pub async fn forget(&self) -> Result<bool> {
        let Self::Sqlite { writer, .. } = self else {
            return Ok(false);
        };
        let mut conn = writer.get().await?;
        // Whoever waits for this connection does not wait long for a reader.
        conn.batch_execute("PRAGMA busy_timeout = 500").await?;
        let done: std::result::Result<Checkpoint, _> =
            diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)")
                .get_result(&mut conn)
                .await;
        conn.batch_execute("PRAGMA busy_timeout = 10000").await?;
        Ok(done?.busy == 0)
    }

    /// Writes SQLite's file anew: `secure_delete` zeroes what is deleted, but not the copies that rows leave behind in
    /// their pages when they are moved to others.
    async fn vacuum(&self) -> Result<()> {
        if let Self::Sqlite { writer, .. } = self {
            writer.get().await?.batch_execute("VACUUM").await?;
        }
        Ok(())
    }

    /// Rewrites the tables with what was erased, so that neither database's files hold what was erased until `at`; says
    /// whether that is so now.
    pub async fn purge(&self, erased: Purge, at: DateTime<Utc>) -> Result<bool> {
        let is_done = if let Self::Postgres(pool) = self {
            rewrite(&mut *pool.get().await?, erased).await?
        } else {
            self.vacuum().await?;
            self.forget().await?
        };
        if is_done {
            let mut tx = self.begin().await?;
            on!(&mut *tx, |c| diesel::update(purge::table)
                .set((
                    purge::done_at.eq(Timestamp::from(at)),
                    purge::redacted.eq(false)
                ))
                .execute(c))?;
            tx.commit().await?;
        }
        Ok(is_done)
    }
}
