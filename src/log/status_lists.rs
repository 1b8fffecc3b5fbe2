//! Status lists follow memberships: what a transaction did to them is signed once, at its end, with everything else.
//!
//! A membership has a place of its own from the transaction that begins or renews it, a random one, so that a place
//! tells nothing. One that began before there were lists gets its place when its first credential is asked for.

use std::collections::{BTreeMap, BTreeSet};

use charter_proof::{
    entry::Status,
    keys::SecretKey,
    status_list::{Bits, ENTRIES, MAX_VALIDITY, Place, StatusPurpose, UnsignedStatusList},
};
use chrono::{DateTime, Utc};

use super::signatory::Signatory;
use crate::{
    clock::Clock,
    rules::id::MemberId,
    storage::{
        self, Connection, LogTransaction,
        status_lists::{self, Held, Signed},
    },
};

/// How many places of a list are given away: half of them, so that a free one is soon found.
const FULL: u32 = ENTRIES / 2;

/// What a transaction means for the status lists.
#[derive(Default)]
pub(super) struct Turns {
    by_member: BTreeMap<MemberId, Turn>,
    renewed: BTreeSet<u32>,
}

/// What a transaction did to one membership.
struct Turn {
    /// Whether it ended at any time, even if it began again.
    ended: bool,
    /// Where it stands.
    status: Status,
}

impl Turns {
    /// Notes where a membership stands now.
    pub(super) fn note(&mut self, member: MemberId, status: Status) {
        let turn = Turn {
            ended: !is_living(status),
            status,
        };
        let noted = self.by_member.entry(member).or_insert(turn);
        noted.ended |= !is_living(status);
        noted.status = status;
    }

    /// Notes that lists are to be signed again, whatever happened.
    pub(super) fn renew(&mut self, lists: impl IntoIterator<Item = u32>) {
        self.renewed.extend(lists);
    }

    /// Has the lists say what happened, and signs those that changed.
    pub(super) async fn keep(
        self,
        tx: &mut LogTransaction,
        signatory: &Signatory,
        key: &SecretKey,
        clock: &Clock,
        at: DateTime<Utc>,
    ) -> Result<(), storage::Error> {
        let mut changed = self.renewed;
        let members: Vec<MemberId> = self.by_member.keys().copied().collect();
        let held = status_lists::places_of(tx, &members).await?;
        let mut held: BTreeMap<_, _> = held.into_iter().map(|held| (held.member, held)).collect();
        let mut newcomers = Vec::new();
        for (member, turn) in self.by_member {
            let suspended = turn.status == Status::Suspended;
            if let Some(held) = held.get_mut(&member) {
                if let Some(list) = follow(tx, held, &turn).await? {
                    changed.insert(list);
                }
                if !held.revoked {
                    continue;
                }
                if is_living(turn.status) {
                    status_lists::leave(tx, member).await?;
                }
            }
            if is_living(turn.status) {
                newcomers.push((member, suspended));
            }
        }
        give_places(tx, clock, &newcomers, &mut changed).await?;
        for number in changed {
            let signed = sign(tx, number, signatory, key, at).await?;
            status_lists::keep(tx, signed).await?;
        }
        Ok(())
    }
}

const fn is_living(status: Status) -> bool {
    matches!(status, Status::Active | Status::Suspended)
}

/// Has a membership's place say what happened; gives the list if that changed.
async fn follow(
    tx: &mut LogTransaction,
    held: &mut Held,
    turn: &Turn,
) -> Result<Option<u32>, storage::Error> {
    let before = *held;
    held.revoked |= turn.ended;
    // What was revoked says so for good, and whether it is suspended does not matter any more.
    if !held.revoked {
        held.suspended = turn.status == Status::Suspended;
    }
    if *held == before {
        return Ok(None);
    }
    status_lists::mark(tx, held).await?;
    Ok(Some(held.place.list))
}

/// Gives each of the newcomers a random place that nobody ever had.
async fn give_places(
    tx: &mut LogTransaction,
    clock: &Clock,
    mut newcomers: &[(MemberId, bool)],
    changed: &mut BTreeSet<u32>,
) -> Result<(), storage::Error> {
    while !newcomers.is_empty() {
        let (list, taken) = match status_lists::newest(tx).await? {
            Some((list, taken)) if taken < FULL => (list, taken),
            newest => {
                let list = newest.map_or(1, |(list, _)| list + 1);
                status_lists::begin(tx, list).await?;
                changed.insert(list);
                (list, 0)
            }
        };
        let room = usize::try_from(FULL - taken).unwrap_or(usize::MAX);
        let (now, later) = newcomers.split_at(room.min(newcomers.len()));
        let positions = free(tx, clock, list, now.len()).await?;
        let places: Vec<Held> = now
            .iter()
            .zip(positions)
            .map(|(&(member, suspended), index)| Held {
                member,
                place: Place { list, index },
                revoked: false,
                suspended,
            })
            .collect();
        status_lists::take(tx, list, &places).await?;
        if places.iter().any(|held| held.suspended) {
            changed.insert(list);
        }
        newcomers = later;
    }
    Ok(())
}

/// So many free positions of a list that is at most half full, at random and in random order.
async fn free(
    conn: &mut Connection,
    clock: &Clock,
    list: u32,
    many: usize,
) -> Result<Vec<u32>, storage::Error> {
    let mut free = Vec::with_capacity(many);
    let mut seen = BTreeSet::new();
    while free.len() < many {
        let mut drawn = Vec::new();
        while drawn.len() < many - free.len() {
            // A power of two divides what is drawn from, so each position is as likely as any other.
            let position = u32::from_le_bytes(clock.random()) % ENTRIES;
            if seen.insert(position) {
                drawn.push(position);
            }
        }
        let taken = status_lists::taken_among(conn, list, &drawn).await?;
        let taken: BTreeSet<u32> = taken.into_iter().collect();
        free.extend(drawn.into_iter().filter(|one| !taken.contains(one)));
    }
    Ok(free)
}

/// The lists of a number as they now stand, signed.
async fn sign(
    conn: &mut Connection,
    number: u32,
    signatory: &Signatory,
    key: &SecretKey,
    at: DateTime<Utc>,
) -> Result<Signed, storage::Error> {
    let valid_until = at + MAX_VALIDITY;
    let mut documents = Vec::new();
    for purpose in StatusPurpose::ALL {
        let mut bits = Bits::default();
        for index in status_lists::set_in(conn, number, purpose).await? {
            bits.set(index);
        }
        let list = UnsignedStatusList {
            purpose,
            number,
            bits,
            issuer_name: signatory.name.clone(),
            valid_from: at,
            valid_until,
        };
        documents.push(list.sign(key, &signatory.base));
    }
    let mut documents = documents.into_iter();
    Ok(Signed {
        number,
        revocation: documents.next().unwrap_or_default(),
        suspension: documents.next().unwrap_or_default(),
        signed_by: key.public().to_multibase(),
        valid_until,
    })
}
