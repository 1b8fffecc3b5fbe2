//! Operators, partners and the tokens by which they and applicants are known.

use charter_proof::canonical::Digest;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Connection, OptionalRow, Result, Transaction, on,
    schema::{operators, partners, tokens},
    types::{Key, Sha256, Timestamp, Word},
};
use crate::rules::{
    id::{OperatorId, PartnerId},
    role::Role,
    token::TokenKind,
};

/// A person of the secretariat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operator {
    /// Its identifier.
    pub id: OperatorId,
    /// The name, unique among operators.
    pub name: String,
    /// The office.
    pub role: Role,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = operators)]
struct OperatorRow {
    id: OperatorId,
    name: String,
    role: Word<Role>,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl From<OperatorRow> for Operator {
    fn from(row: OperatorRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            role: row.role.0,
            created_at: row.created_at.into(),
            revoked_at: row.revoked_at.map(Into::into),
        }
    }
}

impl Operator {
    /// Adds an operator; a name that is taken is a unique violation.
    pub async fn insert(&self, tx: &mut Transaction) -> Result<()> {
        let row = OperatorRow {
            id: self.id,
            name: self.name.clone(),
            role: Word(self.role),
            created_at: self.created_at.into(),
            revoked_at: self.revoked_at.map(Into::into),
        };
        on!(&mut **tx, |c| diesel::insert_into(operators::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// Closes the account.
    pub async fn revoke(tx: &mut Transaction, id: OperatorId, at: DateTime<Utc>) -> Result<()> {
        on!(&mut **tx, |c| diesel::update(
            operators::table.filter(operators::id.eq(id))
        )
        .set(operators::revoked_at.eq(Timestamp::from(at)))
        .execute(c))?;
        Ok(())
    }

    /// The operator of this identifier.
    pub async fn find(conn: &mut Connection, id: OperatorId) -> Result<Option<Self>> {
        let row: Option<OperatorRow> = on!(conn, |c| OperatorRow::query()
            .filter(operators::id.eq(id))
            .first(c))
        .optional_row()?;
        Ok(row.map(Into::into))
    }

    /// The operator of this name.
    pub async fn find_by_name(conn: &mut Connection, name: &str) -> Result<Option<Self>> {
        let row: Option<OperatorRow> = on!(conn, |c| OperatorRow::query()
            .filter(operators::name.eq(name))
            .first(c))
        .optional_row()?;
        Ok(row.map(Into::into))
    }

    /// A page of operators by name, after `after`.
    pub async fn page(conn: &mut Connection, after: Option<&str>, limit: i64) -> Result<Vec<Self>> {
        let rows: Vec<OperatorRow> = on!(conn, |c| {
            let mut query = operators::table
                .select(OperatorRow::as_select())
                .order(operators::name)
                .limit(limit)
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(operators::name.gt(after));
            }
            query.load(c)
        })?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many operators of a role have an open account.
    pub async fn count(conn: &mut Connection, role: Role) -> Result<i64> {
        on!(conn, |c| operators::table
            .filter(operators::role.eq(Word(role)))
            .filter(operators::revoked_at.is_null())
            .count()
            .get_result(c))
    }
}

/// A partner site.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partner {
    /// Its identifier.
    pub id: PartnerId,
    /// The name, unique among partners.
    pub name: String,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub revoked_at: Option<DateTime<Utc>>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = partners)]
struct PartnerRow {
    id: PartnerId,
    name: String,
    created_at: Timestamp,
    revoked_at: Option<Timestamp>,
}

impl From<PartnerRow> for Partner {
    fn from(row: PartnerRow) -> Self {
        Self {
            id: row.id,
            name: row.name,
            created_at: row.created_at.into(),
            revoked_at: row.revoked_at.map(Into::into),
        }
    }
}

impl Partner {
    /// Adds a partner; a name that is taken is a unique violation.
    pub async fn insert(&self, tx: &mut Transaction) -> Result<()> {
        let row = PartnerRow {
            id: self.id,
            name: self.name.clone(),
            created_at: self.created_at.into(),
            revoked_at: self.revoked_at.map(Into::into),
        };
        on!(&mut **tx, |c| diesel::insert_into(partners::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// Closes the account.
    pub async fn revoke(tx: &mut Transaction, id: PartnerId, at: DateTime<Utc>) -> Result<()> {
        on!(&mut **tx, |c| diesel::update(
            partners::table.filter(partners::id.eq(id))
        )
        .set(partners::revoked_at.eq(Timestamp::from(at)))
        .execute(c))?;
        Ok(())
    }

    /// The partner of this identifier.
    pub async fn find(conn: &mut Connection, id: PartnerId) -> Result<Option<Self>> {
        let row: Option<PartnerRow> = on!(conn, |c| PartnerRow::query()
            .filter(partners::id.eq(id))
            .first(c))
        .optional_row()?;
        Ok(row.map(Into::into))
    }

    /// The partner of this name.
    pub async fn find_by_name(conn: &mut Connection, name: &str) -> Result<Option<Self>> {
        let row: Option<PartnerRow> = on!(conn, |c| PartnerRow::query()
            .filter(partners::name.eq(name))
            .first(c))
        .optional_row()?;
        Ok(row.map(Into::into))
    }

    /// A page of partners by name, after `after`.
    pub async fn page(conn: &mut Connection, after: Option<&str>, limit: i64) -> Result<Vec<Self>> {
        let rows: Vec<PartnerRow> = on!(conn, |c| {
            let mut query = partners::table
                .select(PartnerRow::as_select())
                .order(partners::name)
                .limit(limit)
                .into_boxed();
            if let Some(after) = after {
                query = query.filter(partners::name.gt(after));
            }
            query.load(c)
        })?;
        Ok(rows.into_iter().map(Into::into).collect())
    }
}

/// What is stored of an access token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// Its identifier, part of the token's text.
    pub id: String,
    /// Whose token it is.
    pub kind: TokenKind,
    /// The operator, partner or application that it stands for.
    pub owner: Uuid,
    /// The SHA-256 of the token's text.
    pub hash: Digest,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ceases to be valid by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

#[derive(HasQuery, Insertable)]
#[diesel(table_name = tokens)]
struct TokenRow {
    id: String,
    kind: Word<TokenKind>,
    owner: Key,
    hash: Sha256,
    created_at: Timestamp,
    expires_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
    last_used_at: Option<Timestamp>,
}

impl From<TokenRow> for StoredToken {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind.0,
            owner: row.owner.0,
            hash: row.hash.into(),
            created_at: row.created_at.into(),
            expires_at: row.expires_at.map(Into::into),
            revoked_at: row.revoked_at.map(Into::into),
            last_used_at: row.last_used_at.map(Into::into),
        }
    }
}

impl StoredToken {
    /// Whether the token may be used at this time.
    pub fn is_valid_at(&self, now: DateTime<Utc>) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|end| now < end)
    }

