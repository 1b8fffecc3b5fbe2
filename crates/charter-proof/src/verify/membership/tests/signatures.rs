//! Keys, times and witnesses.

use chrono::{DateTime, TimeDelta, Utc};

use super::{DOMAIN, NUMBER, at, code, hours, judged, with_witnesses, world};
use crate::fixtures::world::{
    CLOCK, CLOCK_KEY, LOG_KEY, ORIGIN, World, cosign, member, policy, question, seconds,
};
use crate::fixtures::{public, secret};
use crate::note::{Kind, NoteKey};
use crate::policy::{Part, Policy, Quorum, Witness};
use crate::proof_file::ProofFile;
use crate::verify::{Standing, Word};

#[test]
fn a_key_of_another_purpose() {
    let mut world = world();
    world.record_key = LOG_KEY;
    world.include(member(2), &["LEI:NEW"]);
    assert_eq!(
        code(judged(&world.proof("LEI:NEW"), "LEI:NEW", &world)),
        "unknown_key"
    );
    // Nor does the clock's key sign for the log, or the log's for the clock.
    let mut proof = world.proof(DOMAIN);
    proof.checkpoint = bare(&world);
    proof.checkpoint.sign(ORIGIN, &secret(CLOCK_KEY));
    proof
        .checkpoint
        .cosign(CLOCK, &secret(CLOCK_KEY), seconds(world.at));
    assert_eq!(
        code(judged(&proof, DOMAIN, &world)),
        "log-signature-missing"
    );
    let mut proof = world.proof(DOMAIN);
    proof.checkpoint = world.checkpoint();
    proof
        .checkpoint
        .cosign(CLOCK, &secret(LOG_KEY), seconds(world.at));
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "clock-missing");
}

/// The checkpoint without any signature.
fn bare(world: &World) -> crate::note::Note {
    crate::note::Note::new(world.checkpoint().text().to_owned()).unwrap()
}

#[test]
fn future_and_stale_cosignatures() {
    let world = world();
    let now = world.at + TimeDelta::minutes(1);
    for (time, expected) in [
        (now + TimeDelta::seconds(31), Some("future")),
        (now + TimeDelta::seconds(30), None),
        (now - hours(3), None),
        (now - hours(3) - TimeDelta::seconds(1), Some("stale")),
        (DateTime::UNIX_EPOCH, Some("stale")),
    ] {
        let mut proof = world.proof(DOMAIN);
        proof.checkpoint = world.timed(time);
        let judged = at(&proof, &question(DOMAIN), &policy(), now);
        match expected {
            Some(expected) => assert_eq!(code(judged), expected, "{time}"),
            None if time < world.at - TimeDelta::seconds(30) => {
                assert_eq!(code(judged), "state-after-cosignature", "{time}");
            }
            None => assert_eq!(judged.unwrap().as_of, time),
        }
    }
}

#[test]
fn a_state_that_the_cosignature_could_not_know() {
    let world = world();
    let mut proof = world.proof(DOMAIN);
    for (before, accepted) in [(30, true), (31, false)] {
        proof.checkpoint = world.timed(world.at - TimeDelta::seconds(before));
        let judged = judged(&proof, DOMAIN, &world);
        if accepted {
            assert_eq!(judged.unwrap().standing, Standing::Active);
        } else {
            assert_eq!(code(judged), "state-after-cosignature");
        }
    }
}

#[test]
fn too_few_witnesses() {
    let world = world();
    let (now, one, two) = (world.at, "one.example", "two.example");
    let cosigned = |lines: &[(&str, u8, DateTime<Utc>)]| {
        let mut proof = world.proof(DOMAIN);
        for (name, seed, time) in lines {
            cosign(&mut proof.checkpoint, name, *seed, *time);
        }
        proof
    };
    let judged = |needed, lines: &[(&str, u8, DateTime<Utc>)]| {
        at(
            &cosigned(lines),
            &question(DOMAIN),
            &with_witnesses(needed),
            now,
        )
    };
    assert_eq!(code(judged(1, &[])), "too-few-witnesses");
    assert_eq!(code(judged(2, &[(one, 21, now)])), "too-few-witnesses");
    // Two keys of one witness are one witness.
    let both = [(one, 21, now), ("one.example/map", 31, now)];
    assert_eq!(code(judged(2, &both)), "too-few-witnesses");
    // One that cosigned long ago does not count, nor one of tomorrow, nor one that is not known.
    for line in [
        (one, 21, now - hours(4)),
        (one, 21, now + hours(1)),
        ("three.example", 23, now),
        (one, 24, now),
        (CLOCK, 21, now),
    ] {
        assert_eq!(code(judged(1, &[line])), "too-few-witnesses", "{line:?}");
    }
    for (needed, lines, word) in [
        (1, &[(one, 21, now)][..], Word::Registry),
        (1, &both, Word::Witnessed),
        (2, &[(one, 21, now), (two, 22, now)], Word::Registry),
        (
            2,
            &[("one.example/map", 31, now), (two, 22, now)],
            Word::Registry,
        ),
        (
            2,
            &[("one.example/map", 31, now), ("two.example/map", 32, now)],
            Word::Witnessed,
        ),
    ] {
        let verdict = judged(needed, lines).unwrap();
        assert_eq!((verdict.word, verdict.as_of), (word, now));
    }
}

