//! The tokens by which contact persons confirm their addresses: their hashes, when they end and were used.
//!
//! A letter's token is made when the letter is rendered: [`Token::new`](crate::rules::token::Token::new) of
//! [`TokenKind::Confirmation`](crate::rules::token::TokenKind::Confirmation), its hash kept by [`insert`].

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Result, Transaction, on,
    schema::contact_confirmations,
    types::{Sha256, Timestamp},
};
use crate::rules::id::ApplicationId;

/// A token that was sent to an application's contact person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Confirmation {
    /// The token's hash.
    pub hash: Digest,
    /// When it ends.
    pub expires_at: DateTime<Utc>,
    /// When it was used.
    pub used_at: Option<DateTime<Utc>>,
}

/// Keeps the hash of a token that a letter carries.
pub async fn insert(
    tx: &mut Transaction,
    application: ApplicationId,
    hash: Digest,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    on!(&mut **tx, |c| diesel::insert_into(
        contact_confirmations::table
    )
    .values((
        contact_confirmations::application.eq(application),
        contact_confirmations::hash.eq(Sha256::from(hash)),
        contact_confirmations::expires_at.eq(Timestamp::from(expires_at)),
    ))
    .execute(c))?;
    Ok(())
}

/// Every token that was sent about an application and still counts.
pub async fn of_application(
    conn: &mut Connection,
    application: ApplicationId,
) -> Result<Vec<Confirmation>> {
    let rows: Vec<(Sha256, Timestamp, Option<Timestamp>)> =
        on!(conn, |c| contact_confirmations::table
            .filter(contact_confirmations::application.eq(application))
            .select((
                contact_confirmations::hash,
                contact_confirmations::expires_at,
                contact_confirmations::used_at,
            ))
            .load(c))?;
    let read = |(hash, expires_at, used_at): (Sha256, Timestamp, Option<Timestamp>)| Confirmation {
        hash: hash.into(),
        expires_at: expires_at.into(),
        used_at: used_at.map(Into::into),
    };
    Ok(rows.into_iter().map(read).collect())
}

/// Notes that a token was used.
pub async fn note_use(
    tx: &mut Transaction,
    application: ApplicationId,
    hash: Digest,
    at: DateTime<Utc>,
) -> Result<()> {
    on!(&mut **tx, |c| diesel::update(
        contact_confirmations::table
            .filter(contact_confirmations::application.eq(application))
            .filter(contact_confirmations::hash.eq(Sha256::from(hash)))
    )
    .set(contact_confirmations::used_at.eq(Timestamp::from(at)))
    .execute(c))?;
    Ok(())
}

/// Voids every token that was sent about an application: its contact person has another address now.
pub async fn void(tx: &mut Transaction, application: ApplicationId) -> Result<()> {
    on!(&mut **tx, |c| diesel::delete(
        contact_confirmations::table.filter(contact_confirmations::application.eq(application))
    )
    .execute(c))?;
    Ok(())
}
