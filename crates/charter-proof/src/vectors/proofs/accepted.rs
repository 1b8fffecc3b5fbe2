//! What is shown, and on whose word.

use super::{Cases, asked};
use crate::fixtures::world::{World, cosign};
use crate::vectors::story::{DOMAIN, GIVEN_UP, NUMBER, PASSED_ON, of_member};
use crate::verify::Question;

pub(super) fn add(cases: &mut Cases, world: &World) {
    by_the_registry(cases, world);
    by_witnesses(cases, world);
}

fn by_the_registry(cases: &mut Cases, world: &World) {
    for (name, key) in [
        ("a member by its domain", DOMAIN.to_owned()),
        ("a member by its number", NUMBER.to_owned()),
        ("a member by its id", of_member(1)),
        ("who left", "domain:2.example".to_owned()),
        ("an excluded member by its id", of_member(3)),
        ("a key that went to another member", PASSED_ON.to_owned()),
        ("a suspended member", "domain:5.example".to_owned()),
        (
            "an excluded member whose record was removed",
            "domain:6.example".to_owned(),
        ),
        ("a key that was given up", GIVEN_UP.to_owned()),
        ("a stranger's domain", "domain:nobody.example".to_owned()),
        ("a stranger's number", "LEI:NOBODY".to_owned()),
        ("no member's id", of_member(99)),
        (
            "a record of the newest key",
            "LEI:529900T8BM49AURSDO55".to_owned(),
        ),
    ] {
        cases.judge(name, &world.proof(&key), &key);
    }
    cases.judge_by(
        "registry.tlog-policy",
        "by a policy of lines",
        &world.proof(DOMAIN),
        DOMAIN,
    );
    let another = Question {
        charter: "another".to_owned(),
        ..asked(DOMAIN)
    };
    let proof = world.proof_in("another", DOMAIN).to_text().unwrap();
    cases.judge_bytes(
        "registry.json",
        "a charter without members",
        proof.into_bytes(),
        &another,
    );
    let (now, empty) = (cases.now, World::new());
    cases.now = empty.at;
    cases.judge("the empty map by a domain", &empty.proof(DOMAIN), DOMAIN);
    cases.judge(
        "the empty map by an id",
        &empty.proof(&of_member(1)),
        &of_member(1),
    );
    cases.now = now;
}

fn by_witnesses(cases: &mut Cases, world: &World) {
    let signed = |lines: &[(&str, u8)]| {
        let mut proof = world.proof(DOMAIN);
        for (name, seed) in lines {
            cosign(&mut proof.checkpoint, name, *seed, world.at);
        }
        proof
    };
    let (one, one_map) = (("one.example", 21), ("one.example/map", 31));
    let (two, two_map) = (("two.example", 22), ("two.example/map", 32));
    for (policy, name, lines) in [
        ("one-witness.json", "no witness", &[][..]),
        ("one-witness.json", "a witness of the log", &[one]),
        ("one-witness.json", "a witness of the map", &[one_map]),
        (
            "two-witnesses.json",
            "two keys of one witness",
            &[one, one_map],
        ),
        (
            "two-witnesses.json",
            "one witness of the map and one of the log",
            &[one_map, two],
        ),
        (
            "two-witnesses.json",
            "two witnesses of the map",
            &[one_map, two_map],
        ),
        (
            "two-witnesses.tlog-policy",
            "two witnesses by lines",
            &[one_map, two_map],
        ),
        (
            "two-witnesses.tlog-policy",
            "one witness by lines",
            &[one_map],
        ),
        (
            "one-witness.json",
            "a witness that signs twice",
            &[one, one],
        ),
        (
            "one-witness.json",
            "a witness nobody knows",
            &[("three.example", 23)],
        ),
    ] {
        cases.judge_by(policy, name, &signed(lines), DOMAIN);
    }
    let mut alone = world.proof(DOMAIN);
    alone.checkpoint = world.checkpoint();
    for (name, seed) in [one_map, two_map] {
        cosign(&mut alone.checkpoint, name, seed, world.at);
    }
    cases.judge_by("witnesses-alone.json", "witnesses alone", &alone, DOMAIN);
    cases.judge_by(
        "two-witnesses.json",
        "witnesses alone where they will not do",
        &alone,
        DOMAIN,
    );
}
