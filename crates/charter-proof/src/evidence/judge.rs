//! Whether a file shows what it says it shows.

use chrono::{DateTime, Utc};

use super::{Bytes, CLOCKS_APART, Claim, Evidence, LONGEST_EVIDENCE, Lists, Stated, VERSION};
use crate::audit::{Audit, Bad};
use crate::canonical::{Digest, StrictJsonError, parse_strict, to_jcs};
use crate::entry::{Entry, Event, MemberEventKind, Status};
use crate::identity::did_of_host;
use crate::keys::KeyList;
use crate::merkle::{Frontier, leaf_hash, verify_consistency, verify_inclusion};
use crate::note::{Checkpoint, Note, Signed};
use crate::policy::Policy;
use crate::replay::{Broken, Replay};
use crate::status_list::{ENTRIES, StatusPurpose, verify_status_list};
use crate::verify::TrustedKeys;

/// How many memberships have a place in one status list.
const PLACES: u64 = 65_536;

/// What the file shows: the registry signed it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Shown {
    /// Two logs.
    #[error(
        "the registry signed two logs: the one of {newer} entries does not continue the one of {older}"
    )]
    Fork {
        /// The size of the newer one.
        newer: u64,
        /// The size of the older one.
        older: u64,
    },
    /// A log that shrank.
    #[error(
        "the registry said that {later} entries were its newest, long after it had signed {earlier}"
    )]
    Shrunken {
        /// How many there were.
        earlier: u64,
        /// How many there were later.
        later: u64,
    },
    /// An entry that is none.
    #[error("the registry signed a log whose entry {index} is none: {what}")]
    Entry {
        /// Its index.
        index: u64,
        /// What is wrong with it.
        what: String,
    },
    /// A record that is none.
    #[error("the registry signed a log that names a record which is none of it: {0}")]
    Record(#[source] Bad),
    /// A log that breaks its rules.
    #[error("the registry signed a log that breaks its rules: {0}")]
    Log(#[source] Broken),
    /// A log whose checkpoint does not end with a state.
    #[error("the registry signed a checkpoint of {0} entries whose last one is no state")]
    NoState(u64),
    /// A log of another registry.
    #[error("the registry signed the log of {0} under its own name")]
    Origin(String),
    /// Status lists of another log.
    #[error(
        "the registry signed status lists that {purpose} {listed} credentials, and its log says {logged}"
    )]
    StatusLists {
        /// What their bits mean.
        purpose: &'static str,
        /// How many bits are set.
        listed: u64,
        /// How many memberships the log says it of.
        logged: u64,
    },
}

