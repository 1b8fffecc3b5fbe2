use chrono::TimeDelta;
use proptest::prelude::*;

use super::{Fault, Replay, Thawing};
use crate::canonical::Digest;
use crate::entry::{Entry, Event, MemberEventKind as Kind, Status};
use crate::fixtures::world::{CHARTER, World, member};
use crate::fixtures::{public, secret};
use crate::keys::{Purpose, claim_hash};

const DOMAIN: &str = "domain:school.example";
const NUMBER: &str = "RU-OGRN:1022800000000";

fn fault(result: Result<u64, super::Broken>) -> String {
    let broken = result.unwrap_err();
    let text = format!("{:?}", broken.fault);
    text.split(['(', ' ']).next().unwrap().to_owned()
}

fn reassigned(key: &str, from: u128, to: u128) -> Event {
    Event::ClaimReassigned {
        charter: CHARTER.to_owned(),
        claim: claim_hash(CHARTER, key),
        from: member(from),
        to: member(to),
    }
}

#[test]
fn claims_are_held_by_one_member_and_dropped_by_few_kinds_of_change() {
    let mut world = World::new();
    world.include(member(1), &[DOMAIN, NUMBER]);
    let newcomer = world.try_change(Kind::Included, member(2), Status::Active, &[DOMAIN]);
    assert_eq!(fault(newcomer), "ClaimHeld");
    for (kind, status) in [
        (Kind::Suspended, Status::Suspended),
        (Kind::Excluded, Status::Excluded),
        (Kind::Withdrew, Status::Withdrawn),
    ] {
        for keys in [&[DOMAIN][..], &[DOMAIN, NUMBER, "LEI:X"]] {
            let refused = world.try_change(kind, member(1), status, keys);
            assert_eq!(fault(refused), "ClaimsChanged", "{kind} {keys:?}");
        }
    }
    world.change(Kind::Amended, member(1), Status::Active, &[NUMBER]);
    // What was released is anybody's.
    world.include(member(2), &[DOMAIN]);
    world.exclude(member(1), &[NUMBER]);
    // What a former member held is its own.
    let newcomer = world.try_change(Kind::Included, member(3), Status::Active, &[NUMBER]);
    assert_eq!(fault(newcomer), "ClaimHeld");
    world.change(Kind::Readmitted, member(1), Status::Active, &["LEI:X"]);
    world.include(member(3), &[NUMBER]);
}

#[test]
fn a_claim_is_reassigned_immediately_before_its_new_holders_entry() {
    let mut world = World::new();
    world.include(member(1), &[DOMAIN, NUMBER]);
    world.exclude(member(1), &[DOMAIN, NUMBER]);
    world.include(member(2), &["LEI:X"]);
    let before = world.clone();
    let wrong = [
        reassigned(DOMAIN, 2, 1),
        reassigned(DOMAIN, 1, 1),
        reassigned("domain:other.example", 1, 2),
        reassigned(DOMAIN, 9, 2),
    ];
    for event in wrong {
        assert_eq!(fault(world.try_event(event)), "NotTheHolder");
    }
    world.event(reassigned(DOMAIN, 1, 3));
    // Nothing but the new holder's own entry may follow, and it must name the key.
    let state = world.replay.state(world.at);
    assert_eq!(fault(world.try_entry(&state)), "Awaited");
    let other = world.try_change(Kind::Amended, member(2), Status::Active, &["LEI:X"]);
    assert_eq!(fault(other), "Awaited");
    assert_eq!(fault(world.try_event(reassigned(NUMBER, 1, 2))), "Awaited");
    let without = world.try_change(Kind::Included, member(3), Status::Active, &["LEI:Y"]);
    assert_eq!(fault(without), "Awaited");
    world.event(reassigned(NUMBER, 1, 3));
    world.include(member(3), &[DOMAIN, NUMBER]);
    // The former holder has nothing left, and says so.
    let still = world.try_change(Kind::Readmitted, member(1), Status::Active, &[DOMAIN]);
    assert_eq!(fault(still), "ClaimHeld");
    world.change(Kind::Readmitted, member(1), Status::Active, &["LEI:Z"]);
    world.change(
        Kind::Suspended,
        member(3),
        Status::Suspended,
        &[DOMAIN, NUMBER],
    );

    // The same to a member that was there, which keeps what it held.
    let mut world = before;
    world.event(reassigned(DOMAIN, 1, 2));
    world.change(Kind::Amended, member(2), Status::Active, &[DOMAIN, "LEI:X"]);
    world.exclude(member(2), &[DOMAIN, "LEI:X"]);
}

#[test]
fn a_change_follows_from_what_the_member_was() {
    let mut world = World::new();
    let unknown = world.try_change(Kind::Excluded, member(1), Status::Excluded, &[]);
    assert_eq!(fault(unknown), "Transition");
    world.include(member(1), &[]);
    for (kind, status) in [
        (Kind::Included, Status::Active),
        (Kind::Readmitted, Status::Active),
        (Kind::Reinstated, Status::Active),
        (Kind::Amended, Status::Suspended),
        (Kind::Excluded, Status::Active),
    ] {
        let refused = world.try_change(kind, member(1), status, &[]);
        assert_eq!(fault(refused), "Transition", "{kind} → {status}");
    }
}

