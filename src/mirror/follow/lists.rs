//! The status lists, which the registry signs and a mirror passes on once they say what the log says.
//!
//! Each look asks for every list, and has its bytes sent only where they changed. What is known already is verified again all
//! the same: lists lapse, and keys are retired.

use std::collections::HashMap;

use charter_proof::{
    canonical::Digest,
    evidence::{Bytes, Evidence, Lists, verify_evidence},
    identity::did_of_host,
    keys::Purpose,
    note::{Kind, NoteKey},
    policy::Policy,
    status_list::{StatusList, StatusPurpose, verify_status_list},
    verify::TrustedKeys,
};

use super::{Contradiction, Follower, RoundError};
use crate::{
    log::mark::marked,
    mirror::{evidence, source::Fetched},
    storage::{
        log, memberships, records,
        status_lists::{self, Signed},
    },
};

/// More lists than a registry ever has: one for 65,536 memberships.
const MOST: u32 = 100_000;

/// How many lists are held against the log at once, in one file of evidence.
const COPIED: usize = 64;

/// Lists that verified when they were looked at last, under their entity tags.
#[derive(Debug, Default)]
pub struct Copies(HashMap<(StatusPurpose, u32), (String, Vec<u8>)>);

/// The lists of a number as they came, and what they say.
struct Copied {
    signed: Signed,
    revoked: u64,
    suspended: u64,
    /// When the later one was signed, in seconds since 1970.
    since: u64,
}

impl Follower {
    /// Copies every list that the registry signed anew, each verified by the keys in force, all held against the log.
    pub(super) async fn copy_lists(&mut self) -> Result<(), RoundError> {
        let Some(newest) = self.log.newest() else {
            return Ok(());
        };
        let copied = self.fetch_lists().await?;
        let digests = copied.iter().flat_map(|lists| {
            let Signed {
                revocation,
                suspension,
                ..
            } = &lists.signed;
            [Digest::of(revocation), Digest::of(suspension)]
        });
        let seen = (newest.checkpoint.size, digests.collect());
        if self.lists.as_ref() == Some(&seen) {
            return Ok(());
        }
        // The lists are those of this log if it did not grow while they were fetched.
        let note = self.source.checkpoint().await?;
        let now = marked(&note).ok_or(RoundError::NotSigned)?;
        if now.checkpoint != newest.checkpoint {
            return Ok(());
        }
        if !self.compare_lists(&copied, &note, &seen).await? {
            return Ok(());
        }
        for lists in copied {
            self.keep_lists(lists.signed).await?;
        }
        self.lists = Some(seen);
        Ok(())
    }

    async fn fetch_lists(&mut self) -> Result<Vec<Copied>, RoundError> {
        let origin = &self.pin.policy.origin;
        let host = origin.strip_suffix("/log").unwrap_or(origin);
        let keys = self.log.memory().await.replay().keys().clone();
        let keys = TrustedKeys::from_key_list(&did_of_host(host), keys);
        let mut copied = Vec::new();
        for number in 1..MOST {
            let [revocation, suspension] = StatusPurpose::ALL;
            let revocation = self.list(&keys, revocation, number).await?;
            let suspension = self.list(&keys, suspension, number).await?;
            let (Some(revocation), Some(suspension)) = (revocation, suspension) else {
                break;
            };
            copied.push(Copied::of(number, revocation, suspension));
        }
        Ok(copied)
    }

    async fn list(
        &mut self,
        keys: &TrustedKeys,
        purpose: StatusPurpose,
        number: u32,
    ) -> Result<Option<(Vec<u8>, StatusList)>, RoundError> {
        // A copy that does not verify is forgotten, so that the next look has the list sent whatever its tag.
        let known = self.copies.0.remove(&(purpose, number));
        let tag = known.as_ref().map(|(tag, _)| tag.as_str());
        let found = self.source.status_list(purpose, number, tag).await?;
        let (bytes, tag) = match (found, known) {
            (Fetched::New { bytes, tag }, _) => (bytes, tag),
            (Fetched::Unchanged, Some((tag, bytes))) => (bytes, Some(tag)),
            (Fetched::Nothing | Fetched::Unchanged, _) => return Ok(None),
        };
        let list = verify_status_list(&bytes, keys, self.clock.now());
        let list = list.map_err(|refusal| RoundError::StatusList(refusal.to_string()))?;
        if list.purpose == purpose && list.number == number {
            if let Some(tag) = tag {
                let copy = (tag, bytes.clone());
                self.copies.0.insert((purpose, number), copy);
            }
            Ok(Some((bytes, list)))
        } else {
            let what = "it is another one than was asked for".to_owned();
            Err(RoundError::StatusList(what))
        }
    }