#[test]
fn a_witness_of_a_policy_of_lines_recomputed_the_map_where_its_second_key_says_so() {
    let world = world();
    let now = world.at;
    let name = |name: &str, seed: u8| {
        NoteKey::new(name.to_owned(), Kind::Cosignature, public(seed)).unwrap()
    };
    let line = |key: NoteKey| Witness {
        name: key.name().to_owned(),
        log: (!key.name().ends_with("/map")).then(|| key.clone()),
        map: key.name().ends_with("/map").then_some(key),
        url: None,
    };
    let keys = [
        ("one.example", 21),
        ("one.example/map", 31),
        ("two.example", 22),
        ("two.example/map", 32),
    ];
    let policy = |quorum: Quorum| Policy {
        witnesses: keys
            .iter()
            .map(|(key, seed)| line(name(key, *seed)))
            .collect(),
        quorum,
        ..with_witnesses(0)
    };
    let firsts = |needed: usize| Quorum {
        needed,
        of: vec![Part::Witness(0), Part::Witness(2)],
    };
    for (needed, signed, told) in [
        (1, &[21][..], Some(Word::Registry)),
        (1, &[21, 31], Some(Word::Witnessed)),
        // Who recomputed it need not be who cosigned: either is enough of those that the quorum names.
        (1, &[21, 32], Some(Word::Witnessed)),
        // One's map says nothing of the other.
        (2, &[21, 22, 31], Some(Word::Registry)),
        (2, &[21, 22, 32], Some(Word::Registry)),
        (2, &[21, 22, 31, 32], Some(Word::Witnessed)),
        // The second key is no witness of its own where the quorum does not name it.
        (1, &[31], None),
        (2, &[21, 31, 32], None),
    ] {
        let mut proof = world.proof(DOMAIN);
        for (key, seed) in keys.iter().filter(|(_, seed)| signed.contains(seed)) {
            cosign(&mut proof.checkpoint, key, *seed, now);
        }
        let judged = at(&proof, &question(DOMAIN), &policy(firsts(needed)), now);
        match told {
            Some(expected) => assert_eq!(judged.unwrap().word, expected, "{signed:?}"),
            None => assert_eq!(code(judged), "too-few-witnesses", "{signed:?}"),
        }
    }
}

#[test]
fn a_fresh_witness_on_an_old_checkpoint() {
    let mut world = world();
    let old = world.proof(DOMAIN);
    world.later(hours(24));
    world.exclude(member(1), &[DOMAIN, NUMBER]);
    let mut cosigned = old;
    for (name, seed) in [("one.example/map", 31), ("two.example/map", 32)] {
        cosign(&mut cosigned.checkpoint, name, seed, world.at);
    }
    let judged = |policy: &Policy| at(&cosigned, &question(DOMAIN), policy, world.at);
    assert_eq!(code(judged(&with_witnesses(2))), "stale");
    // Only who says that witnesses alone will do is told by them, and told so.
    let alone = Policy {
        witnesses_alone: true,
        ..with_witnesses(2)
    };
    let verdict = judged(&alone).unwrap();
    assert_eq!((verdict.word, verdict.as_of), (Word::Mirrors, world.at));
}

#[test]
fn a_key_that_signs_twice() {
    let world = world();
    let again: [&dyn Fn(&mut ProofFile); 3] = [
        &|proof| proof.checkpoint.sign(ORIGIN, &secret(LOG_KEY)),
        &|proof| {
            let next = seconds(world.at) + 1;
            proof.checkpoint.cosign(CLOCK, &secret(CLOCK_KEY), next);
        },
        &|proof| {
            for _ in 0..2 {
                cosign(&mut proof.checkpoint, "one.example", 21, world.at);
            }
        },
    ];
    for again in again {
        let mut proof = world.proof(DOMAIN);
        again(&mut proof);
        let judged = at(&proof, &question(DOMAIN), &with_witnesses(0), world.at);
        assert_eq!(code(judged), "signed-twice");
    }
}

#[test]
fn a_signature_that_is_none_is_not_passed_over() {
    let world = world();
    let mut proof = world.proof(DOMAIN);
    let other = World::new().timed(world.at);
    let foreign = other.signatures()[1].clone();
    proof.checkpoint = world.checkpoint();
    proof.checkpoint.push(foreign);
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "bad-signature");
}
