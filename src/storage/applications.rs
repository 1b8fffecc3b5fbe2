//! Applications, and the contact persons apart from them.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Error, OptionalRow, Result, Transaction, charters, on,
    schema::{applications, contacts},
    types::{Json, Timestamp, Word},
};
use crate::rules::{
    application::{Channel, Origin, State},
    id::{ApplicationId, MemberId, PartnerId},
    organisation::Organisation,
    text::{Email, Lang, Name, Phone, Prose},
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
}

/// What the applicant is told about the end of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Why, in the secretariat's words.
    pub reason: Prose,
}

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = applications, treat_none_as_null = true)]
struct Row {
    id: ApplicationId,
    charter: String,
    charter_version: i32,
    state: Word<State>,
    channel: Word<Channel>,
    origin: Word<Origin>,
    partner: Option<PartnerId>,
    language: String,
    organisation: Json<Organisation>,
    outcome: Option<Json<Outcome>>,
    membership: Option<MemberId>,
    revision: i64,
    received_at: Timestamp,
    updated_at: Timestamp,
}

impl TryFrom<Row> for Application {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            charter: row.charter,
            charter_version: charters::version(row.charter_version)?,
            state: row.state.0,
            channel: row.channel.0,
            origin: row.origin.0,
            partner: row.partner,
            language: Lang::parse(&row.language)
                .map_err(|invalid| Error::Damaged(invalid.detail))?,
            organisation: row.organisation.0,
            outcome: row.outcome.map(|outcome| outcome.0),
            membership: row.membership,
            revision: row.revision,
            received_at: row.received_at.into(),
            updated_at: row.updated_at.into(),
        })
    }
}

impl TryFrom<&Application> for Row {
    type Error = Error;

    fn try_from(application: &Application) -> Result<Self> {
        Ok(Self {
            id: application.id,
            charter: application.charter.clone(),
            charter_version: charters::version_column(application.charter_version)?,
            state: Word(application.state),
            channel: Word(application.channel),
            origin: Word(application.origin),
            partner: application.partner,
            language: application.language.to_string(),
            organisation: Json(application.organisation.clone()),
            outcome: application.outcome.clone().map(Json),
            membership: application.membership,
            revision: application.revision,
            received_at: application.received_at.into(),
            updated_at: application.updated_at.into(),
        })
    }
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

    /// A page of the queue, oldest first, after the application that arrived then.
    pub async fn page(
        conn: &mut Connection,
        filter: &Filter,
        after: Option<(DateTime<Utc>, ApplicationId)>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = applications::table
                .select(Row::as_select())
                .order((applications::received_at, applications::id))
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
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }
}

/// The person to speak to about an application: personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The full name.
    pub name: Name,
    /// The position in the organisation.
    pub position: Name,
    /// The e-mail address.
    pub email: Email,
    /// The telephone number.
    pub phone: Option<Phone>,
}

impl Contact {
    /// Adds the contact person of an application.
    pub async fn insert(&self, tx: &mut Transaction, application: ApplicationId) -> Result<()> {
        on!(&mut **tx, |c| diesel::insert_into(contacts::table)
            .values((
                contacts::application.eq(application),
                contacts::name.eq(self.name.as_str()),
                contacts::position.eq(self.position.as_str()),
                contacts::email.eq(self.email.as_str()),
                contacts::phone.eq(self.phone.as_ref().map(Phone::as_str)),
            ))
            .execute(c))?;
        Ok(())
    }

    /// The contact person of an application, unless erased.
    pub async fn find(conn: &mut Connection, application: ApplicationId) -> Result<Option<Self>> {
        type Columns = (String, String, String, Option<String>);
        let row: Option<Columns> = on!(conn, |c| contacts::table
            .find(application)
            .select((
                contacts::name,
                contacts::position,
                contacts::email,
                contacts::phone
            ))
            .first(c))
        .optional_row()?;
        let damaged = |_| Error::Damaged(format!("contact of application {application}"));
        row.map(|(name, position, email, phone)| {
            Ok(Self {
                name: Name::parse(&name).map_err(damaged)?,
                position: Name::parse(&position).map_err(damaged)?,
                email: Email::parse(&email).map_err(damaged)?,
                phone: phone
                    .as_deref()
                    .map(Phone::parse)
                    .transpose()
                    .map_err(damaged)?,
            })
        })
        .transpose()
    }
}
