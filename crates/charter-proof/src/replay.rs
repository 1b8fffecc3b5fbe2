//! The log, entry by entry: its tree, its map and its key list, and the rules that it keeps.
//!
//! The registry grows its log with it, and whoever audits one replays it: both refuse the same logs. What a change
//! of a membership follows from is the member's entry before; whoever replays has it at hand ([`Replay::needs`]).

mod broken;
mod change;
mod frozen;
mod next;

pub use broken::{Broken, Fault};
pub use frozen::Thawing;
pub use next::Next;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::canonical::Digest;
use crate::entry::{Entry, Event};
use crate::keys::{KeyList, KeyRange, PublicKey, Purpose, claim_hash};
use crate::membership_map::{ClaimValue, Holder, MemberValue, MembershipMap, Origin, Path, Undo};
use crate::merkle::{Frontier, Node};
use crate::proof_file::{Leaf, MapProof, PathStep};

/// A log as far as it was read, and what it comes to.
#[derive(Debug, Clone)]
pub struct Replay {
    now: Position,
    map: MembershipMap,
    /// What happened to the map since the last [`Replay::settle`], and where everything else stood then.
    undos: Vec<Undo>,
    settled: Box<Position>,
}

/// How far a log was taken in, so that it can be settled up to there once more was.
#[derive(Debug, Clone)]
pub struct Reached {
    position: Position,
    /// How many changes of the map there were by then since the last settling.
    changes: usize,
}

/// Everything that is small.
#[derive(Debug, Clone)]
struct Position {
    tree: Frontier,
    keys: KeyList,
    origin: String,
    last_at: Option<DateTime<Utc>>,
    /// Claims that go to this member, whose own entry must follow.
    coming: Option<(Uuid, Vec<Digest>)>,
    ends_with_state: bool,
}

impl Default for Replay {
    fn default() -> Self {
        let now = Position {
            tree: Frontier::default(),
            keys: KeyList::new(Vec::new()),
            origin: String::new(),
            last_at: None,
            coming: None,
            ends_with_state: false,
        };
        Self {
            settled: Box::new(now.clone()),
            now,
            map: MembershipMap::default(),
            undos: Vec::new(),
        }
    }
}

impl Replay {
    /// How many entries there were.
    pub const fn size(&self) -> u64 {
        self.now.tree.size()
    }

    /// The root of the tree over them.
    pub fn root(&self) -> Digest {
        self.now.tree.root()
    }

    /// The tree's right edge.
    pub const fn tree(&self) -> &Frontier {
        &self.now.tree
    }

    /// The membership map; its hashes are as of the last `state` entry, or of [`Replay::state`].
    pub const fn map(&self) -> &MembershipMap {
        &self.map
    }

    /// The key list.
    pub const fn keys(&self) -> &KeyList {
        &self.now.keys
    }

    /// The log's origin, once its first entry was read.
    pub fn origin(&self) -> &str {
        &self.now.origin
    }

    /// The time of the last entry.
    pub const fn last_at(&self) -> Option<DateTime<Utc>> {
        self.now.last_at
    }

    /// Whether the last entry is a `state` entry, as that of every checkpoint is.
    pub const fn ends_with_state(&self) -> bool {
        self.now.ends_with_state
    }

    /// The `state` entry that closes what was read so far.
    pub fn state(&mut self, at: DateTime<Utc>) -> Entry {
        self.map.refresh();
        let event = Event::State {
            size: self.size(),
            map: self.map.root(),
            keys: self.now.keys.digest(),
        };
        Entry { at, event }
    }

    /// The index of the earlier entry without which the next one cannot be judged: the member's own before.
    pub fn needs(&self, next: &Entry) -> Option<u64> {
        self.needs_for(next::key_of(next)?)
    }

    /// The same for the next change of this member ([`Next::key`]).
    pub fn needs_for(&self, key: Digest) -> Option<u64> {
        self.map.origin(&key).map(|origin| origin.event)
    }

