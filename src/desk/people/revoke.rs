//! An account is closed, or one of its tokens.

use super::add_token::Holder;
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{audit::Action, role::Role},
    storage::people::{Operator, Partner, StoredToken},
};

/// Why an account or token is not closed.
#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    /// There is no such account or token.
    #[error("there is no such account or token")]
    Unknown,
    /// Nobody could manage people any more.
    #[error("this is the last administrator: add another one first")]
    LastAdministrator,
    /// No decision could be approved any more.
    #[error("decisions need two registrars: add another one first")]
    SecondRegistrar,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(RevokeError);

/// Closes an account; its tokens cease to be valid with it.
pub async fn revoke_account(
    desk: &Desk,
    request: Request,
    holder: Holder,
) -> Result<(), RevokeError> {
    // Serial with every other change of people: two administrators cannot close each other's accounts at once.
    let mut unit = begin!(desk.begin_log::<()>(&request, Action::AccountClosed, holder));
    let at = unit.at();
    match holder {
        Holder::Operator(id) => {
            let operator = Operator::find(&mut unit, id)
                .await?
                .ok_or(RevokeError::Unknown)?;
            if operator.revoked_at.is_none() {
                check_office(&operator, Operator::count(&mut unit, operator.role).await?)?;
                Operator::revoke(&mut unit, id, at).await?;
            }
        }
        Holder::Partner(id) => {
            let partner = Partner::find(&mut unit, id)
                .await?
                .ok_or(RevokeError::Unknown)?;
            if partner.revoked_at.is_none() {
                Partner::revoke(&mut unit, id, at).await?;
            }
        }
    }
    Ok(unit.finish(()).await?)
}

/// Revokes one token of an account.
pub async fn revoke_token(
    desk: &Desk,
    request: Request,
    holder: Holder,
    id: &str,
) -> Result<(), RevokeError> {
    let mut unit = begin!(desk.begin::<()>(&request, Action::TokenRevoked, holder));
    let owner = match holder {
        Holder::Operator(id) => id.0,
        Holder::Partner(id) => id.0,
    };
    let token = StoredToken::find(&mut unit, id).await?;
    if token.is_none_or(|token| token.owner != owner) {
        return Err(RevokeError::Unknown);
    }
    let at = unit.at();
    StoredToken::revoke(&mut unit, id, at).await?;
    Ok(unit.finish(()).await?)
}

/// Refuses to close the account on which an office depends, of which `count` are open.
fn check_office(operator: &Operator, count: i64) -> Result<(), RevokeError> {
    match operator.role {
        Role::Administrator if count <= 1 => Err(RevokeError::LastAdministrator),
        Role::Registrar if count == 2 => Err(RevokeError::SecondRegistrar),
        _ => Ok(()),
    }
}