    /// Adds a token.
    pub async fn insert(&self, tx: &mut Transaction) -> Result<()> {
        let row = TokenRow {
            id: self.id.clone(),
            kind: Word(self.kind),
            owner: Key(self.owner),
            hash: self.hash.into(),
            created_at: self.created_at.into(),
            expires_at: self.expires_at.map(Into::into),
            revoked_at: None,
            last_used_at: None,
        };
        on!(&mut **tx, |c| diesel::insert_into(tokens::table)
            .values(&row)
            .execute(c))?;
        Ok(())
    }

    /// The token of this identifier.
    pub async fn find(conn: &mut Connection, id: &str) -> Result<Option<Self>> {
        let row: Option<TokenRow> = on!(conn, |c| TokenRow::query()
            .filter(tokens::id.eq(id))
            .first(c))
        .optional_row()?;
        Ok(row.map(Into::into))
    }

    /// Every token of an operator, partner or application, oldest first.
    pub async fn of_owner(conn: &mut Connection, owner: Uuid) -> Result<Vec<Self>> {
        let rows: Vec<TokenRow> = on!(conn, |c| TokenRow::query()
            .filter(tokens::owner.eq(Key(owner)))
            .order((tokens::created_at, tokens::id))
            .load(c))?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// Revokes the token.
    pub async fn revoke(tx: &mut Transaction, id: &str, at: DateTime<Utc>) -> Result<()> {
        on!(&mut **tx, |c| diesel::update(
            tokens::table
                .filter(tokens::id.eq(id))
                .filter(tokens::revoked_at.is_null())
        )
        .set(tokens::revoked_at.eq(Timestamp::from(at)))
        .execute(c))?;
        Ok(())
    }

    /// Notes that the token was used.
    pub async fn touch(tx: &mut Transaction, id: &str, at: DateTime<Utc>) -> Result<()> {
        on!(&mut **tx, |c| diesel::update(
            tokens::table.filter(tokens::id.eq(id))
        )
        .set(tokens::last_used_at.eq(Timestamp::from(at)))
        .execute(c))?;
        Ok(())
    }
}
