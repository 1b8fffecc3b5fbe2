//! An operator or partner gets a further token.

use serde::{Deserialize, Serialize};

use super::{expiry, issue_token};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{
        audit::{Action, Subject},
        id::{OperatorId, PartnerId},
        token::TokenKind,
    },
    storage::people::{Operator, Partner},
};

/// Whose token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holder {
    /// A person of the secretariat.
    Operator(OperatorId),
    /// A partner site.
    Partner(PartnerId),
}

impl From<Holder> for Subject {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Operator(id) => Self::Operator(id),
            Holder::Partner(id) => Self::Partner(id),
        }
    }
}

/// The token, shown once.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddedToken {
    /// The token in the clear.
    pub token: String,
}

/// Why a token is not made.
#[derive(Debug, thiserror::Error)]
pub enum AddTokenError {
    /// There is no such account, or it is closed.
    #[error("there is no such account, or it is closed")]
    Unknown,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(AddTokenError);

/// Makes a further token, valid for this many days.
pub async fn add_token(
    desk: &Desk,
    request: Request,
    holder: Holder,
    days: u16,
) -> Result<AddedToken, AddTokenError> {
    let mut unit = begin!(desk.begin::<AddedToken>(&request, Action::TokenAdded, holder));
    let (kind, owner, revoked_at) = match holder {
        Holder::Operator(id) => {
            let operator = Operator::find(&mut unit, id)
                .await?
                .ok_or(AddTokenError::Unknown)?;
            (TokenKind::Operator, id.0, operator.revoked_at)
        }
        Holder::Partner(id) => {
            let partner = Partner::find(&mut unit, id)
                .await?
                .ok_or(AddTokenError::Unknown)?;
            (TokenKind::Partner, id.0, partner.revoked_at)
        }
    };
    if revoked_at.is_some() {
        return Err(AddTokenError::Unknown);
    }
    let end = expiry(unit.at(), days);
    let token = issue_token(desk, &mut unit, kind, owner, Some(end)).await?;
    Ok(unit.finish(AddedToken { token }).await?)
}