/// Why the file shows nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotShown {
    /// It is longer than any is.
    #[error("the file is longer than evidence ever is")]
    TooLong,
    /// Not strict JSON.
    #[error("the file is not valid JSON: {0}")]
    Json(#[from] StrictJsonError),
    /// Fields missing, unknown or of the wrong type.
    #[error("the file does not have the form of evidence: {0}")]
    Fields(#[from] serde_json::Error),
    /// Another spelling than the one.
    #[error("the file is not the canonical JSON of what it says")]
    NotCanonical,
    /// Another version.
    #[error("the file's version (v) is not {VERSION}; a newer verifier may know it")]
    Version,
    /// It is about another registry.
    #[error("the file is about {found}, and the keys given are those of {trusted}")]
    OtherOrigin {
        /// Whom it is about.
        found: String,
        /// Whose keys were given.
        trusted: String,
    },
    /// No trusted key signed something.
    #[error("the {0} is not signed by a key that is trusted")]
    NotSigned(&'static str),
    /// What is shown does not belong to what was signed.
    #[error("the {0} is not bound to what the registry signed")]
    NotBound(&'static str),
    /// Everything is in order.
    #[error("what the file holds does not contradict itself")]
    NoContradiction,
}

/// Judges an evidence file by keys that the caller trusts.
///
/// # Errors
///
/// Why it shows nothing.
pub fn verify_evidence(bytes: &[u8], policy: &Policy) -> Result<Shown, NotShown> {
    if bytes.len() > LONGEST_EVIDENCE {
        return Err(NotShown::TooLong);
    }
    let value = parse_strict(bytes)?;
    let file: Evidence = serde_json::from_value(value)?;
    if to_jcs(&file).ok().as_deref() != Some(bytes) {
        return Err(NotShown::NotCanonical);
    }
    if file.v != VERSION {
        return Err(NotShown::Version);
    }
    if file.origin != policy.origin {
        return Err(NotShown::OtherOrigin {
            found: file.origin,
            trusted: policy.origin.clone(),
        });
    }
    let judge = Judge { policy };
    match &file.what {
        Claim::Fork {
            newer,
            older,
            path,
            root,
        } => judge.fork(newer, older, path, root.as_ref()),
        Claim::Shrunken { earlier, later } => judge.shrunken(earlier, later),
        Claim::Entry {
            checkpoint,
            entry,
            index,
            path,
        } => judge.entry(checkpoint, entry, *index, path),
        Claim::Record {
            checkpoint,
            entry,
            index,
            path,
            record,
            stated,
        } => judge.record(checkpoint, (entry, *index, path), record, stated),
        Claim::Log {
            checkpoint,
            entries,
            path,
        } => judge.log(checkpoint, entries, path),
        Claim::StatusLists {
            checkpoint,
            entries,
            lists,
        } => judge.status_lists(checkpoint, entries, lists),
    }
}

struct Judge<'p> {
    policy: &'p Policy,
}

impl Judge<'_> {
    /// The checkpoint of a note that a log key signed.
    fn signed(&self, note: &str) -> Result<(Checkpoint, Note), NotShown> {
        let unsigned = || NotShown::NotSigned("checkpoint");
        let note: Note = note.parse().map_err(|_| unsigned())?;
        let checkpoint: Checkpoint = note.text().parse().map_err(|_| unsigned())?;
        let mut keys = self.policy.log_keys.iter();
        let is_signed = keys.any(|key| key.verify(&note) == Ok(Signed::Text));
        if is_signed && checkpoint.origin == self.policy.origin {
            Ok((checkpoint, note))
        } else {
            Err(unsigned())
        }
    }

    /// When the registry's clock said that a checkpoint was the newest, in seconds since 1970.
    fn time(&self, note: &Note) -> Result<u64, NotShown> {
        let mut keys = self.policy.clock_keys.iter();
        let time = keys.find_map(|key| match key.verify(note) {
            Ok(Signed::At(time)) => Some(time),
            _ => None,
        });
        time.ok_or(NotShown::NotSigned("time of a checkpoint"))
    }

    fn fork(
        &self,
        newer: &str,
        older: &str,
        path: &[Digest],
        root: Option<&Digest>,
    ) -> Result<Shown, NotShown> {
        let ((newer, _), (older, _)) = (self.signed(newer)?, self.signed(older)?);
        // Of trees of one size there is nothing to prove.
        let held = root.unwrap_or(&newer.root);
        let bound = verify_consistency(older.size, held, newer.size, &newer.root, path);
        bound.map_err(|_| NotShown::NotBound("older root"))?;
        if *held == older.root {
            return Err(NotShown::NoContradiction);
        }
        Ok(Shown::Fork {
            newer: newer.size,
            older: older.size,
        })
    }

    fn shrunken(&self, earlier: &str, later: &str) -> Result<Shown, NotShown> {
        let ((larger, first), (smaller, second)) = (self.signed(earlier)?, self.signed(later)?);
        let (first, second) = (self.time(&first)?, self.time(&second)?);
        let is_long_after = second > first.saturating_add(CLOCKS_APART);
        if smaller.size < larger.size && is_long_after {
            Ok(Shown::Shrunken {
                earlier: larger.size,
                later: smaller.size,
            })
        } else {
            Err(NotShown::NoContradiction)
        }
    }

    fn entry(
        &self,
        checkpoint: &str,
        Bytes(entry): &Bytes,
        index: u64,
        path: &[Digest],
    ) -> Result<Shown, NotShown> {
        let (checkpoint, _) = self.signed(checkpoint)?;
        included(&checkpoint, entry, index, path)?;
        let what = match Entry::parse(entry) {
            Err(error) => error.to_string(),
            Ok(entry) => match &entry.event {
                Event::KeyRotated { .. } if !entry.is_rotation_signed() => {
                    "the rotation is not signed by both keys".to_owned()
                }
                Event::State { size, .. } if *size != index => {
                    "the state is of another size".to_owned()
                }
                event if matches!(event, Event::LogCreated { .. }) != (index == 0) => {
                    "log.created is the first entry, and no other".to_owned()
                }
                event if index + 1 == checkpoint.size && !matches!(event, Event::State { .. }) => {
                    return Ok(Shown::NoState(checkpoint.size));
                }
                _ => return Err(NotShown::NoContradiction),
            },
        };
        Ok(Shown::Entry { index, what })
    }

    fn record(
        &self,
        checkpoint: &str,
        (Bytes(entry), index, path): (&Bytes, u64, &[Digest]),
        Bytes(record): &Bytes,
        stated: &Stated,
    ) -> Result<Shown, NotShown> {
        let (checkpoint, _) = self.signed(checkpoint)?;
        included(&checkpoint, entry, index, path)?;
        let unbound = NotShown::NotBound("record");
        let Ok(entry) = Entry::parse(entry) else {
            return Err(unbound);
        };
        match &entry.event {
            Event::Member { record: named, .. } if *named == Digest::of(record) => {}
            _ => return Err(unbound),
        }
        let keys = self.keys(&checkpoint, stated)?;
        // One signature needs no coefficient that nobody foresees.
        let mut audit = Audit::new(&keys, [0; 32]);
        let pushed = audit.push(index, &entry, record);
        match pushed.and_then(|()| audit.finish().map(drop)) {
            Err(bad) => Ok(Shown::Record(bad)),
            Ok(()) => Err(NotShown::NoContradiction),
        }
    }

    /// The keys that the last entry of a checkpoint states.
    fn keys(&self, checkpoint: &Checkpoint, stated: &Stated) -> Result<TrustedKeys, NotShown> {
        let unbound = NotShown::NotBound("key list");
        let Bytes(state) = &stated.state;
        let Some(last) = checkpoint.size.checked_sub(1) else {
            return Err(unbound);
        };
        included(checkpoint, state, last, &stated.path)?;
        match Entry::parse(state).map(|entry| entry.event) {
            Ok(Event::State { keys, .. }) if keys == stated.keys.digest() => {
                Ok(self.trusted(stated.keys.clone()))
            }
            _ => Err(unbound),
        }
    }

    fn trusted(&self, list: KeyList) -> TrustedKeys {
        let origin = &self.policy.origin;
        let host = origin.strip_suffix("/log").unwrap_or(origin);
        TrustedKeys::from_key_list(&did_of_host(host), list)
    }

    fn log(&self, checkpoint: &str, entries: &[Bytes], path: &[Digest]) -> Result<Shown, NotShown> {
        let (checkpoint, _) = self.signed(checkpoint)?;
        let (size, root) = tree(entries);
        let bound = verify_consistency(size, &root, checkpoint.size, &checkpoint.root, path);
        if bound.is_err() || entries.is_empty() {
            return Err(NotShown::NotBound("log"));
        }
        let replay = match replayed(entries) {
            Err(broken) => return Ok(Shown::Log(broken)),
            Ok(replay) => replay,
        };
        if replay.origin() != self.policy.origin {
            return Ok(Shown::Origin(replay.origin().to_owned()));
        }
        if size == checkpoint.size && !replay.ends_with_state() {
            return Ok(Shown::NoState(size));
        }
        Err(NotShown::NoContradiction)
    }

    fn status_lists(
        &self,
        checkpoint: &str,
        entries: &[Bytes],
        lists: &[Lists],
    ) -> Result<Shown, NotShown> {
        let (checkpoint, note) = self.signed(checkpoint)?;
        let until = self.time(&note)?;
        if tree(entries) != (checkpoint.size, checkpoint.root) {
            return Err(NotShown::NotBound("log"));
        }
        let replay = replayed(entries).map_err(|_| NotShown::NotBound("log"))?;
        let keys = self.trusted(replay.keys().clone());
        let Summed {
            revoked,
            suspended,
            since,
            last,
        } = Summed::of(lists, &keys)?;
        // Those of the same second may be of the change after it.
        let is_before = u64::try_from(last.timestamp()).is_ok_and(|last| last < until);
        if !is_before {
            return Err(NotShown::NotBound("status list"));
        }
        let ended = Ended::count(entries, None);
        let shown = |purpose, listed, logged| Shown::StatusLists {
            purpose,
            listed,
            logged,
        };
        if revoked > ended.endings {
            return Ok(shown("revoke", revoked, ended.endings));
        }
        // Registries of before there were lists gave those members no places.
        let has_places = ended.is_stated_from_the_start;
        let is_all = ended.places.div_ceil(PLACES) == u64::try_from(lists.len()).unwrap_or(0);
        let before = Ended::count(entries, Some(since));
        if has_places && is_all && revoked < before.endings {
            return Ok(shown("revoke", revoked, before.endings));
        }
        if suspended > ended.suspensions {
            return Ok(shown("suspend", suspended, ended.suspensions));
        }
        Err(NotShown::NoContradiction)
    }
}

fn included(
    checkpoint: &Checkpoint,
    entry: &[u8],
    index: u64,
    path: &[Digest],
) -> Result<(), NotShown> {
    let (size, root) = (checkpoint.size, &checkpoint.root);
    verify_inclusion(&leaf_hash(entry), index, size, path, root)
        .map_err(|_| NotShown::NotBound("entry"))
}

fn tree(entries: &[Bytes]) -> (u64, Digest) {
    let mut tree = Frontier::default();
    for Bytes(entry) in entries {
        tree.push(leaf_hash(entry), |_| {});
    }
    (tree.size(), tree.root())
}

fn replayed(entries: &[Bytes]) -> Result<Replay, Broken> {
    let mut replay = Replay::default();
    for Bytes(bytes) in entries {
        let index = replay.size();
        let next = Entry::parse(bytes).map_err(|error| Broken {
            index,
            fault: error.into(),
        })?;
        let earlier = replay.needs(&next).and_then(|needed| {
            let Bytes(earlier) = entries.get(usize::try_from(needed).ok()?)?;
            Entry::parse(earlier).ok()
        });
        replay.push(&next, bytes, earlier.as_ref(), |_| {})?;
        replay.settle();
    }
    Ok(replay)
}

/// What status lists say, taken together.
struct Summed {
    /// How many places are revoked.
    revoked: u64,
    /// How many are suspended and not revoked.
    suspended: u64,
    /// When the first and the last of them were signed.
    since: DateTime<Utc>,
    last: DateTime<Utc>,
}

impl Summed {
    fn of(lists: &[Lists], keys: &TrustedKeys) -> Result<Self, NotShown> {
        let unsigned = || NotShown::NotSigned("status list");
        let mut sum: Option<Self> = None;
        for (number, lists) in (1..).zip(lists) {
            let read = |Bytes(bytes): &Bytes, purpose: StatusPurpose| {
                let (from, _) = validity(bytes).ok_or_else(unsigned)?;
                let list = verify_status_list(bytes, keys, from).map_err(|_| unsigned())?;
                let is_it = list.purpose == purpose && list.number == number;
                is_it.then_some(list).ok_or_else(unsigned)
            };
            let revocation = read(&lists.revocation, StatusPurpose::Revocation)?;
            let suspension = read(&lists.suspension, StatusPurpose::Suspension)?;
            let (mut revoked, mut suspended) = (0, 0);
            for index in 0..ENTRIES {
                let is_revoked = revocation.bits.get(index) == Some(true);
                revoked += u64::from(is_revoked);
                suspended += u64::from(!is_revoked && suspension.bits.get(index) == Some(true));
            }
            let from = revocation.valid_from.min(suspension.valid_from);
            let to = revocation.valid_from.max(suspension.valid_from);
            let before = sum.get_or_insert(Self {
                revoked: 0,
                suspended: 0,
                since: from,
                last: to,
            });
            before.revoked += revoked;
            before.suspended += suspended;
            before.since = before.since.min(from);
            before.last = before.last.max(to);
        }
        sum.ok_or_else(unsigned)
    }
}

/// From when until when a document says that it is valid.
fn validity(bytes: &[u8]) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let document = parse_strict(bytes).ok()?;
    let at = |name: &str| document.get(name)?.as_str()?.parse().ok();
    Some((at("validFrom")?, at("validUntil")?))
}

