//! Retired log and clock keys go once their time beside their successors is over, or others may have them.

use crate::{
    desk::{Desk, Failure},
    storage::{self, keys::SigningKey},
};

/// Destroys the private keys here that sign no more; says how many there were.
pub async fn destroy_retired(desk: &Desk) -> Result<usize, Failure> {
    let list = SigningKey::all(&mut desk.database.read().await?).await?;
    let destroyed = desk.signatory.keyring.destroy_former(&list, desk.now());
    destroyed.map_err(|error| Failure::Storage(storage::Error::Damaged(error.to_string())))
}
