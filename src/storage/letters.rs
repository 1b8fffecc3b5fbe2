//! The outbox: letters that are queued in the transaction of what they tell of, and sent after it.
//!
//! A row names whom a letter concerns and never an address or a text: those are looked up when it is sent.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Error, OptionalRow, Result, Transaction, on,
    schema::{applications, letters},
    types::{Json, Timestamp, Word},
};
use crate::rules::{
    id::{ApplicationId, DecisionId, LetterId, MemberId},
    letter::{Argument, Recipient, State, Template},
    text::Lang,
};

/// What a letter's text is told besides whom it concerns.
pub type Arguments = BTreeMap<Argument, String>;

/// A letter in the outbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Letter {
    /// Its identifier.
    pub id: LetterId,
    /// What it says.
    pub template: Template,
    /// In which language, as far as its texts exist in it.
    pub language: Lang,
    /// To whom it goes.
    pub recipient: Recipient,
    /// The application it is about, whose contact person it goes to.
    pub application: Option<ApplicationId>,
    /// The membership it is about.
    pub membership: Option<MemberId>,
    /// The decision it is about.
    pub decision: Option<DecisionId>,
    /// What its text is told besides.
    pub arguments: Arguments,
    /// Where it stands.
    pub state: State,
    /// How often it was taken to be sent.
    pub attempts: i32,
    /// When it is taken next; while it is being sent, when it is taken from whoever did not come back.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// What went wrong last: a code, never an address or a text of others.
    pub last_error: Option<String>,
    /// When it was queued.
    pub created_at: DateTime<Utc>,
    /// When the mail server took it.
    pub sent_at: Option<DateTime<Utc>>,
    /// When it was refused for good.
    pub bounced_at: Option<DateTime<Utc>>,
}

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = letters, treat_none_as_null = true)]
struct Row {
    id: LetterId,
    template: Word<Template>,
    language: String,
    recipient: Word<Recipient>,
    application: Option<ApplicationId>,
    membership: Option<MemberId>,
    decision: Option<DecisionId>,
    arguments: Json<Arguments>,
    state: Word<State>,
    attempts: i32,
    next_attempt_at: Option<Timestamp>,
    last_error: Option<String>,
    created_at: Timestamp,
    sent_at: Option<Timestamp>,
    bounced_at: Option<Timestamp>,
}

impl TryFrom<Row> for Letter {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            template: row.template.0,
            language: Lang::parse(&row.language)
                .map_err(|invalid| Error::Damaged(invalid.detail))?,
            recipient: row.recipient.0,
            application: row.application,
            membership: row.membership,
            decision: row.decision,
            arguments: row.arguments.0,
            state: row.state.0,
            attempts: row.attempts,
            next_attempt_at: row.next_attempt_at.map(Into::into),
            last_error: row.last_error,
            created_at: row.created_at.into(),
            sent_at: row.sent_at.map(Into::into),
            bounced_at: row.bounced_at.map(Into::into),
        })
    }
}

impl From<&Letter> for Row {
    fn from(letter: &Letter) -> Self {
        Self {
            id: letter.id,
            template: Word(letter.template),
            language: letter.language.to_string(),
            recipient: Word(letter.recipient),
            application: letter.application,
            membership: letter.membership,
            decision: letter.decision,
            arguments: Json(letter.arguments.clone()),
            state: Word(letter.state),
            attempts: letter.attempts,
            next_attempt_at: letter.next_attempt_at.map(Into::into),
            last_error: letter.last_error.clone(),
            created_at: letter.created_at.into(),
            sent_at: letter.sent_at.map(Into::into),
            bounced_at: letter.bounced_at.map(Into::into),
        }
    }
}

/// Which letters a list shows. An empty filter shows all.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only in this state.
    pub state: Option<State>,
    /// Only about this application.
    pub application: Option<ApplicationId>,
}

/// The letters that are still to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waiting {
    /// How many.
    pub count: i64,
    /// When the oldest of them was queued.
    pub oldest: Option<DateTime<Utc>>,
}

impl Letter {
    /// Adds a letter.
    pub async fn insert(&self, tx: &mut Transaction) -> Result<()> {
        on!(&mut **tx, |c| diesel::insert_into(letters::table)
            .values(Row::from(self))
            .execute(c))?;
        Ok(())
    }

    /// Writes the letter as it now stands, if since `read` nobody else took or changed it; says whether it did.
    pub async fn replace(&self, tx: &mut Transaction, read: &Self) -> Result<bool> {
        let row = Row::from(self);
        let (state, attempts) = (Word(read.state), read.attempts);
        let written = on!(&mut **tx, |c| diesel::update(
            letters::table
                .filter(letters::id.eq(row.id))
                .filter(letters::state.eq(state))
                .filter(letters::attempts.eq(attempts))
        )
        .set(&row)
        .execute(c))?;
        Ok(written == 1)
    }

    /// The letter of this identifier.
    pub async fn find(conn: &mut Connection, id: LetterId) -> Result<Option<Self>> {
        on!(conn, |c| Row::query().filter(letters::id.eq(id)).first(c))
            .optional_row()?
            .map(Self::try_from)
            .transpose()
    }