/// What a log says of its members as a whole.
#[derive(Default)]
struct Ended {
    /// How often a membership ended.
    endings: u64,
    /// How often one was suspended.
    suspensions: u64,
    /// How often one began, or began again.
    places: u64,
    /// Whether the second entry is a state, as that of every log is that was begun since there are lists.
    is_stated_from_the_start: bool,
}

impl Ended {
    /// Counts the entries up to a time.
    fn count(entries: &[Bytes], until: Option<DateTime<Utc>>) -> Self {
        let mut counted = Self::default();
        for (index, Bytes(bytes)) in entries.iter().enumerate() {
            let Ok(entry) = Entry::parse(bytes) else {
                break;
            };
            if until.is_some_and(|until| entry.at > until) {
                break;
            }
            match entry.event {
                Event::State { .. } if index == 1 => counted.is_stated_from_the_start = true,
                Event::Member { kind, status, .. } => {
                    counted.endings +=
                        u64::from(matches!(status, Status::Excluded | Status::Withdrawn));
                    counted.suspensions += u64::from(kind == MemberEventKind::Suspended);
                    counted.places += u64::from(matches!(
                        kind,
                        MemberEventKind::Included | MemberEventKind::Readmitted
                    ));
                }
                _ => {}
            }
        }
        counted
    }
}