    /// Holds what all lists say against what the log says of memberships: returns whether that is the same.
    ///
    /// Lists are public once a change is committed, and the checkpoint may wait for the registry's witnesses. So lists that
    /// are not older than the checkpoint are waited with, and older ones are wrong once it is signed again: the registry
    /// says then that the log has not grown since they were seen.
    async fn compare_lists(
        &mut self,
        copied: &[Copied],
        note: &str,
        seen: &(u64, Vec<Digest>),
    ) -> Result<bool, RoundError> {
        let mut conn = self.database.read().await?;
        let ended = records::endings(&mut conn).await?;
        let suspended = memberships::suspended(&mut conn).await?;
        let second = log::entries(&mut conn, 1, 1).await?.pop();
        // Members of registries that are older than status lists need not have a place.
        let all_have_places = second.is_some_and(|(_, entry)| is_state(&entry));
        let said = (
            copied.iter().map(|lists| lists.revoked).sum::<u64>(),
            copied.iter().map(|lists| lists.suspended).sum::<u64>(),
        );
        let is_so = if all_have_places {
            said == (ended, suspended)
        } else {
            said.0 <= ended && said.1 <= suspended
        };
        if is_so {
            return Ok(true);
        }
        let time = self.time(note).await.unwrap_or_default();
        if copied.iter().any(|lists| lists.since >= time) {
            return Ok(false);
        }
        let what = format!(
            "the status lists revoke {} credentials and suspend {}, and the log ended {ended} memberships and \
             suspends {suspended}",
            said.0, said.1
        );
        match &self.doubted {
            Some((doubted, then)) if doubted == seen => {
                if time <= *then {
                    return Err(RoundError::StatusList(what));
                }
            }
            Some(_) | None => {
                self.doubted = Some((seen.clone(), time));
                return Err(RoundError::StatusList(what));
            }
        }
        let size = self.log.newest().map_or(0, |newest| newest.checkpoint.size);
        let lists = copied.iter().take(COPIED).map(Copied::shown).collect();
        let claim = evidence::of_lists(&mut conn, note, size, lists).await?;
        let origin = self.pin.policy.origin.clone();
        if let Some(claim) = claim
            && verify_evidence(
                &Evidence::new(origin, claim.clone()).to_bytes(),
                &self.policy_now().await,
            )
            .is_ok()
        {
            let claim = Some(Box::new(claim));
            return Err(Contradiction { what, size, claim }.into());
        }
        Err(RoundError::StatusList(what))
    }

    /// The keys that the log itself has in force, as a policy.
    async fn policy_now(&self) -> Policy {
        let origin = self.pin.policy.origin.clone();
        let memory = self.log.memory().await;
        let of = |purpose: Purpose, name: &str, kind: Kind| {
            let ranges = memory.replay().keys().ranges().iter();
            let of_purpose = ranges.filter(move |range| range.purpose == purpose);
            of_purpose
                .filter_map(|range| NoteKey::new(name.to_owned(), kind, range.public_key_multibase))
                .collect::<Vec<_>>()
        };
        let clock = format!("{}/clock", self.pin.base.host());
        Policy::of_registry(
            origin.clone(),
            of(Purpose::Log, &origin, Kind::Plain),
            of(Purpose::Clock, &clock, Kind::Cosignature),
        )
    }

    async fn keep_lists(&self, signed: Signed) -> Result<(), RoundError> {
        let known = status_lists::find(&mut self.database.read().await?, signed.number).await?;
        if known.as_ref() == Some(&signed) {
            return Ok(());
        }
        let mut tx = self.database.begin_log().await?;
        status_lists::copy(&mut tx, signed).await?;
        Ok(tx.commit().await?)
    }
}

fn is_state(entry: &[u8]) -> bool {
    use charter_proof::entry::{Entry, Event};
    matches!(
        Entry::parse(entry).map(|entry| entry.event),
        Ok(Event::State { .. })
    )
}

impl Copied {
    fn of(
        number: u32,
        (revocation, revoked): (Vec<u8>, StatusList),
        (suspension, suspended): (Vec<u8>, StatusList),
    ) -> Self {
        let both = |index: &u32| {
            let of = |list: &StatusList| list.bits.get(*index) == Some(true);
            of(&suspended) && !of(&revoked)
        };
        let resting = (0..charter_proof::status_list::ENTRIES)
            .filter(both)
            .count();
        Self {
            revoked: revoked.bits.count().into(),
            suspended: u64::try_from(resting).unwrap_or(u64::MAX),
            since: u64::try_from(revoked.valid_from.max(suspended.valid_from).timestamp())
                .unwrap_or_default(),
            signed: Signed {
                number,
                revocation,
                suspension,
                signed_by: revoked.signed_by.to_multibase(),
                valid_until: revoked.valid_until.min(suspended.valid_until),
            },
        }
    }

    fn shown(&self) -> Lists {
        Lists {
            revocation: Bytes(self.signed.revocation.clone()),
            suspension: Bytes(self.signed.suspension.clone()),
        }
    }
}
