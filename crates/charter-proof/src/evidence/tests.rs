use chrono::TimeDelta;

use super::{Bytes, Claim, Evidence, NotShown, Shown, Stated, verify_evidence};
use crate::entry::{Entry, Event, MemberEventKind, Status};
use crate::fixtures::secret;
use crate::fixtures::world::{CLOCK, LOG_KEY, ORIGIN, World, cosign, member, policy};
use crate::merkle::{consistency_proof, inclusion_proof};
use crate::note::{Checkpoint, Note};

const KEY: &[&str] = &["domain:school.example"];

fn judged(what: Claim) -> Result<Shown, NotShown> {
    let bytes = Evidence::new(ORIGIN.to_owned(), what).to_bytes();
    verify_evidence(&bytes, &policy())
}

fn world() -> World {
    let mut world = World::new();
    world.include(member(1), KEY);
    world
}

fn size(world: &World) -> u64 {
    world.replay.size()
}

fn path(world: &World, index: u64) -> Vec<crate::canonical::Digest> {
    inclusion_proof(world, index, size(world)).unwrap()
}

fn all(world: &World) -> Vec<Bytes> {
    world.entries.iter().cloned().map(Bytes).collect()
}

fn stated(world: &World) -> Stated {
    Stated {
        keys: world.replay.keys().clone(),
        path: path(world, size(world) - 1),
        state: Bytes(world.entries.last().unwrap().clone()),
    }
}

/// A checkpoint of entries that no honest registry appends.
fn forced(entries: &[Bytes]) -> String {
    let mut tree = crate::merkle::Frontier::default();
    for Bytes(entry) in entries {
        tree.push(crate::merkle::leaf_hash(entry), |_| {});
    }
    let checkpoint = Checkpoint {
        origin: ORIGIN.to_owned(),
        size: tree.size(),
        root: tree.root(),
    };
    let mut note = Note::unsigned(&checkpoint);
    note.sign(ORIGIN, &secret(LOG_KEY));
    note.to_string()
}

#[test]
fn two_logs_are_shown_by_two_checkpoints_and_one_log_never_is() {
    let (mut one, mut other) = (world(), world());
    let older = one.checkpoint().to_string();
    one.exclude(member(1), KEY);
    other.later(TimeDelta::minutes(1));
    other.include(member(2), &["domain:other.example"]);
    let fork = |newer: &World, older: &World| {
        let (old, new) = (size(older), size(newer));
        let is_same = old == new;
        Claim::Fork {
            newer: newer.checkpoint().to_string(),
            older: older.checkpoint().to_string(),
            path: if is_same {
                Vec::new()
            } else {
                consistency_proof(newer, old, new).unwrap()
            },
            root: (!is_same).then(|| crate::merkle::root(newer, old).unwrap()),
        }
    };
    assert!(matches!(judged(fork(&one, &other)), Ok(Shown::Fork { .. })));
    let mut longer = other.clone();
    longer.exclude(member(2), &["domain:other.example"]);
    assert!(matches!(
        judged(fork(&longer, &one)),
        Ok(Shown::Fork { .. })
    ));
    assert!(matches!(
        judged(fork(&longer, &other)),
        Err(NotShown::NoContradiction)
    ));
    // A root that is not the newer one's shows nothing.
    let Claim::Fork { newer, path, .. } = fork(&longer, &one) else {
        unreachable!()
    };
    let root = Some(one.replay.root());
    let forged = Claim::Fork {
        newer,
        older,
        path,
        root,
    };
    assert!(matches!(judged(forged), Err(NotShown::NotBound(_))));
}

