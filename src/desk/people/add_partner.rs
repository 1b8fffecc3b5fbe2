//! A partner site is given access.

use serde::{Deserialize, Serialize};

use super::{expiry, issue_token};
use crate::{
    desk::{Desk, Failure, Request, failures_of, unit::begin},
    rules::{audit::Action, id::PartnerId, text::Name, token::TokenKind},
    storage::people::Partner,
};

/// A new partner.
#[derive(Debug, Clone)]
pub struct AddPartner {
    /// The name, unique among partners.
    pub name: Name,
    /// For how many days the key is valid.
    pub token_days: u16,
}

/// The partner, and the key that is shown once.
#[derive(Debug, Serialize, Deserialize)]
pub struct AddedPartner {
    /// The partner.
    pub partner: Partner,
    /// The key in the clear.
    pub token: String,
}

/// Why a partner is not added.
#[derive(Debug, thiserror::Error)]
pub enum AddPartnerError {
    /// Another partner has the name.
    #[error("there is a partner of this name already")]
    NameTaken,
    /// It could not be carried out.
    #[error(transparent)]
    Failed(#[from] Failure),
}
failures_of!(AddPartnerError);

/// Adds a partner and makes the first key.
pub async fn add_partner(
    desk: &Desk,
    request: Request,
    command: AddPartner,
) -> Result<AddedPartner, AddPartnerError> {
    let id = PartnerId(desk.clock.uuid());
    let mut unit = begin!(desk.begin::<AddedPartner>(&request, Action::PartnerAdded, id));
    let partner = Partner {
        id,
        name: command.name.to_string(),
        created_at: unit.at(),
        revoked_at: None,
    };
    partner.insert(&mut unit).await.map_err(|error| {
        if error.is_unique_violation() {
            AddPartnerError::NameTaken
        } else {
            error.into()
        }
    })?;
    let end = expiry(unit.at(), command.token_days);
    let token = issue_token(desk, &mut unit, TokenKind::Partner, partner.id.0, Some(end)).await?;
    Ok(unit.finish(AddedPartner { partner, token }).await?)
}
