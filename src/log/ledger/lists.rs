//! What a transaction has for the status lists, signed at its end.

use super::Ledger;
use crate::storage::{self, memberships::Membership, status_lists};

impl Ledger {
    /// Gives a membership a place in the status lists, if it has none.
    pub fn give_place(&mut self, membership: &Membership) {
        self.turns.note(membership.id, membership.status);
    }

    /// Signs the status lists of these numbers again at the end of this, whatever happened.
    pub fn renew_lists(&mut self, numbers: Vec<u32>) {
        self.turns.renew(numbers);
    }

    /// Has the status lists say what happened to memberships; all of them anew where another key signs them.
    pub(super) async fn keep_status_lists(&mut self) -> Result<(), storage::Error> {
        let mut turns = std::mem::take(&mut self.turns);
        let key = self.keys.record.clone();
        if self.turned.is_some() {
            let key = key.public().to_multibase();
            turns.renew(status_lists::due(&mut self.tx, self.at, &key).await?);
        }
        let (signatory, clock) = (self.signatory.clone(), self.clock.clone());
        Box::pin(turns.keep(&mut self.tx, &signatory, &key, &clock, self.at)).await
    }
}
