//! What an attacker could hand to a verifier, one test for each, verdict and reason exact.

mod bytes;
mod log;
mod questions;
mod records;
mod signatures;

use chrono::{DateTime, TimeDelta, Utc};

use super::{Refusal, Standing, Verdict, Word, verify};
use crate::fixtures::world::{World, member, note_key, policy, question};
use crate::note::Kind;
use crate::policy::{Policy, Quorum, Witness};
use crate::proof_file::ProofFile;
use crate::verify::Question;

const DOMAIN: &str = "domain:school.example";

const NUMBER: &str = "RU-OGRN:1022800000000";

fn hours(count: i64) -> TimeDelta {
    TimeDelta::hours(count)
}

/// Judged a minute after the world's time, by the registry's own keys.
fn judged(proof: &ProofFile, key: &str, world: &World) -> Result<Verdict, Refusal> {
    at(
        proof,
        &question(key),
        &policy(),
        world.at + TimeDelta::minutes(1),
    )
}

fn at(
    proof: &ProofFile,
    question: &Question,
    policy: &Policy,
    now: DateTime<Utc>,
) -> Result<Verdict, Refusal> {
    verify(proof.to_text().unwrap().as_bytes(), question, policy, now)
}

fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> String {
    match result {
        Ok(verdict) => panic!("accepted: {verdict:?}"),
        Err(Refusal::Record(reason)) => reason.code().to_owned(),
        Err(refusal) => refusal.code().to_owned(),
    }
}

fn standing(world: &World, key: &str) -> Standing {
    judged(&world.proof(key), key, world).unwrap().standing
}

/// A member with a domain and a number, and others around it.
fn world() -> World {
    let mut world = World::new();
    for number in 10..20 {
        let domain = format!("domain:{number}.example");
        world.include(member(number), &[&domain]);
    }
    world.later(hours(1));
    world.include(member(1), &[DOMAIN, NUMBER]);
    world
}

fn of_member(number: u128) -> String {
    format!("member:{}", member(number))
}

#[test]
fn a_member_is_found_by_each_of_its_keys_and_a_stranger_by_none() {
    let world = world();
    for key in [DOMAIN, NUMBER, &of_member(1)] {
        let verdict = judged(&world.proof(key), key, &world).unwrap();
        assert_eq!(verdict.standing, Standing::Active);
        assert_eq!(verdict.member, Some(member(1)));
        assert_eq!(verdict.names[0].value, format!("School {}", member(1)));
        assert_eq!((verdict.as_of, verdict.word), (world.at, Word::Registry));
        assert_eq!(verdict.size, world.replay.size());
        assert!(!verdict.record_withheld);
    }
    for key in ["domain:nobody.example", "LEI:NOBODY", &of_member(99)] {
        let verdict = judged(&world.proof(key), key, &world).unwrap();
        assert_eq!((verdict.standing, verdict.member), (Standing::Never, None));
    }
    let empty = World::new();
    assert_eq!(standing(&empty, DOMAIN), Standing::Never);
    assert_eq!(standing(&empty, &of_member(1)), Standing::Never);
}

/// A policy with two witnesses, of whom so many must be there.
fn with_witnesses(needed: usize) -> Policy {
    let witness = |name: &str, seed| Witness {
        name: name.to_owned(),
        log: Some(note_key(name, Kind::Cosignature, seed)),
        map: Some(note_key(
            &format!("{name}/map"),
            Kind::Cosignature,
            seed + 10,
        )),
        url: None,
    };
    Policy {
        witnesses: vec![witness("one.example", 21), witness("two.example", 22)],
        quorum: Quorum::of_all(needed, 2),
        ..policy()
    }
}
