//! Operators, partners and their tokens.

pub mod add_operator;
pub mod add_partner;
pub mod add_token;
pub mod revoke;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{Desk, Failure};
use crate::{
    rules::token::{Token, TokenKind},
    storage::{Transaction, people::StoredToken},
};

/// How long an operator's or partner's token is valid unless told otherwise, in days.
pub const DEFAULT_TOKEN_DAYS: u16 = 365;

/// The longest validity of a token that is asked for, in days.
pub const MAX_TOKEN_DAYS: u16 = 3660;

/// Makes a token and keeps its hash; the clear text is returned once.
pub(super) async fn issue_token(
    desk: &Desk,
    tx: &mut Transaction,
    kind: TokenKind,
    owner: Uuid,
    expires_at: Option<DateTime<Utc>>,
) -> Result<String, Failure> {
    let token = Token::new(kind, &desk.clock.random());
    let stored = StoredToken {
        id: token.id().to_owned(),
        kind,
        owner,
        hash: token.hash(),
        created_at: desk.now(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    stored.insert(tx).await?;
    Ok(token.reveal().to_owned())
}

/// When a token made now ends, after this many days.
fn expiry(now: DateTime<Utc>, days: u16) -> DateTime<Utc> {
    now + TimeDelta::days(i64::from(days.clamp(1, MAX_TOKEN_DAYS)))
}
