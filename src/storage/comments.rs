//! What the secretariat notes about applications.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};

use super::{
    Connection, Error, OptionalRow, Result, Transaction, on,
    schema::application_comments,
    types::{Timestamp, Word},
};
use crate::rules::{
    application::Visibility,
    id::{ApplicationId, CommentId, OperatorId},
    text::Prose,
};

/// A comment on an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// Its identifier.
    pub id: CommentId,
    /// The application.
    pub application: ApplicationId,
    /// Who wrote it.
    pub author: OperatorId,
    /// Who reads it.
    pub visibility: Visibility,
    /// What it says, unless erased.
    pub body: Option<Prose>,
    /// When it was written.
    pub written_at: DateTime<Utc>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = application_comments)]
struct Row {
    id: CommentId,
    application: ApplicationId,
    author: OperatorId,
    visibility: Word<Visibility>,
    body: Option<String>,
    written_at: Timestamp,
}

impl TryFrom<Row> for Comment {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id,
            application: row.application,
            author: row.author,
            visibility: row.visibility.0,
            body: row
                .body
                .as_deref()
                .map(Prose::parse)
                .transpose()
                .map_err(|_| Error::Damaged(format!("comment {}", row.id)))?,
            written_at: row.written_at.into(),
        })
    }
}

impl Comment {
    /// Adds a comment.
    pub async fn insert(&self, tx: &mut Transaction) -> Result<()> {
        let row = Row {
            id: self.id,
            application: self.application,
            author: self.author,
            visibility: Word(self.visibility),
            body: self.body.as_ref().map(ToString::to_string),
            written_at: self.written_at.into(),
        };
        on!(&mut **tx, |c| diesel::insert_into(
            application_comments::table
        )
        .values(&row)
        .execute(c))?;
        Ok(())
    }

    /// The comment of this identifier on an application.
    pub async fn find(
        conn: &mut Connection,
        application: ApplicationId,
        id: CommentId,
    ) -> Result<Option<Self>> {
        on!(conn, |c| Row::query()
            .filter(application_comments::id.eq(id))
            .filter(application_comments::application.eq(application))
            .first(c))
        .optional_row()?
        .map(Self::try_from)
        .transpose()
    }

    /// A page of the comments on an application, oldest first, after the one of that time and identifier.
    pub async fn page(
        conn: &mut Connection,
        application: ApplicationId,
        visibility: Option<Visibility>,
        after: Option<(DateTime<Utc>, CommentId)>,
        limit: i64,
    ) -> Result<Vec<Self>> {
        let rows: Vec<Row> = on!(conn, |c| {
            let mut query = application_comments::table
                .select(Row::as_select())
                .filter(application_comments::application.eq(application))
                .order((application_comments::written_at, application_comments::id))
                .limit(limit)
                .into_boxed();
            if let Some(visibility) = visibility {
                query = query.filter(application_comments::visibility.eq(Word(visibility)));
            }
            if let Some((at, id)) = after {
                let at = Timestamp::from(at);
                query = query.filter(
                    application_comments::written_at
                        .gt(at)
                        .or(application_comments::written_at
                            .eq(at)
                            .and(application_comments::id.gt(id))),
                );
            }
            query.load(c)
        })?;
        rows.into_iter().map(Self::try_from).collect()
    }

    /// Erases what a comment says.
    pub async fn erase(tx: &mut Transaction, id: CommentId) -> Result<()> {
        on!(&mut **tx, |c| diesel::update(
            application_comments::table.filter(application_comments::id.eq(id))
        )
        .set(application_comments::body.eq(None::<String>))
        .execute(c))?;
        Ok(())
    }

    /// Erases what every comment on an application says.
    pub async fn erase_all(tx: &mut Transaction, application: ApplicationId) -> Result<()> {
        on!(&mut **tx, |c| diesel::update(
            application_comments::table.filter(application_comments::application.eq(application))
        )
        .set(application_comments::body.eq(None::<String>))
        .execute(c))?;
        Ok(())
    }
}