    /// Reads what stands where these entries will change the map, for all of them at once: where it is large, to wait
    /// for memory takes most of the time, and longest where one waits after the other. They change nothing else by it.
    pub fn warm<'e>(&self, entries: impl Iterator<Item = Next<'e>>) {
        let mut keys = Vec::new();
        for next in entries {
            keys.extend(next.key());
            keys.extend(next.claims());
        }
        self.map.warm(&keys);
    }

    /// Takes in the next entry, which was parsed from these bytes, and hands over every subtree of the tree that it
    /// completes.
    ///
    /// `earlier` is the entry that [`Replay::needs`] names.
    ///
    /// # Errors
    ///
    /// What of the log's rules the entry breaks: and then nothing is taken in.
    pub fn push(
        &mut self,
        entry: &Entry,
        bytes: &[u8],
        earlier: Option<&Entry>,
        completed: impl FnMut(Node),
    ) -> Result<(), Broken> {
        self.push_next(Next::of(entry, bytes), earlier, completed)
    }

    /// The same for an entry of which something was computed already.
    ///
    /// # Errors
    ///
    /// As [`Replay::push`].
    pub fn push_next(
        &mut self,
        next: Next<'_>,
        earlier: Option<&Entry>,
        completed: impl FnMut(Node),
    ) -> Result<(), Broken> {
        let entry = next.entry();
        let index = self.size();
        // Whatever else changes of the position does so once nothing can be wrong any more.
        let (coming, undone) = (self.now.coming.clone(), self.undos.len());
        match self.take_in(next, earlier) {
            Ok(()) => {
                self.now.tree.push(next.leaf(), completed);
                self.now.last_at = Some(entry.at);
                self.now.ends_with_state = matches!(entry.event, Event::State { .. });
                Ok(())
            }
            Err(fault) => {
                self.take_back(undone);
                self.now.coming = coming;
                Err(Broken { index, fault })
            }
        }
    }

    /// Makes what was taken in permanent. The map's hashes are those of the last `state` entry, or of [`Replay::state`].
    pub fn settle(&mut self) {
        self.settle_up_to(self.reached());
    }

    /// How far it was taken in, for [`Replay::settle_up_to`].
    pub fn reached(&self) -> Reached {
        Reached {
            position: self.now.clone(),
            changes: self.undos.len(),
        }
    }

    /// Makes what was taken in by then permanent, since which nothing was settled or rolled back.
    pub fn settle_up_to(&mut self, reached: Reached) {
        self.undos.drain(..reached.changes.min(self.undos.len()));
        *self.settled = reached.position;
    }

    /// Forgets what was taken in since the last [`Replay::settle`].
    pub fn roll_back(&mut self) {
        self.take_back(0);
        self.map.refresh();
        self.now = (*self.settled).clone();
    }

    fn take_back(&mut self, keep: usize) {
        while self.undos.len() > keep {
            if let Some(undo) = self.undos.pop() {
                self.map.undo(&undo);
            }
        }
    }

    /// The way to where a key stands or would have to, and which entry says what stands there; the entry is the
    /// caller's to read, for [`map_proof`].
    pub fn path(&self, key: &Digest) -> Option<Path> {
        self.map.path(key)
    }

    fn take_in(&mut self, next: Next<'_>, earlier: Option<&Entry>) -> Result<(), Fault> {
        let (entry, index) = (next.entry(), self.size());
        if self.now.last_at.is_some_and(|last| entry.at < last) {
            return Err(Fault::Time);
        }
        let is_first = matches!(entry.event, Event::LogCreated { .. });
        if is_first != (index == 0) {
            return Err(Fault::Beginning);
        }
        let is_awaited = matches!(
            entry.event,
            Event::Member { .. } | Event::ClaimReassigned { .. }
        );
        if self.now.coming.is_some() && !is_awaited {
            return Err(Fault::Awaited);
        }
        match &entry.event {
            Event::LogCreated { origin, keys, .. } => {
                self.now.origin.clone_from(origin);
                self.now.keys = keys.clone();
                Ok(())
            }
            Event::Member { .. } => self.change(next, earlier),
            Event::ClaimReassigned {
                charter,
                claim,
                from,
                to,
            } => self.reassign(charter, *claim, *from, *to),
            Event::KeyRotated {
                purpose,
                key,
                replaces,
                ..
            } if entry.is_rotation_signed() => self.rotate(*purpose, *key, *replaces),
            Event::KeyRotated { .. } => Err(Fault::Rotation),
            Event::KeyCompromised {
                purpose,
                key,
                replaced_by,
            } => self.compromise(*purpose, *key, *replaced_by),
            Event::State { size, map, keys } => {
                self.map.refresh();
                let is_so =
                    *size == index && *map == self.map.root() && *keys == self.now.keys.digest();
                if is_so { Ok(()) } else { Err(Fault::State) }
            }
            Event::CharterPublished { .. }
            | Event::RecordRedacted { .. }
            | Event::KeyAnnounced { .. }
            | Event::QuorumOverridden { .. }
            | Event::AuditAnchored { .. } => Ok(()),
        }
    }

    fn rotate(
        &mut self,
        purpose: Purpose,
        key: PublicKey,
        replaces: PublicKey,
    ) -> Result<(), Fault> {
        let index = self.size();
        let mut ranges = self.now.keys.ranges().to_vec();
        let is_known = ranges.iter().any(|range| range.public_key_multibase == key);
        let old = ranges.iter_mut().find(|range| {
            range.purpose == purpose
                && range.public_key_multibase == replaces
                && range.holds(index)
                && range.to.is_none()
        });
        let (Some(old), false) = (old, is_known) else {
            return Err(Fault::Rotation);
        };
        old.to = Some(index);
        ranges.push(from_here(index, purpose, key));
        self.now.keys = KeyList::new(ranges);
        Ok(())
    }

    fn compromise(
        &mut self,
        purpose: Purpose,
        key: PublicKey,
        replaced_by: Option<PublicKey>,
    ) -> Result<(), Fault> {
        let index = self.size();
        let mut ranges = self.now.keys.ranges().to_vec();
        let is_known = |wanted: &PublicKey| {
            let mut ranges = self.now.keys.ranges().iter();
            ranges.any(|range| range.public_key_multibase == *wanted)
        };
        if replaced_by.as_ref().is_some_and(is_known) {
            return Err(Fault::Compromise);
        }
        let known = ranges
            .iter_mut()
            .find(|range| range.purpose == purpose && range.public_key_multibase == key);
        let known = known.ok_or(Fault::Compromise)?;
        known.to = Some(known.to.map_or(index, |to| to.min(index)));
        ranges.extend(replaced_by.map(|key| from_here(index, purpose, key)));
        self.now.keys = KeyList::new(ranges);
        Ok(())
    }
}

