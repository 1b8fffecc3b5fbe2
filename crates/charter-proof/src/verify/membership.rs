//! Who is a member now: a proof, a question, a policy and the time in, a verdict out.
//!
//! The order of the checks is that of the specification: signatures and times first, then the state entry's place in
//! the log, then the ways through its map, then the record.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::question::{Key, Question};
use super::refusal::{LeadsTo, Place, RecordPart, Refusal};
use super::verdict::{Standing, Verdict, Word};
use super::{RecordVerdict, TrustedKeys, verify_record};
use crate::canonical::{Digest, to_jcs};
use crate::entry::{Entry, Event, Status};
use crate::identity::did_of_host;
use crate::keys::{KeyList, claim_hash};
use crate::membership_map::{ClaimValue, EMPTY_ROOT, MemberValue, Step, root_of_path};
use crate::merkle::{leaf_hash, verify_inclusion};
use crate::note::{Checkpoint, Note, NoteKey, Signed, VerifyError};
use crate::policy::Policy;
use crate::proof_file::{Leaf, MapProof, ProofFile};
use crate::record::LanguageTagged;

/// How far two clocks may differ.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::seconds(30);

/// Judges a membership proof.
///
/// # Errors
///
/// Why it shows nothing: see [`Refusal`].
pub fn verify(
    proof: &[u8],
    question: &Question,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Verdict, Refusal> {
    if policy.origin != question.origin {
        return Err(Refusal::OtherPolicy {
            policy: policy.origin.clone(),
            asked: question.origin.clone(),
        });
    }
    let proof = ProofFile::parse(proof)?;
    let (checkpoint, as_of, word) = signed(&proof.checkpoint, policy, now)?;
    let state = State::of(&proof, &checkpoint)?;
    if state.at > as_of + CLOCKS_DIFFER {
        return Err(Refusal::StateAfterCosignature { at: state.at });
    }
    let found = find(&proof, question, &state)?;
    let record = match &found.member {
        Some(member) => record(&proof, question, member, &state.keys)?,
        None if proof.extra.record.is_some() => return Err(Refusal::RecordUnexpected),
        None => None,
    };
    Ok(Verdict {
        standing: found.standing,
        as_of,
        word,
        member: found.id,
        record_withheld: found.member.is_some() && record.is_none(),
        names: record.unwrap_or_default(),
        size: checkpoint.size,
        event: found.event,
    })
}

/// The checkpoint, the time at which it was the newest, and on whose word.
///
/// # Errors
///
/// Where the policy is not satisfied.
pub fn signed(
    note: &Note,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<(Checkpoint, DateTime<Utc>, Word), Refusal> {
    let checkpoint: Checkpoint = note.text().parse().map_err(|_| Refusal::Checkpoint)?;
    if checkpoint.origin != policy.origin {
        return Err(Refusal::WrongOrigin {
            found: checkpoint.origin,
            asked: policy.origin.clone(),
        });
    }
    // All of them: a key that is known and signed badly, or twice, is not passed over.
    let mut by_log = false;
    for key in &policy.log_keys {
        by_log |= said(key, note)?.is_some();
    }
    if !by_log {
        return Err(Refusal::LogSignatureMissing);
    }
    let mut clock = None;
    for key in &policy.clock_keys {
        clock = clock.max(said(key, note)?.and_then(time));
    }
    let earliest = now - policy.max_age;
    let is_recent = |at: DateTime<Utc>| at >= earliest && at <= now + CLOCKS_DIFFER;
    let (mut cosigned, mut recomputed, mut times) = (Vec::new(), Vec::new(), Vec::new());
    let mut maps = Vec::new();
    for witness in &policy.witnesses {
        let mut at = |key: &Option<NoteKey>| -> Result<bool, Refusal> {
            let said = key.as_ref().map(|key| said(key, note)).transpose()?;
            let at = said.flatten().and_then(time).filter(|at| is_recent(*at));
            times.extend(at);
            Ok(at.is_some())
        };
        let (log, map) = (at(&witness.log)?, at(&witness.map)?);
        cosigned.push(log || map);
        recomputed.push(map);
        maps.extend(witness.map.as_ref().filter(|_| map).map(NoteKey::name));
    }
    // A policy of lines has a witness for each key: `<name>/map` speaks for `<name>`.
    for (witness, recomputed) in policy.witnesses.iter().zip(&mut recomputed) {
        let speaks = |log: &NoteKey| {
            maps.iter()
                .any(|map| map.strip_suffix("/map") == Some(log.name()))
        };
        *recomputed |= witness.log.as_ref().is_some_and(speaks);
    }
    let there = |of: &[bool], place: usize| of.get(place).copied().unwrap_or_default();
    let is_cosigned = policy.quorum.is_met(&|place| there(&cosigned, place));
    let is_recomputed =
        policy.quorum.needed > 0 && policy.quorum.is_met(&|place| there(&recomputed, place));
    let by_clock = match clock {
        None => Err(Refusal::ClockMissing),
        Some(at) if at > now + CLOCKS_DIFFER => Err(Refusal::Future { at }),
        Some(at) if at < earliest => Err(Refusal::Stale { at }),
        Some(at) => Ok(at),
    };
    let (as_of, word) = match (by_clock, times.iter().min()) {
        (Ok(at), _) if is_recomputed => (at, Word::Witnessed),
        (Ok(at), _) => (at, Word::Registry),
        (Err(_), Some(oldest)) if policy.witnesses_alone && is_cosigned => (*oldest, Word::Mirrors),
        (Err(refusal), _) => return Err(refusal),
    };
    if !is_cosigned {
        return Err(Refusal::TooFewWitnesses);
    }
    Ok((checkpoint, as_of, word))
}

/// What a key of the policy says; nothing where it did not sign.
fn said(key: &NoteKey, note: &Note) -> Result<Option<Signed>, Refusal> {
    match key.verify(note) {
        Ok(signed) => Ok(Some(signed)),
        Err(VerifyError::Missing) => Ok(None),
        Err(VerifyError::Twice) => Err(Refusal::SignedTwice(key.name().to_owned())),
        Err(VerifyError::Signature) => Err(Refusal::BadSignature(key.name().to_owned())),
    }
}

fn time(signed: Signed) -> Option<DateTime<Utc>> {
    match signed {
        Signed::Text => None,
        Signed::At(seconds) => DateTime::from_timestamp(i64::try_from(seconds).ok()?, 0),
    }
}

/// What the last entry says everything comes to.
struct State {
    at: DateTime<Utc>,
    index: u64,
    map: Digest,
    keys: KeyList,
}

impl State {
    fn of(proof: &ProofFile, checkpoint: &Checkpoint) -> Result<Self, Refusal> {
        let (index, size) = (proof.index, checkpoint.size);
        if index.checked_add(1) != Some(size) {
            return Err(Refusal::NotTheLastEntry { index, size });
        }
        // The file was canonical, so these are the entry's bytes.
        let bytes = to_jcs(&proof.extra.state).map_err(|_| Refusal::NotAState)?;
        let entry = Entry::parse(&bytes).map_err(Refusal::Entry)?;
        let Event::State {
            size: says,
            map,
            keys,
        } = entry.event
        else {
            return Err(Refusal::NotAState);
        };
        if says != index {
            return Err(Refusal::StateMisplaced { says, index });
        }
        verify_inclusion(
            &leaf_hash(&bytes),
            index,
            size,
            &proof.path,
            &checkpoint.root,
        )
        .map_err(|_| Refusal::Inclusion)?;
        if proof.extra.keys.digest() != keys {
            return Err(Refusal::KeyList);
        }
        Ok(Self {
            at: entry.at,
            index,
            map,
            keys: proof.extra.keys.clone(),
        })
    }
}

/// What the map says of the question.
struct Found {
    standing: Standing,
    id: Option<Uuid>,
    member: Option<MemberValue>,
    event: Option<u64>,
}

fn find(proof: &ProofFile, question: &Question, state: &State) -> Result<Found, Refusal> {
    let (claim, membership) = (&proof.extra.claim, &proof.extra.membership);
    let asked = question.key_hash();
    let id = match (&question.key, claim) {
        (Key::Member(id), None) => *id,
        (Key::Member(_), Some(_)) => return Err(Refusal::OtherQuestion(Place::Claim)),
        (Key::Claim(_), None) => return Err(Refusal::OtherQuestion(Place::Member)),
        (Key::Claim(_), Some(claim)) => {
            let value = match leaf(claim, &asked, state, Place::Claim)? {
                Some(Leaf::Claim(value)) if value.charter == question.charter => Some(value),
                Some(_) => return Err(Refusal::WrongLeaf(Place::Claim)),
                None => None,
            };
            match (value, membership) {
                (
                    Some(ClaimValue {
                        member: Some(holder),
                        ..
                    }),
                    _,
                ) => holder,
                (_, Some(_)) => return Err(Refusal::Membership(LeadsTo::Nobody)),
                (released, None) => return Ok(Found::nobody(released)),
            }
        }
    };
    let shows_otherwise = Refusal::Membership(LeadsTo::Member);
    let membership = membership.as_ref().ok_or(shows_otherwise)?;
    let asked = claim_hash(&question.charter, &Key::Member(id).canonical());
    match leaf(membership, &asked, state, Place::Member)? {
        Some(Leaf::Member(value)) if value.charter == question.charter => Ok(Found {
            standing: value.status.into(),
            id: Some(id),
            event: Some(value.event),
            member: Some(value),
        }),
        Some(_) => Err(Refusal::WrongLeaf(Place::Member)),
        None if claim.is_some() => Err(Refusal::MapInconsistent),
        None => Ok(Found::nobody(None)),
    }
}

impl Found {
    /// A claim that leads to no member: released, or never anybody's.
    fn nobody(released: Option<ClaimValue>) -> Self {
        let event = released.map(|claim| claim.event);
        Self {
            standing: event.map_or(Standing::Never, |_| Standing::Released),
            id: None,
            member: None,
            event,
        }
    }
}

/// The leaf of the asked key; none where the way shows that the map has none.
fn leaf(
    proof: &MapProof,
    asked: &Digest,
    state: &State,
    place: Place,
) -> Result<Option<Leaf>, Refusal> {
    let Some(leaf) = &proof.leaf else {
        return if proof.path.is_empty() && state.map == EMPTY_ROOT {
            Ok(None)
        } else {
            Err(Refusal::MapRoot(place))
        };
    };
    let steps: Vec<Step> = proof.path.iter().map(|step| step.0).collect();
    let root = root_of_path(asked, (&leaf.key_hash(), leaf.hash()), &steps)
        .map_err(|source| Refusal::MapPath { place, source })?;
    if root != state.map {
        return Err(Refusal::MapRoot(place));
    }
    if leaf.event() >= state.index {
        return Err(Refusal::WrongLeaf(place));
    }
    Ok((leaf.key_hash() == *asked).then(|| leaf.clone()))
}

/// The names in the member's record; none where it may be withheld and is.
fn record(
    proof: &ProofFile,
    question: &Question,
    member: &MemberValue,
    keys: &KeyList,
) -> Result<Option<Vec<LanguageTagged>>, Refusal> {
    let Some(record) = &proof.extra.record else {
        return match member.status {
            Status::Excluded | Status::Withdrawn => Ok(None),
            Status::Active | Status::Suspended => Err(Refusal::RecordMissing),
        };
    };
    let bytes = to_jcs(record).map_err(|_| Refusal::RecordDigest)?;
    if Digest::of(&bytes) != member.record {
        return Err(Refusal::RecordDigest);
    }
    let host = question.origin.strip_suffix("/log");
    let did = did_of_host(host.unwrap_or(&question.origin));
    let trusted = TrustedKeys::from_key_list(&did, keys.clone());
    let said = match verify_record(&bytes, &trusted, Some(member.event)) {
        RecordVerdict::Authentic(said) => said,
        RecordVerdict::Refused(reasons) => {
            let first = reasons.into_iter().next();
            return Err(first.map_or(Refusal::RecordDigest, |reason| {
                Refusal::Record(Box::new(reason))
            }));
        }
        RecordVerdict::PositionUnknown { .. } => return Err(Refusal::RecordDigest),
    };
    let member_key = claim_hash(&question.charter, &Key::Member(said.member).canonical());
    if member_key != member.key_hash {
        return Err(Refusal::RecordMismatch(RecordPart::Member));
    }
    if said.charter != question.charter {
        return Err(Refusal::RecordMismatch(RecordPart::Charter));
    }
    if said.resulting_status != member.status {
        return Err(Refusal::RecordMismatch(RecordPart::Status));
    }
    if let Key::Claim(key) = &question.key
        && !said.keys.contains(key)
    {
        return Err(Refusal::RecordMismatch(RecordPart::Key));
    }
    Ok(Some(said.names))
}

#[cfg(test)]
mod tests;
