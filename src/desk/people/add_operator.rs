//! A person joins the secretariat.

use serde::{Deserialize, Serialize};

use super::{expiry, issue_token};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{audit::Action, id::OperatorId, role::Role, text::Name, token::TokenKind},
    storage::people::Operator,
};

/// A new operator.
#[derive(Debug, Clone)]
pub struct AddOperator {
    /// The name, unique among operators.
    pub name: Name,
    /// The office.
    pub role: Role,
    /// For how many days the token is valid.
    pub token_days: u16,
}

/// The operator, and the token that is shown once.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddedOperator {
    /// The operator.
    pub operator: Operator,
    /// The token in the clear.
    pub token: String,
}

/// Why an operator is not added.
#[derive(Debug, thiserror::Error)]
pub enum AddOperatorError {
    /// Another operator has the name.
    #[error("there is an operator of this name already")]
    NameTaken,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(AddOperatorError);

/// Adds an operator and makes the first token.
pub async fn add_operator(
    desk: &Desk,
    request: Request,
    command: AddOperator,
) -> Result<AddedOperator, AddOperatorError> {
    let id = OperatorId(desk.clock.uuid());
    let mut unit = begin!(desk.begin::<AddedOperator>(&request, Action::OperatorAdded, id));
    let operator = Operator {
        id,
        name: command.name.to_string(),
        role: command.role,
        created_at: unit.at(),
        revoked_at: None,
    };
    operator.insert(&mut unit).await.map_err(|error| {
        if error.is_unique_violation() {
            AddOperatorError::NameTaken
        } else {
            error.into()
        }
    })?;
    let end = expiry(unit.at(), command.token_days);
    let token = issue_token(
        desk,
        &mut unit,
        TokenKind::Operator,
        operator.id.0,
        Some(end),
    )
    .await?;
    Ok(unit.finish(AddedOperator { operator, token }).await?)
}