    /// The letter of this identifier, which no other transaction can change until this one ends.
    pub async fn lock(tx: &mut Transaction, id: LetterId) -> Result<Option<Self>> {
        on!(&mut **tx, |c| diesel::update(
            letters::table.filter(letters::id.eq(id))
        )
        .set(letters::attempts.eq(letters::attempts))
        .execute(c))?;
        Self::find(&mut *tx, id).await
    }

    /// The newest letters that say this, about this application where one is given.
    pub async fn of(
        conn: &mut Connection,
        template: Template,
        application: Option<ApplicationId>,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = letters::table
                .select(Row::as_select())
                .filter(letters::template.eq(Word(template)))
                .order((letters::created_at.desc(), letters::id.desc()))
                .limit(10)
                .into_boxed();
            if let Some(application) = application {
                query = query.filter(letters::application.eq(application));
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// The letters whose time has come, those that waited longest first.
    pub async fn due(conn: &mut Connection, now: DateTime<Utc>, limit: i64) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| Row::query()
            .filter(letters::next_attempt_at.le(Timestamp::from(now)))
            .order((letters::next_attempt_at, letters::id))
            .limit(limit)
            .load(c))?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// A page of letters, oldest first, after the one that was queued then.
    pub async fn page(
        conn: &mut Connection,
        filter: &Filter,
        after: Option<(DateTime<Utc>, LetterId)>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = letters::table
                .select(Row::as_select())
                .order((letters::created_at, letters::id))
                .limit(limit)
                .into_boxed();
            if let Some(state) = filter.state {
                query = query.filter(letters::state.eq(Word(state)));
            }
            if let Some(application) = filter.application {
                query = query.filter(letters::application.eq(application));
            }
            if let Some((at, id)) = after {
                let at = Timestamp::from(at);
                query = query.filter(
                    letters::created_at
                        .gt(at)
                        .or(letters::created_at.eq(at).and(letters::id.gt(id))),
                );
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// Whether the newest letter to an application's contact person that came to an end was refused for good.
    pub async fn is_contact_unreachable(
        conn: &mut Connection,
        application: ApplicationId,
    ) -> Result<bool> {
        let ended = [State::Sent, State::Failed, State::Bounced].map(Word);
        let newest: Option<Word<State>> = on!(conn, |c| letters::table
            .filter(letters::application.eq(application))
            .filter(letters::recipient.eq(Word(Recipient::Contact)))
            .filter(letters::state.eq_any(ended))
            .order((letters::created_at.desc(), letters::id.desc()))
            .select(letters::state)
            .first(c))
        .optional_row()?;
        Ok(newest.is_some_and(|state| state.0 == State::Bounced))
    }
}

/// The application whose contact person speaks for a member, and its language: the newest that led to it.
pub async fn spokesperson(
    conn: &mut Connection,
    member: MemberId,
) -> Result<Option<(ApplicationId, Lang)>> {
    let newest: Option<(ApplicationId, String)> = on!(conn, |c| applications::table
        .filter(applications::membership.eq(member))
        .order((applications::received_at.desc(), applications::id.desc()))
        .select((applications::id, applications::language))
        .first(c))
    .optional_row()?;
    newest
        .map(|(application, language)| {
            let language = Lang::parse(&language).map_err(|bad| Error::Damaged(bad.detail))?;
            Ok((application, language))
        })
        .transpose()
}

/// The newest letters to an application's contact person, oldest first.
pub async fn to_contact(
    conn: &mut Connection,
    application: ApplicationId,
    limit: i64,
) -> Result<Vec<Letter>> {
    let rows: Vec<Row> = on!(conn, |c| Row::query()
        .filter(letters::application.eq(application))
        .filter(letters::recipient.eq(Word(Recipient::Contact)))
        .order((letters::created_at.desc(), letters::id.desc()))
        .limit(limit)
        .load(c))?;
    rows.into_iter().rev().map(Letter::try_from).collect()
}

/// The letters that are still to be sent.
pub async fn waiting(conn: &mut Connection) -> Result<Waiting> {
    let count = on!(conn, |c| letters::table
        .filter(letters::next_attempt_at.is_not_null())
        .count()
        .get_result(c))?;
    let oldest: Option<Timestamp> = on!(conn, |c| letters::table
        .filter(letters::next_attempt_at.is_not_null())
        .order(letters::created_at)
        .select(letters::created_at)
        .first(c))
    .optional_row()?;
    Ok(Waiting {
        count,
        oldest: oldest.map(Into::into),
    })
}

/// Calls off the letters about an application that are not sent yet, and erases what all of them were told; returns
/// which they are.
pub async fn erase(tx: &mut Transaction, application: ApplicationId) -> Result<Vec<LetterId>> {
    on!(&mut **tx, |c| diesel::update(
        letters::table
            .filter(letters::application.eq(application))
            .filter(letters::state.eq_any([State::Queued, State::Sending].map(Word)))
    )
    .set((
        letters::state.eq(Word(State::Cancelled)),
        letters::next_attempt_at.eq(None::<Timestamp>)
    ))
    .execute(c))?;
    on!(&mut **tx, |c| diesel::update(
        letters::table.filter(letters::application.eq(application))
    )
    .set(letters::arguments.eq(Json(Arguments::new())))
    .execute(c))?;
    on!(&mut **tx, |c| letters::table
        .filter(letters::application.eq(application))
        .select(letters::id)
        .load(c))
}
