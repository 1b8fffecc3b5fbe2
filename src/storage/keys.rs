//! Public halves of the signing keys, the log positions for which they sign, and the keys that are to come.

use charter_proof::keys::{KeyList, KeyRange, PublicKey, Purpose};
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::{
    Connection, Error, LogTransaction, Result, log, on,
    schema::{announced_keys, signing_keys},
    types::{Timestamp, Word},
};

/// Whether a key signs, or why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It signs.
    Active,
    /// Another took over from it.
    Retired,
    /// Others may have it.
    Compromised,
}

impl Standing {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Compromised => "compromised",
        }
    }
}

/// A signing key's public half.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// What it signs and where.
    pub range: KeyRange,
    /// When it came into force.
    pub created_at: DateTime<Utc>,
    /// When it ceased to sign; none while it is in force.
    pub retired_at: Option<DateTime<Utc>>,
    /// When it was known that others may have it.
    pub compromised_at: Option<DateTime<Utc>>,
}

impl SigningKey {
    /// A key that signs from an entry on.
    pub const fn active(purpose: Purpose, key: PublicKey, from: u64, at: DateTime<Utc>) -> Self {
        Self {
            range: KeyRange {
                from,
                public_key_multibase: key,
                purpose,
                to: None,
            },
            created_at: at,
            retired_at: None,
            compromised_at: None,
        }
    }

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
                signing_keys::retired_at.eq(key.retired_at.map(Timestamp::from)),
                signing_keys::compromised_at.eq(key.compromised_at.map(Timestamp::from)),
            ))
            .execute(c))?;
        Ok(())
    }

    /// Brings what is known of how long a key signs up to date.
    pub async fn update(tx: &mut LogTransaction, key: &Self) -> Result<()> {
        let to_index = key.range.to.map(log::column).transpose()?;
        let public_key = key.range.public_key_multibase.to_multibase();
        on!(&mut ***tx, |c| diesel::update(
            signing_keys::table.filter(signing_keys::public_key.eq(&public_key))
        )
        .set((
            signing_keys::to_index.eq(to_index),
            signing_keys::retired_at.eq(key.retired_at.map(Timestamp::from)),
            signing_keys::compromised_at.eq(key.compromised_at.map(Timestamp::from)),
        ))
        .execute(c))?;
        Ok(())
    }

    /// Every key there ever was.
    pub async fn all(conn: &mut Connection) -> Result<Vec<Self>> {
        type Row = (
            (Word<Purpose>, i64, Option<i64>, String, Timestamp),
            (Option<Timestamp>, Option<Timestamp>),
        );
        let rows: Vec<Row> = on!(conn, |c| signing_keys::table
            .order((signing_keys::purpose, signing_keys::from_index))
            .select((
                (
                    signing_keys::purpose,
                    signing_keys::from_index,
                    signing_keys::to_index,
                    signing_keys::public_key,
                    signing_keys::created_at,
                ),
                (signing_keys::retired_at, signing_keys::compromised_at),
            ))
            .load(c))?;
        rows.into_iter()
            .map(
                |((purpose, from, to, key, created_at), (retired_at, compromised_at))| {
                    let range = KeyRange {
                        from: log::index(from)?,
                        public_key_multibase: parsed(&key)?,
                        purpose: purpose.0,
                        to: to.map(log::index).transpose()?,
                    };
                    Ok(Self {
                        range,
                        created_at: created_at.into(),
                        retired_at: retired_at.map(Into::into),
                        compromised_at: compromised_at.map(Into::into),
                    })
                },
            )
            .collect()
    }

    /// The key list that the log speaks of.
    pub fn list(keys: &[Self]) -> KeyList {
        KeyList::new(keys.iter().map(|key| key.range.clone()).collect())
    }

    /// Whether it signs, or why not.
    pub const fn standing(&self) -> Standing {
        match (self.compromised_at, self.range.to) {
            (Some(_), _) => Standing::Compromised,
            (None, Some(_)) => Standing::Retired,
            (None, None) => Standing::Active,
        }
    }

    /// The key that signs for a purpose now.
    pub fn in_force(keys: &[Self], purpose: Purpose) -> Option<&Self> {
        keys.iter()
            .find(|key| key.range.purpose == purpose && key.range.to.is_none())
    }
}

/// A key that will sign, and does not yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncedKey {
    /// What it will sign.
    pub purpose: Purpose,
    /// The key.
    pub key: PublicKey,
    /// When it was announced.
    pub announced_at: DateTime<Utc>,
}

impl AnnouncedKey {
    /// Every key that is announced, at most one for each purpose.
    pub async fn all(conn: &mut Connection) -> Result<Vec<Self>> {
        let rows: Vec<(Word<Purpose>, String, Timestamp)> = on!(conn, |c| announced_keys::table
            .order(announced_keys::purpose)
            .load(c))?;
        rows.into_iter()
            .map(|(purpose, key, announced_at)| {
                Ok(Self {
                    purpose: purpose.0,
                    key: parsed(&key)?,
                    announced_at: announced_at.into(),
                })
            })
            .collect()
    }

    /// The key that is announced for a purpose.
    pub async fn of(conn: &mut Connection, purpose: Purpose) -> Result<Option<Self>> {
        let mut announced = Self::all(conn).await?.into_iter();
        Ok(announced.find(|key| key.purpose == purpose))
    }

    /// Announces a key, in place of another that was announced for its purpose.
    pub async fn put(tx: &mut LogTransaction, announced: &Self) -> Result<()> {
        Self::remove(tx, announced.purpose).await?;
        on!(&mut ***tx, |c| diesel::insert_into(announced_keys::table)
            .values((
                announced_keys::purpose.eq(Word(announced.purpose)),
                announced_keys::public_key.eq(announced.key.to_multibase()),
                announced_keys::announced_at.eq(Timestamp::from(announced.announced_at)),
            ))
            .execute(c))?;
        Ok(())
    }

    /// Forgets what was announced for a purpose: it is in force now, or never will be.
    pub async fn remove(tx: &mut LogTransaction, purpose: Purpose) -> Result<()> {
        on!(&mut ***tx, |c| diesel::delete(
            announced_keys::table.filter(announced_keys::purpose.eq(Word(purpose)))
        )
        .execute(c))?;
        Ok(())
    }
}

fn parsed(key: &str) -> Result<PublicKey> {
    PublicKey::from_multibase(key).map_err(|_| Error::Damaged(format!("signing key {key}")))
}
