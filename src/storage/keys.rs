//! Public halves of the signing keys and the log positions for which they sign.

use charter_proof::keys::{KeyList, KeyRange, PublicKey, Purpose};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Error, LogTransaction, Result, log, on,
    schema::signing_keys,
    types::{Timestamp, Word},
};

/// A signing key's public half.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// What it signs and where.
    pub range: KeyRange,
    /// When it was made.
    pub created_at: DateTime<Utc>,
}

impl SigningKey {
    /// Adds a key.
    pub async fn insert(tx: &mut LogTransaction, key: &Self) -> Result<()> {
        let from_index = log::column(key.range.from)?;
        let to_index = key.range.to.map(log::column).transpose()?;
        on!(&mut ***tx, |c| diesel::insert_into(signing_keys::table)
            .values((
                signing_keys::purpose.eq(Word(key.range.purpose)),
                signing_keys::from_index.eq(from_index),
                signing_keys::to_index.eq(to_index),
                signing_keys::public_key.eq(key.range.public_key_multibase.to_multibase()),
                signing_keys::created_at.eq(Timestamp::from(key.created_at)),
            ))
            .execute(c))?;
        Ok(())
    }

    /// Every key there ever was.
    pub async fn all(conn: &mut Connection) -> Result<Vec<Self>> {
        type Row = (Word<Purpose>, i64, Option<i64>, String, Timestamp);
        let rows: Vec<Row> = on!(conn, |c| signing_keys::table
            .order((signing_keys::purpose, signing_keys::from_index))
            .load(c))?;
        rows.into_iter()
            .map(|(purpose, from, to, key, created_at)| {
                let public_key_multibase = PublicKey::from_multibase(&key)
                    .map_err(|_| Error::Damaged(format!("signing key {key}")))?;
                let to = to.map(log::index).transpose()?;
                let range = KeyRange {
                    from: log::index(from)?,
                    public_key_multibase,
                    purpose: purpose.0,
                    to,
                };
                Ok(Self {
                    range,
                    created_at: created_at.into(),
                })
            })
            .collect()
    }

    /// The key list that the log speaks of.
    pub fn list(keys: &[Self]) -> KeyList {
        KeyList::new(keys.iter().map(|key| key.range.clone()).collect())
    }
}
