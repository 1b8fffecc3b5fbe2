//! SQL types that mean the same thing on both databases.
//!
//! The schema names these; only this module knows how each backend stores them.

use chrono::{DateTime, SubsecRound, Utc};
use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    pg::Pg,
    serialize::{self, IsNull, Output, ToSql},
    sql_types,
    sqlite::Sqlite,
};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::rules::{id::for_each_id, word};

/// A UUID: `UUID` on PostgreSQL, a 16-byte `BLOB` on SQLite.
#[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(
    postgres_type(oid = 2950, array_oid = 2951),
    sqlite_type(name = "Binary")
)]
pub struct Id;

/// A UTC instant: `TIMESTAMPTZ` on PostgreSQL, RFC 3339 `TEXT` on SQLite.
#[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(
    postgres_type(oid = 1184, array_oid = 1185),
    sqlite_type(name = "Text")
)]
pub struct Instant;

/// A JSON document: `JSONB` on PostgreSQL, `TEXT` on SQLite. Never for what is signed or hashed.
#[derive(diesel::sql_types::SqlType, diesel::query_builder::QueryId)]
#[diesel(
    postgres_type(oid = 3802, array_oid = 3807),
    sqlite_type(name = "Text")
)]
pub struct Document;

/// Any UUID column's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Id)]
pub struct Key(pub Uuid);

impl ToSql<Id, Pg> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0, out)
    }
}

impl ToSql<Id, Sqlite> for Key {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.as_bytes().as_slice());
        Ok(IsNull::No)
    }
}

impl FromSql<Id, Pg> for Key {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Uuid, Pg>::from_sql(bytes).map(Self)
    }
}

impl FromSql<Id, Sqlite> for Key {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = <Vec<u8> as FromSql<sql_types::Binary, Sqlite>>::from_sql(bytes)?;
        Ok(Self(Uuid::from_slice(&bytes)?))
    }
}

/// Lets a typed identifier stand wherever a [`Key`] does.
macro_rules! id_column {
    ($id:path) => {
        impl AsExpression<Id> for $id {
            type Expression = <Key as AsExpression<Id>>::Expression;

            fn as_expression(self) -> Self::Expression {
                AsExpression::<Id>::as_expression(Key(self.0))
            }
        }

        impl AsExpression<Id> for &$id {
            type Expression = <Key as AsExpression<Id>>::Expression;

            fn as_expression(self) -> Self::Expression {
                AsExpression::<Id>::as_expression(Key(self.0))
            }
        }

        impl AsExpression<sql_types::Nullable<Id>> for $id {
            type Expression = <Key as AsExpression<sql_types::Nullable<Id>>>::Expression;

            fn as_expression(self) -> Self::Expression {
                AsExpression::<sql_types::Nullable<Id>>::as_expression(Key(self.0))
            }
        }

        impl AsExpression<sql_types::Nullable<Id>> for &$id {
            type Expression = <Key as AsExpression<sql_types::Nullable<Id>>>::Expression;

            fn as_expression(self) -> Self::Expression {
                AsExpression::<sql_types::Nullable<Id>>::as_expression(Key(self.0))
            }
        }

        impl ToSql<Id, Pg> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
                ToSql::<sql_types::Uuid, Pg>::to_sql(&self.0, out)
            }
        }

        impl ToSql<Id, Sqlite> for $id {
            fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
                out.set_value(self.0.as_bytes().as_slice());
                Ok(IsNull::No)
            }
        }

        impl<DB: Backend> FromSql<Id, DB> for $id
        where
            Key: FromSql<Id, DB>,
        {
            fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
                Key::from_sql(bytes).map(|key| $id(key.0))
            }
        }

        impl<DB: Backend> diesel::Queryable<Id, DB> for $id
        where
            Self: FromSql<Id, DB>,
        {
            type Row = Self;

            fn build(row: Self) -> deserialize::Result<Self> {
                Ok(row)
            }
        }
    };
}
for_each_id!(id_column);

/// A UTC instant, held to the microsecond so that both databases return what was stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = Instant)]
pub struct Timestamp(DateTime<Utc>);

