//! The contact person of an application.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use crate::{
    rules::{
        id::ApplicationId,
        text::{Email, Name, Phone},
    },
    storage::{Connection, Error, OptionalRow, Result, Transaction, on, schema::contacts},
};

/// The person to speak to about an application: personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contact {
    /// The full name.
    pub name: Name,
    /// The position in the organisation.
    pub position: Name,
    /// The e-mail address; only who speaks to a clerk may be without one.
    pub email: Option<Email>,
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
                contacts::email.eq(self.email_column()),
                contacts::phone.eq(self.phone.as_ref().map(Phone::as_str)),
            ))
            .execute(c))?;
        Ok(())
    }

    /// Writes the contact person of an application, in place of the one before.
    pub async fn replace(&self, tx: &mut Transaction, application: ApplicationId) -> Result<()> {
        on!(&mut **tx, |c| diesel::delete(
            contacts::table.filter(contacts::application.eq(application))
        )
        .execute(c))?;
        self.insert(tx, application).await
    }

    /// The column is empty where there is no address.
    fn email_column(&self) -> &str {
        self.email.as_ref().map_or("", Email::as_str)
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
                email: Some(email.as_str())
                    .filter(|email| !email.is_empty())
                    .map(Email::parse)
                    .transpose()
                    .map_err(damaged)?,
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
