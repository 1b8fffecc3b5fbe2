//! The row of an application.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::{Acknowledgement, Application, Confirmation, Entered, Outcome, Referral, Return};
use crate::{
    rules::{
        application::{Channel, Origin, State},
        id::{ApplicationId, MemberId, OperatorId, PartnerId},
        matching::Match,
        organisation::Organisation,
        text::Lang,
    },
    storage::{
        Error, Result, charters,
        schema::applications,
        types::{Json, Sha256, Timestamp, Word},
    },
};

#[derive(HasQuery, Insertable, AsChangeset)]
#[diesel(table_name = applications, treat_none_as_null = true)]
pub(super) struct Row {
    pub(super) id: ApplicationId,
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
    entered: Option<Json<Entered>>,
    referral: Option<Json<Referral>>,
    confirmation: Option<Json<Confirmation>>,
    returned: Option<Json<Return>>,
    matches: Json<Vec<Match>>,
    acknowledged: Option<Json<Acknowledgement>>,
    earlier_state: Option<Word<State>>,
    lapses_at: Option<Timestamp>,
    assignee: Option<OperatorId>,
    due_on: Option<NaiveDate>,
    erased_at: Option<Timestamp>,
    salt: Option<Sha256>,
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
            entered: row.entered.map(|entered| entered.0),
            referral: row.referral.map(|referral| referral.0),
            confirmation: row.confirmation.map(|confirmation| confirmation.0),
            returned: row.returned.map(|returned| returned.0),
            matches: row.matches.0,
            acknowledged: row.acknowledged.map(|acknowledged| acknowledged.0),
            earlier_state: row.earlier_state.map(|state| state.0),
            lapses_at: row.lapses_at.map(Into::into),
            assignee: row.assignee,
            due_on: row.due_on,
            erased_at: row.erased_at.map(Into::into),
            salt: row.salt.map(|salt| salt.0),
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
            entered: application.entered.clone().map(Json),
            referral: application.referral.map(Json),
            confirmation: application.confirmation.clone().map(Json),
            returned: application.returned.clone().map(Json),
            matches: Json(application.matches.clone()),
            acknowledged: application.acknowledged.clone().map(Json),
            earlier_state: application.earlier_state.map(Word),
            lapses_at: application.lapses_at.map(Into::into),
            assignee: application.assignee,
            due_on: application.due_on,
            erased_at: application.erased_at.map(Into::into),
            salt: application.salt.map(Sha256),
        })
    }
}