/// A key that signs from this entry on.
const fn from_here(index: u64, purpose: Purpose, key: PublicKey) -> KeyRange {
    KeyRange {
        from: index,
        public_key_multibase: key,
        purpose,
        to: None,
    }
}

/// What stands at the end of a way, said by the entry that last changed it; none where that entry says nothing of it.
pub fn map_proof(path: &Path, entry: &Entry) -> Option<MapProof> {
    let (key_hash, event) = (path.leaf, path.origin.event);
    let leaf = match (&entry.event, path.origin.holder) {
        (
            Event::Member {
                charter,
                status,
                record,
                ..
            },
            Holder::Member,
        ) => Leaf::Member(MemberValue {
            charter: charter.clone(),
            event,
            key_hash,
            record: *record,
            status: *status,
        }),
        (
            Event::Member {
                charter,
                member,
                claims,
                ..
            },
            _,
        ) => Leaf::Claim(ClaimValue {
            charter: charter.clone(),
            event,
            key_hash,
            member: claims.contains(&key_hash).then_some(*member),
        }),
        (Event::ClaimReassigned { charter, to, .. }, _) => Leaf::Claim(ClaimValue {
            charter: charter.clone(),
            event,
            key_hash,
            member: Some(*to),
        }),
        _ => return None,
    };
    Some(MapProof {
        leaf: Some(leaf),
        path: path.steps.iter().copied().map(PathStep).collect(),
    })
}

#[cfg(test)]
mod tests;