impl From<DateTime<Utc>> for Timestamp {
    fn from(at: DateTime<Utc>) -> Self {
        Self(at.trunc_subsecs(6))
    }
}

impl From<Timestamp> for DateTime<Utc> {
    fn from(at: Timestamp) -> Self {
        at.0
    }
}

impl ToSql<Instant, Pg> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        ToSql::<sql_types::Timestamptz, Pg>::to_sql(&self.0, out)
    }
}

impl ToSql<Instant, Sqlite> for Timestamp {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(self.0.to_rfc3339_opts(chrono::SecondsFormat::Micros, true));
        Ok(IsNull::No)
    }
}

impl FromSql<Instant, Pg> for Timestamp {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        FromSql::<sql_types::Timestamptz, Pg>::from_sql(bytes).map(Self)
    }
}

impl FromSql<Instant, Sqlite> for Timestamp {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<sql_types::Text, Sqlite>>::from_sql(bytes)?;
        Ok(Self(DateTime::parse_from_rfc3339(&text)?.to_utc()))
    }
}

/// A value that is kept as a JSON document.
#[derive(Debug, Clone, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = Document)]
pub struct Json<T: std::fmt::Debug>(pub T);

impl<T: Serialize + std::fmt::Debug> ToSql<Document, Pg> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Pg>) -> serialize::Result {
        let value = serde_json::to_value(&self.0)?;
        ToSql::<sql_types::Jsonb, Pg>::to_sql(&value, &mut out.reborrow())
    }
}

impl<T: Serialize + std::fmt::Debug> ToSql<Document, Sqlite> for Json<T> {
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, Sqlite>) -> serialize::Result {
        out.set_value(serde_json::to_string(&self.0)?);
        Ok(IsNull::No)
    }
}

impl<T: DeserializeOwned + std::fmt::Debug> FromSql<Document, Pg> for Json<T> {
    fn from_sql(bytes: <Pg as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let value = <serde_json::Value as FromSql<sql_types::Jsonb, Pg>>::from_sql(bytes)?;
        Ok(Self(serde_json::from_value(value)?))
    }
}

impl<T: DeserializeOwned + std::fmt::Debug> FromSql<Document, Sqlite> for Json<T> {
    fn from_sql(bytes: <Sqlite as Backend>::RawValue<'_>) -> deserialize::Result<Self> {
        let text = <String as FromSql<sql_types::Text, Sqlite>>::from_sql(bytes)?;
        Ok(Self(serde_json::from_str(&text)?))
    }
}

/// A value of a fixed vocabulary: text on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Text)]
pub struct Word<T: word::Word>(pub T);

impl<T: word::Word, DB> ToSql<sql_types::Text, DB> for Word<T>
where
    DB: Backend,
    str: ToSql<sql_types::Text, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_str().to_sql(out)
    }
}

impl<T: word::Word, DB> FromSql<sql_types::Text, DB> for Word<T>
where
    DB: Backend,
    String: FromSql<sql_types::Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        T::from_word(&text)
            .map(Self)
            .ok_or_else(|| format!("unknown {} {text:?}", T::KIND).into())
    }
}

/// A SHA-256 digest, as 32 bytes on both databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, AsExpression, FromSqlRow)]
#[diesel(sql_type = sql_types::Binary)]
pub struct Sha256(pub [u8; 32]);

impl<DB> ToSql<sql_types::Binary, DB> for Sha256
where
    DB: Backend,
    [u8]: ToSql<sql_types::Binary, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.as_slice().to_sql(out)
    }
}

impl<DB> FromSql<sql_types::Binary, DB> for Sha256
where
    DB: Backend,
    Vec<u8>: FromSql<sql_types::Binary, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let bytes = Vec::<u8>::from_sql(bytes)?;
        let length = bytes.len();
        bytes
            .try_into()
            .map(Self)
            .map_err(|_| format!("a digest of {length} bytes").into())
    }
}

impl From<charter_proof::canonical::Digest> for Sha256 {
    fn from(digest: charter_proof::canonical::Digest) -> Self {
        Self(*digest.as_bytes())
    }
}

impl From<Sha256> for charter_proof::canonical::Digest {
    fn from(digest: Sha256) -> Self {
        Self::from_bytes(digest.0)
    }
}
