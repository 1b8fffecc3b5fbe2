//! Recusals: what a registrar decides nothing about.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Connection, LogTransaction, Result,
    decisions::Subject,
    on,
    schema::{applications, recusals},
    types::{Key, Timestamp},
};
use crate::rules::id::{ApplicationId, MemberId, OperatorId};

/// A registrar stands aside wherever an application or a membership is decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recusal {
    /// Who.
    pub operator: OperatorId,
    /// From what.
    pub subject: Subject,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Recusal {
    /// Adds a recusal under an identifier of its own.
    pub async fn insert(&self, tx: &mut LogTransaction, id: Uuid) -> Result<()> {
        let (application, membership) = match self.subject {
            Subject::Application(id) => (Some(id), None),
            Subject::Membership(id) => (None, Some(id)),
        };
        on!(&mut ***tx, |c| diesel::insert_into(recusals::table)
            .values((
                recusals::id.eq(Key(id)),
                recusals::operator.eq(self.operator),
                recusals::application.eq(application),
                recusals::membership.eq(membership),
                recusals::at.eq(Timestamp::from(self.at)),
            ))
            .execute(c))?;
        Ok(())
    }

    /// Since when an operator stands aside from exactly this.
    pub async fn since(
        conn: &mut Connection,
        operator: OperatorId,
        subject: Subject,
    ) -> Result<Option<DateTime<Utc>>> {
        let rows: Vec<Timestamp> = on!(conn, |c| {
            let query = recusals::table
                .filter(recusals::operator.eq(operator))
                .order(recusals::at)
                .limit(1)
                .select(recusals::at)
                .into_boxed();
            match subject {
                Subject::Application(id) => query.filter(recusals::application.eq(id)),
                Subject::Membership(id) => query.filter(recusals::membership.eq(id)),
            }
            .load(c)
        })?;
        Ok(rows.into_iter().next().map(Into::into))
    }

    /// Whether an operator stands aside from a membership, or from an application that led to it.
    pub async fn covers_member(
        conn: &mut Connection,
        operator: OperatorId,
        member: MemberId,
    ) -> Result<bool> {
        let led_here = on!(conn, |c| applications::table
            .filter(applications::membership.eq(member))
            .select(applications::id)
            .load::<ApplicationId>(c))?;
        let subjects = led_here.into_iter().map(Subject::Application);
        for subject in std::iter::once(Subject::Membership(member)).chain(subjects) {
            if Self::since(conn, operator, subject).await?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