#[test]
fn a_log_shrank_if_its_clock_said_so_long_after_and_not_within_what_clocks_differ() {
    let mut world = world();
    let small = world.clone();
    world.exclude(member(1), KEY);
    let larger = world.timed(world.at).to_string();
    let later = |minutes| {
        let mut note = Note::unsigned(&Checkpoint {
            origin: ORIGIN.to_owned(),
            size: size(&small),
            root: small.replay.root(),
        });
        note.sign(ORIGIN, &secret(LOG_KEY));
        cosign(&mut note, CLOCK, 3, world.at + TimeDelta::minutes(minutes));
        note.to_string()
    };
    let claim = |minutes| Claim::Shrunken {
        earlier: larger.clone(),
        later: later(minutes),
    };
    assert!(matches!(judged(claim(11)), Ok(Shown::Shrunken { .. })));
    assert!(matches!(judged(claim(9)), Err(NotShown::NoContradiction)));
}

#[test]
fn a_record_that_says_another_thing_than_its_entry_is_shown_and_a_good_one_is_not() {
    let world = world();
    let index = 2;
    let entry = world.entries[2].clone();
    let Event::Member { record, .. } = Entry::parse(&entry).unwrap().event else {
        panic!()
    };
    let document = world.records[&record].clone();
    let claim = |world: &World, entry: &[u8]| Claim::Record {
        checkpoint: world.checkpoint().to_string(),
        entry: Bytes(entry.to_vec()),
        index,
        path: path(world, index),
        record: Bytes(document.clone()),
        stated: stated(world),
    };
    assert!(matches!(
        judged(claim(&world, &entry)),
        Err(NotShown::NoContradiction)
    ));
    // The same record behind another member's entry.
    let mut lying = World::new();
    lying.event(Event::Member {
        kind: MemberEventKind::Included,
        charter: crate::fixtures::world::CHARTER.to_owned(),
        member: member(9),
        status: Status::Active,
        record,
        claims: Vec::new(),
    });
    lying.close();
    let entry = lying.entries[2].clone();
    assert!(matches!(
        judged(claim(&lying, &entry)),
        Ok(Shown::Record(_))
    ));
}

#[test]
fn a_wrong_map_and_a_broken_rule_are_shown_by_the_entries_up_to_them() {
    let honest = world();
    let claim = |entries: Vec<Bytes>| Claim::Log {
        checkpoint: forced(&entries),
        entries,
        path: Vec::new(),
    };
    let at = honest.at;
    let mut wrong = all(&honest);
    let keys = honest.replay.keys().digest();
    let event = Event::State {
        size: 4,
        map: keys,
        keys,
    };
    wrong.push(Bytes(Entry { at, event }.to_bytes().unwrap()));
    assert!(matches!(judged(claim(wrong)), Ok(Shown::Log(_))));
    let mut unclosed = all(&honest);
    unclosed.pop();
    assert!(matches!(judged(claim(unclosed)), Ok(Shown::NoState(3))));
    assert!(matches!(
        judged(claim(all(&honest))),
        Err(NotShown::NoContradiction)
    ));
    let mut nothing = all(&honest);
    nothing.push(Bytes(b"nothing".to_vec()));
    let checkpoint = forced(&nothing);
    assert!(matches!(judged(claim(nothing)), Ok(Shown::Log(_))));
    // Entries that the checkpoint does not have show nothing of it.
    let other = Claim::Log {
        checkpoint,
        entries: all(&honest),
        path: Vec::new(),
    };
    assert!(matches!(judged(other), Err(NotShown::NotBound(_))));
}

#[test]
fn a_file_of_another_registry_or_in_another_spelling_shows_nothing() {
    let what = Claim::Shrunken {
        earlier: String::new(),
        later: String::new(),
    };
    let foreign = Evidence::new("other.example/log".to_owned(), what.clone()).to_bytes();
    let judged = verify_evidence(&foreign, &policy());
    assert!(matches!(judged, Err(NotShown::OtherOrigin { .. })));
    let mut spaced = Evidence::new(ORIGIN.to_owned(), what.clone()).to_bytes();
    spaced.push(b'\n');
    assert!(matches!(
        verify_evidence(&spaced, &policy()),
        Err(NotShown::NotCanonical)
    ));
    assert!(matches!(
        super::tests::judged(what),
        Err(NotShown::NotSigned(_))
    ));
}
