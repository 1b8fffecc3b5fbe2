//! Operators, partners and tokens in JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{faults::Faults, problem::ApiError},
    desk::people::{DEFAULT_TOKEN_DAYS, MAX_TOKEN_DAYS},
    rules::{role::Role, text::Invalid},
    storage::people::{Operator, Partner, StoredToken},
};

/// An operator.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct OperatorView {
    /// The operator's identifier.
    pub id: Uuid,
    /// The name, unique among operators.
    pub name: String,
    /// The office.
    pub role: Role,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<Operator> for OperatorView {
    fn from(operator: Operator) -> Self {
        Self {
            id: operator.id.0,
            name: operator.name,
            role: operator.role,
            created_at: operator.created_at,
            revoked_at: operator.revoked_at,
        }
    }
}

/// A partner site.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PartnerView {
    /// The partner's identifier.
    pub id: Uuid,
    /// The name, unique among partners.
    pub name: String,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When it was closed.
    pub revoked_at: Option<DateTime<Utc>>,
}

impl From<Partner> for PartnerView {
    fn from(partner: Partner) -> Self {
        Self {
            id: partner.id.0,
            name: partner.name,
            created_at: partner.created_at,
            revoked_at: partner.revoked_at,
        }
    }
}

/// What is known of a token; the token itself was shown once.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TokenView {
    /// The token's identifier: the part of it after the second underscore.
    pub id: String,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it ceases to be valid by itself.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
}

impl From<StoredToken> for TokenView {
    fn from(token: StoredToken) -> Self {
        Self {
            id: token.id,
            created_at: token.created_at,
            expires_at: token.expires_at,
            revoked_at: token.revoked_at,
            last_used_at: token.last_used_at,
        }
    }
}

/// For how long a new token is valid.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NewToken {
    /// Days of validity, 1 to 3660; 365 when absent.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 3660, example = 90)]
    pub expires_in_days: Option<i64>,
}

/// A token, shown once.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShownToken {
    /// The token in the clear. It cannot be shown again.
    #[schema(example = "chr_op_0123456789AB_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")]
    pub token: String,
}

/// Reads `expiresInDays`.
pub fn days(faults: &mut Faults, given: Option<i64>) -> Option<u16> {
    let Some(given) = given else {
        return Some(DEFAULT_TOKEN_DAYS);
    };
    let days = u16::try_from(given)
        .ok()
        .filter(|days| (1..=MAX_TOKEN_DAYS).contains(days));
    let out_of_range = || {
        Invalid::new(
            "out_of_range",
            format!("expected 1 to {MAX_TOKEN_DAYS} days"),
        )
    };
    faults.field("/expiresInDays", days.ok_or_else(out_of_range))
}

impl NewToken {
    /// The days of validity.
    pub fn days(&self) -> Result<u16, ApiError> {
        let mut faults = Faults::default();
        let days = days(&mut faults, self.expires_in_days);
        faults.unless_any(days)
    }
}
