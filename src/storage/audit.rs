//! The audit: its rows, and the head that names the last one.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Error, OptionalRow, Result, Transaction, log, on,
    schema::{audit, audit_head},
    types::{Key, Sha256, Timestamp, Word},
};
use crate::rules::{
    audit::{Action, ActorKind, Body, SubjectKind, Who},
    role::Role,
    word::Word as _,
};

/// How far the audit goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Head {
    /// How many rows there are: the next one's number.
    pub size: u64,
    /// The last row's hash.
    pub hash: Digest,
}

/// A row, and how it hangs on the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it says.
    pub body: Body,
    /// The hash of the row before it.
    pub previous: Digest,
    /// Its own.
    pub hash: Digest,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = audit)]
struct Row {
    seq: i64,
    at: Timestamp,
    actor_kind: Word<ActorKind>,
    actor: Option<Key>,
    role: Option<Word<Role>>,
    action: Word<Action>,
    subject_kind: Word<SubjectKind>,
    subject: Option<String>,
    request: Option<String>,
    before: Option<Sha256>,
    after: Option<Sha256>,
    previous: Sha256,
    hash: Sha256,
}

impl TryFrom<Row> for Entry {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            body: Body {
                seq: log::index(row.seq)?,
                at: row.at.into(),
                actor: Who {
                    kind: row.actor_kind.0,
                    id: row.actor.map(|id| id.0),
                    role: row.role.map(|role| role.0),
                },
                action: row.action.0,
                subject_kind: row.subject_kind.0,
                subject: row.subject,
                request: row.request,
                before: row.before.map(Into::into),
                after: row.after.map(Into::into),
            },
            previous: row.previous.into(),
            hash: row.hash.into(),
        })
    }
}

impl TryFrom<&Entry> for Row {
    type Error = Error;

    fn try_from(entry: &Entry) -> Result<Self> {
        let body = &entry.body;
        Ok(Self {
            seq: log::column(body.seq)?,
            at: body.at.into(),
            actor_kind: Word(body.actor.kind),
            actor: body.actor.id.map(Key),
            role: body.actor.role.map(Word),
            action: Word(body.action),
            subject_kind: Word(body.subject_kind),
            subject: body.subject.clone(),
            request: body.request.clone(),
            before: body.before.map(Into::into),
            after: body.after.map(Into::into),
            previous: entry.previous.into(),
            hash: entry.hash.into(),
        })
    }
}

/// Takes the head's row lock, always a transaction's last: until it ends nobody else can add rows.
pub async fn lock_head(tx: &mut Transaction) -> Result<Head> {
    let (size, hash): (i64, Sha256) = on!(&mut **tx, |c| diesel::update(audit_head::table)
        .set(audit_head::size.eq(audit_head::size))
        .returning((audit_head::size, audit_head::hash))
        .get_result(c))?;
    Ok(Head {
        size: log::index(size)?,
        hash: hash.into(),
    })
}

/// Reads the head without a lock.
pub async fn head(conn: &mut Connection) -> Result<Head> {
    let (size, hash): (i64, Sha256) = on!(conn, |c| audit_head::table
        .select((audit_head::size, audit_head::hash))
        .first(c))?;
    Ok(Head {
        size: log::index(size)?,
        hash: hash.into(),
    })
}

/// Adds rows after the locked head, and moves it behind them.
pub async fn append(tx: &mut Transaction, entries: &[Entry], head: Head) -> Result<()> {
    for entry in entries {
        let row = Row::try_from(entry)?;
        on!(&mut **tx, |c| diesel::insert_into(audit::table)
            .values(&row)
            .execute(c))?;
    }
    let (size, hash) = (log::column(head.size)?, Sha256::from(head.hash));
    on!(&mut **tx, |c| diesel::update(audit_head::table)
        .set((audit_head::size.eq(size), audit_head::hash.eq(hash)))
        .execute(c))?;
    Ok(())
}

/// At most `limit` rows from number `from` on, in order.
pub async fn entries(conn: &mut Connection, from: u64, limit: u32) -> Result<Vec<Entry>> {
    let first = log::column(from)?;
    let rows: Vec<Row> = on!(conn, |c| Row::query()
        .filter(audit::seq.ge(first))
        .order(audit::seq)
        .limit(i64::from(limit))
        .load(c))?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// Which rows a list shows. An empty filter shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only of this action.
    pub action: Option<Action>,
    /// Only by this operator, partner or applicant.
    pub actor: Option<uuid::Uuid>,
    /// Only about this subject.
    pub subject: Option<String>,
    /// Only from this time on.
    pub from: Option<DateTime<Utc>>,
    /// Only before this time.
    pub until: Option<DateTime<Utc>>,
}

/// A page of rows in their order, after the one of that number.
pub async fn page(
    conn: &mut Connection,
    filter: &Filter,
    after: Option<i64>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let rows: Vec<Row> = on!(conn, |c| {
        let mut query = audit::table
            .select(Row::as_select())
            .order(audit::seq)
            .limit(limit)
            .into_boxed();
        if let Some(action) = filter.action {
            query = query.filter(audit::action.eq(Word(action)));
        }
        if let Some(actor) = filter.actor {
            query = query.filter(audit::actor.eq(Key(actor)));
        }
        if let Some(subject) = &filter.subject {
            query = query.filter(audit::subject.eq(subject));
        }
        if let Some(from) = filter.from {
            query = query.filter(audit::at.ge(Timestamp::from(from)));
        }
        if let Some(until) = filter.until {
            query = query.filter(audit::at.lt(Timestamp::from(until)));
        }
        if let Some(after) = after {
            query = query.filter(audit::seq.gt(after));
        }
        query.load(c)
    })?;
    rows.into_iter().map(Entry::try_from).collect()
}

/// The newest looks at a subject's personal data, oldest first.
pub async fn looks(conn: &mut Connection, subject: &str, limit: i64) -> Result<Vec<Entry>> {
    let looks = Action::all().iter().filter(|action| action.is_look());
    let looks: Vec<_> = looks.copied().map(Word).collect();
    let rows: Vec<Row> = on!(conn, |c| Row::query()
        .filter(audit::subject.eq(subject))
        .filter(audit::action.eq_any(looks))
        .order(audit::seq.desc())
        .limit(limit)
        .load(c))?;
    rows.into_iter().rev().map(Entry::try_from).collect()
}

/// The newest row of an action.
pub async fn newest(conn: &mut Connection, action: Action) -> Result<Option<Entry>> {
    on!(conn, |c| Row::query()
        .filter(audit::action.eq(Word(action)))
        .order(audit::seq.desc())
        .first(c))
    .optional_row()?
    .map(Entry::try_from)
    .transpose()
}
