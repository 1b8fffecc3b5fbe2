//! The status lists, which the registry signs and a mirror passes on.

use charter_proof::{
    identity::did_of_host,
    status_list::{StatusList, StatusPurpose, verify_status_list},
    verify::TrustedKeys,
};

use super::{Follower, RoundError};
use crate::storage::status_lists::{self, Signed};

/// More lists than a registry ever has: one for 65,536 memberships.
const MOST: u32 = 100_000;

impl Follower {
    /// Copies every list that the registry signed anew, each verified by the keys in force.
    pub(super) async fn copy_lists(&self) -> Result<(), RoundError> {
        if self.log.newest().is_none() {
            return Ok(());
        }
        let origin = &self.pin.policy.origin;
        let host = origin.strip_suffix("/log").unwrap_or(origin);
        let keys = self.log.memory().await.replay().keys().clone();
        let keys = TrustedKeys::from_key_list(&did_of_host(host), keys);
        for number in 1..MOST {
            let [revocation, suspension] = StatusPurpose::ALL;
            let revocation = self.list(&keys, revocation, number).await?;
            let suspension = self.list(&keys, suspension, number).await?;
            let (Some(revocation), Some(suspension)) = (revocation, suspension) else {
                break;
            };
            self.keep_list(number, revocation, suspension).await?;
        }
        Ok(())
    }

    async fn list(
        &self,
        keys: &TrustedKeys,
        purpose: StatusPurpose,
        number: u32,
    ) -> Result<Option<(Vec<u8>, StatusList)>, RoundError> {
        let Some(bytes) = self.source.status_list(purpose, number).await? else {
            return Ok(None);
        };
        let list = verify_status_list(&bytes, keys, self.clock.now());
        let list = list.map_err(|refusal| RoundError::StatusList(refusal.to_string()))?;
        if list.purpose == purpose && list.number == number {
            Ok(Some((bytes, list)))
        } else {
            let what = "it is another one than was asked for".to_owned();
            Err(RoundError::StatusList(what))
        }
    }

    async fn keep_list(
        &self,
        number: u32,
        (revocation, revoked): (Vec<u8>, StatusList),
        (suspension, suspended): (Vec<u8>, StatusList),
    ) -> Result<(), RoundError> {
        let known = status_lists::find(&mut self.database.read().await?, number).await?;
        let signed = Signed {
            number,
            revocation,
            suspension,
            signed_by: revoked.signed_by.to_multibase(),
            valid_until: revoked.valid_until.min(suspended.valid_until),
        };
        if known.as_ref() == Some(&signed) {
            return Ok(());
        }
        let mut tx = self.database.begin_log().await?;
        status_lists::copy(&mut tx, signed).await?;
        Ok(tx.commit().await?)
    }
}