#[test]
fn a_log_begins_once_goes_on_in_time_and_says_what_it_comes_to() {
    let mut world = World::new();
    let Event::LogCreated { origin, keys, .. } = world.entry(0).event else {
        unreachable!()
    };
    let again = Event::LogCreated {
        origin,
        keys: keys.clone(),
        previous: None,
    };
    assert_eq!(fault(world.try_event(again)), "Beginning");
    let anchored = Entry {
        at: world.at,
        event: Event::AuditAnchored {
            head: Digest::of(b""),
        },
    };
    let first = Replay::default().push(&anchored, &anchored.to_bytes().unwrap(), None, |_| ());
    assert!(matches!(first.unwrap_err().fault, Fault::Beginning));
    let at = world.at - TimeDelta::seconds(1);
    assert_eq!(fault(world.try_entry(&Entry { at, ..anchored })), "Time");
    let (size, map, keys) = (
        world.replay.size(),
        world.replay.map().root(),
        keys.digest(),
    );
    for event in [
        Event::State {
            size: size - 1,
            map,
            keys,
        },
        Event::State {
            size,
            map: Digest::of(b""),
            keys,
        },
        Event::State {
            size,
            map,
            keys: Digest::of(b""),
        },
    ] {
        assert_eq!(fault(world.try_event(event)), "State");
    }
    world.event(Event::State { size, map, keys });
}

#[test]
fn keys_change_from_their_entry_on() {
    let mut world = World::new();
    let at = world.at;
    let rotation = Entry::rotation(at, Purpose::Record, &secret(1), &secret(11));
    let index = world.try_entry(&rotation).unwrap();
    let keys = world.replay.keys().clone();
    assert_eq!(
        keys.find(Purpose::Record, &public(1)).unwrap().to,
        Some(index)
    );
    assert_eq!(
        keys.covering(Purpose::Record, index)
            .unwrap()
            .public_key_multibase,
        public(11)
    );
    // Not once more, not back, not of a key with another purpose.
    for (purpose, old, new) in [
        (Purpose::Record, 1, 12),
        (Purpose::Record, 11, 1),
        (Purpose::Record, 11, 3),
        (Purpose::Log, 11, 12),
    ] {
        let rotation = Entry::rotation(at, purpose, &secret(old), &secret(new));
        assert_eq!(fault(world.try_entry(&rotation)), "Rotation");
    }
    let mut unsigned = Entry::rotation(at, Purpose::Record, &secret(11), &secret(12));
    if let Event::KeyRotated { proofs, .. } = &mut unsigned.event {
        proofs.old = proofs.new;
    }
    assert_eq!(fault(world.try_entry(&unsigned)), "Rotation");

    let compromised = |key, replaced_by| Event::KeyCompromised {
        purpose: Purpose::Record,
        key: public(key),
        replaced_by,
    };
    for (key, replaced_by) in [(7, None), (2, None), (11, Some(public(1)))] {
        assert_eq!(
            fault(world.try_event(compromised(key, replaced_by))),
            "Compromise"
        );
    }
    let index = world.event(compromised(11, Some(public(13))));
    let keys = world.replay.keys();
    assert_eq!(
        keys.find(Purpose::Record, &public(11)).unwrap().to,
        Some(index)
    );
    assert_eq!(keys.find(Purpose::Record, &public(13)).unwrap().from, index);
    // A key that was retired before stays so.
    world.event(compromised(1, None));
    assert!(
        world
            .replay
            .keys()
            .find(Purpose::Record, &public(1))
            .unwrap()
            .to
            < Some(index)
    );
}

proptest! {
    /// Random changes, most of them refused: what is refused leaves nothing behind, and what is rolled back neither.
    #[test]
    fn what_is_refused_or_rolled_back_leaves_nothing_behind(
        steps in prop::collection::vec((0..7_usize, 0..3_u128, 0..4_usize, any::<bool>()), 1..40),
    ) {
        let statuses = [
            Status::Active, Status::Active, Status::Suspended, Status::Active,
            Status::Excluded, Status::Withdrawn, Status::Active,
        ];
        let keys: [&[&str]; 4] = [&[], &[DOMAIN], &[NUMBER], &[DOMAIN, NUMBER]];
        let mut world = World::new();
        for (kind, who, held, rolls_back) in steps {
            let summary = |world: &World| {
                let replay = &world.replay;
                (replay.size(), replay.root(), replay.map().root(), replay.map().len())
            };
            let before = summary(&world);
            let (stored, held) = (world.entries.len(), keys[held]);
            let took = world.try_change(Kind::ALL[kind], member(who), statuses[kind], held);
            if took.is_err() {
                prop_assert_eq!(summary(&world), before);
            } else if rolls_back {
                world.replay.roll_back();
                world.entries.truncate(stored);
                prop_assert_eq!(summary(&world), before);
            } else {
                world.close();
            }
        }
        // The log as it stands is one that anybody can replay.
        let mut again = Replay::default();
        for bytes in &world.entries {
            let entry = Entry::parse(bytes).unwrap();
            let earlier = again.needs(&entry).map(|index| world.entry(index));
            again.push(&entry, bytes, earlier.as_ref(), |_| ()).unwrap();
        }
        prop_assert_eq!(again.root(), world.replay.root());
        // What is written down is read again, and goes on the same way.
        let mut bytes = Vec::new();
        world.replay.freeze(0, &[], &mut bytes).unwrap();
        let thawed = |mut bytes: &[u8]| {
            let mut thawing = Thawing::default();
            thawing.read(&mut bytes).and_then(|()| thawing.finish())
        };
        let mut again = thawed(&bytes).unwrap();
        let at = again.last_at().unwrap();
        prop_assert_eq!(again.state(at), world.replay.state(at));
        prop_assert_eq!(again.root(), world.replay.root());
        for key in [DOMAIN, NUMBER] {
            let key = claim_hash(CHARTER, key);
            prop_assert_eq!(again.path(&key), world.replay.path(&key));
        }
        for length in (0..bytes.len()).step_by(17) {
            prop_assert!(thawed(&bytes[..length]).is_err());
        }
    }
}
