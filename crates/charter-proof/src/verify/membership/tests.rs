//! What an attacker could hand to a verifier, one test for each, verdict and reason exact.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::{Refusal, Standing, Verdict, Word, verify};
use crate::entry::{Entry, Event, MemberEventKind as Change, Status};
use crate::fixtures::world::{
    CHARTER, CLOCK, CLOCK_KEY, LOG_KEY, ORIGIN, World, cosign, member, note_key, policy, question,
    seconds,
};
use crate::fixtures::{public, secret};
use crate::keys::{Purpose, claim_hash};
use crate::note::Kind;
use crate::policy::{Policy, Quorum, Witness};
use crate::proof_file::{MapProof, ProofFile};
use crate::verify::{Question, RecordPart};

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

#[test]
fn yesterdays_proof_after_exclusion() {
    let mut world = world();
    let old = world.proof(DOMAIN);
    world.later(hours(24));
    world.exclude(member(1), &[DOMAIN, NUMBER]);
    assert_eq!(code(judged(&old, DOMAIN, &world)), "stale");
    assert_eq!(standing(&world, DOMAIN), Standing::Excluded);
    assert_eq!(standing(&world, &of_member(1)), Standing::Excluded);
}

#[test]
fn yesterdays_state_entry_in_todays_checkpoint() {
    let mut world = world();
    let old = world.proof(DOMAIN);
    world.later(hours(24));
    world.exclude(member(1), &[DOMAIN, NUMBER]);
    let today = world.proof(DOMAIN);
    // The old entry is in today's tree, and its way to the root is a true one.
    let mut forged = ProofFile {
        path: crate::merkle::inclusion_proof(&world, old.index, world.replay.size()).unwrap(),
        checkpoint: today.checkpoint.clone(),
        ..old
    };
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "not-the-last-entry");
    forged.index = today.index;
    forged.path = today.path;
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "state-misplaced");
    forged.extra.state["size"] = today.index.into();
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "not-included");
}

#[test]
fn a_proof_that_answers_another_question() {
    let world = world();
    let other = "domain:10.example";
    let proof = world.proof(DOMAIN);
    assert_eq!(code(judged(&proof, other, &world)), "malformed-map-path");
    assert_eq!(
        code(judged(&proof, &of_member(1), &world)),
        "other-question"
    );
    let proof = world.proof(&of_member(1));
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "other-question");
    assert_eq!(
        code(judged(&proof, &of_member(10), &world)),
        "malformed-map-path"
    );

    let now = world.at;
    let elsewhere = Question {
        charter: "another".to_owned(),
        ..question(DOMAIN)
    };
    let refused = code(at(&world.proof(DOMAIN), &elsewhere, &policy(), now));
    assert!(["malformed-map-path", "wrong-map-root"].contains(&refused.as_str()));
    let verdict = at(
        &world.proof_in("another", DOMAIN),
        &elsewhere,
        &policy(),
        now,
    )
    .unwrap();
    assert_eq!(verdict.standing, Standing::Never);

    let registry = Question {
        origin: "other.example/log".to_owned(),
        ..question(DOMAIN)
    };
    let proof = world.proof(DOMAIN);
    assert_eq!(code(at(&proof, &registry, &policy(), now)), "other-policy");
    let mut theirs = policy();
    theirs.origin = "other.example/log".to_owned();
    assert_eq!(code(at(&proof, &registry, &theirs, now)), "wrong-origin");
}

#[test]
fn a_claim_of_one_member_with_the_membership_of_another() {
    let mut world = world();
    world.exclude(member(1), &[DOMAIN, NUMBER]);
    let mut forged = world.proof(DOMAIN);
    let living = world.proof(&of_member(10));
    forged.extra.membership = living.extra.membership;
    forged.extra.record = living.extra.record;
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "malformed-map-path");
    // Nor the claim's own leaf in the place of the member's.
    let mut forged = world.proof(DOMAIN);
    forged.extra.membership.clone_from(&forged.extra.claim);
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "malformed-map-path");
    // Nor no way at all.
    forged.extra.membership = None;
    forged.extra.record = None;
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "wrong-membership");
}

#[test]
fn a_released_key() {
    let mut world = world();
    let before = world.proof(DOMAIN);
    world.change(Change::Amended, member(1), Status::Active, &[NUMBER]);
    let verdict = judged(&world.proof(DOMAIN), DOMAIN, &world).unwrap();
    assert_eq!(
        (verdict.standing, verdict.member),
        (Standing::Released, None)
    );
    assert_eq!(standing(&world, NUMBER), Standing::Active);
    let mut forged = world.proof(DOMAIN);
    forged.extra.membership = before.extra.membership;
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "wrong-membership");
}

#[test]
fn a_key_an_excluded_member_held_claimed_by_a_newcomer() {
    let mut world = world();
    world.exclude(member(1), &[DOMAIN, NUMBER]);
    let taken = world.try_change(Change::Included, member(2), Status::Active, &[DOMAIN]);
    assert!(taken.is_err());
    let verdict = judged(&world.proof(DOMAIN), DOMAIN, &world).unwrap();
    assert_eq!(
        (verdict.standing, verdict.member),
        (Standing::Excluded, Some(member(1)))
    );

    // By a decision it is the newcomer's, and the former member is what it was.
    world.event(Event::ClaimReassigned {
        charter: CHARTER.to_owned(),
        claim: claim_hash(CHARTER, DOMAIN),
        from: member(1),
        to: member(2),
    });
    world.include(member(2), &[DOMAIN]);
    let verdict = judged(&world.proof(DOMAIN), DOMAIN, &world).unwrap();
    assert_eq!(
        (verdict.standing, verdict.member),
        (Standing::Active, Some(member(2)))
    );
    assert_eq!(standing(&world, &of_member(1)), Standing::Excluded);
}

#[test]
fn a_key_of_a_suspended_member() {
    let mut world = world();
    world.change(
        Change::Suspended,
        member(1),
        Status::Suspended,
        &[DOMAIN, NUMBER],
    );
    assert_eq!(standing(&world, DOMAIN), Standing::Suspended);
}

#[test]
fn an_amended_domain_then_exclusion() {
    let mut world = world();
    let new = "domain:new.example";
    world.change(Change::Amended, member(1), Status::Active, &[new, NUMBER]);
    world.exclude(member(1), &[new, NUMBER]);
    assert_eq!(standing(&world, DOMAIN), Standing::Released);
    assert_eq!(standing(&world, new), Standing::Excluded);
}

#[test]
fn a_record_of_another_member_or_charter_behind_the_digest() {
    let base = world();
    for what in [RecordPart::Member, RecordPart::Charter, RecordPart::Status] {
        let mut world = base.clone();
        let mut record = world.record(Change::Amended, member(1), Status::Active, &[DOMAIN]);
        match what {
            RecordPart::Member => record.member = member(10),
            RecordPart::Charter => "another".clone_into(&mut record.charter.slug),
            _ => record.resulting_status = Status::Suspended,
        }
        let event = world.signed(record, &[]);
        let Event::Member { record, .. } = event else {
            unreachable!()
        };
        let mut claims = [DOMAIN, NUMBER]
            .map(|key| claim_hash(CHARTER, key))
            .to_vec();
        claims.sort_unstable();
        world.event(Event::Member {
            kind: Change::Amended,
            charter: CHARTER.to_owned(),
            member: member(1),
            status: Status::Active,
            record,
            claims,
        });
        world.close();
        let refusal = judged(&world.proof(DOMAIN), DOMAIN, &world).unwrap_err();
        assert!(
            matches!(refusal, Refusal::RecordMismatch(found) if found == what),
            "{what}: {refusal:?}"
        );
    }
}

#[test]
fn another_record_than_the_one_the_map_names() {
    let mut world = world();
    let before = world.proof(DOMAIN);
    world.change(
        Change::Amended,
        member(1),
        Status::Active,
        &[DOMAIN, NUMBER],
    );
    let mut forged = world.proof(DOMAIN);
    forged.extra.record.clone_from(&before.extra.record);
    assert_eq!(code(judged(&forged, DOMAIN, &world)), "wrong-record");
    let mut forged = world.proof("domain:nobody.example");
    forged.extra.record = before.extra.record;
    assert_eq!(
        code(judged(&forged, "domain:nobody.example", &world)),
        "record-unexpected"
    );
}

#[test]
fn a_retired_key_signing_anew() {
    let mut world = world();
    let rotation = Entry::rotation(world.at, Purpose::Record, &secret(1), &secret(11));
    world.try_entry(&rotation).unwrap();
    world.close();
    // What it signed in its time stays good.
    assert_eq!(standing(&world, DOMAIN), Standing::Active);
    world.change(
        Change::Amended,
        member(1),
        Status::Active,
        &[DOMAIN, NUMBER],
    );
    assert_eq!(
        code(judged(&world.proof(DOMAIN), DOMAIN, &world)),
        "key_out_of_range"
    );
    world.record_key = 11;
    world.change(
        Change::Amended,
        member(1),
        Status::Active,
        &[DOMAIN, NUMBER],
    );
    assert_eq!(standing(&world, DOMAIN), Standing::Active);
}

#[test]
fn a_compromised_key_before_and_after() {
    let mut world = world();
    world.event(Event::KeyCompromised {
        purpose: Purpose::Record,
        key: public(1),
        replaced_by: Some(public(11)),
    });
    world.close();
    assert_eq!(standing(&world, DOMAIN), Standing::Active);
    world.include(member(2), &["LEI:NEW"]);
    assert_eq!(
        code(judged(&world.proof("LEI:NEW"), "LEI:NEW", &world)),
        "key_out_of_range"
    );
}

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
fn wrong_origin() {
    let world = world();
    let mut proof = world.proof(DOMAIN);
    let text = proof.checkpoint.text().replace(ORIGIN, "other.example/log");
    proof.checkpoint = crate::note::Note::new(text).unwrap();
    proof.checkpoint.sign(ORIGIN, &secret(LOG_KEY));
    proof
        .checkpoint
        .cosign(CLOCK, &secret(CLOCK_KEY), seconds(world.at));
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "wrong-origin");
}

#[test]
fn index_other_than_size_minus_one() {
    let world = world();
    let good = world.proof(DOMAIN);
    for index in [0, good.index - 1, good.index + 1, u64::MAX] {
        let mut proof = good.clone();
        proof.index = index;
        assert_eq!(
            code(judged(&proof, DOMAIN, &world)),
            "not-the-last-entry",
            "{index}"
        );
    }
    let mut proof = good;
    proof.path.pop();
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "not-included");
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
    };
    Policy {
        witnesses: vec![witness("one.example", 21), witness("two.example", 22)],
        quorum: Quorum::of_all(needed, 2),
        ..policy()
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

#[test]
fn map_paths_that_are_none() {
    let world = world();
    let good = world.proof(DOMAIN);
    let altered = |alter: &dyn Fn(&mut MapProof)| {
        let mut proof = good.clone();
        alter(proof.extra.claim.as_mut().unwrap());
        code(judged(&proof, DOMAIN, &world))
    };
    assert_eq!(altered(&|way| way.path.reverse()), "malformed-map-path");
    assert_eq!(
        altered(&|way| {
            let first = way.path[0];
            way.path.insert(0, first);
        }),
        "malformed-map-path"
    );
    let shorter: &dyn Fn(&mut MapProof) = &|way| way.path.truncate(1);
    assert_eq!(altered(shorter), "wrong-map-root");
    let wrong_side = world.proof("domain:11.example").extra.claim.unwrap();
    assert_eq!(
        altered(&|way| way.clone_from(&wrong_side)),
        "malformed-map-path"
    );
    // A map that is said to be empty, and is not.
    let empty = MapProof {
        leaf: None,
        path: Vec::new(),
    };
    assert_eq!(altered(&|way| way.clone_from(&empty)), "wrong-map-root");
    assert_eq!(altered(&|way| way.leaf = None), "wrong-map-root");
    let mut nothing = World::new().proof(DOMAIN);
    nothing.extra.claim.as_mut().unwrap().path = good.extra.claim.clone().unwrap().path;
    assert_eq!(
        code(judged(&nothing, DOMAIN, &World::new())),
        "wrong-map-root"
    );
    // The absent stays absent, and nobody's absence is proven by another's leaf.
    let absent = world.proof("domain:nobody.example").extra.claim.unwrap();
    let refused = altered(&|way| way.clone_from(&absent));
    assert!(
        ["malformed-map-path", "wrong-map-root"].contains(&refused.as_str()),
        "{refused}"
    );
}

#[test]
fn another_key_list() {
    let world = world();
    let mut proof = world.proof(DOMAIN);
    proof.extra.keys = crate::keys::KeyList::new(Vec::new());
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "wrong-key-list");
    let mut proof = world.proof(DOMAIN);
    let last = world.entries.len() - 2;
    proof.extra.state = serde_json::from_slice(&world.entries[last]).unwrap();
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "not-a-state");
    proof.extra.state = Value::Null;
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "malformed-state");
}

#[test]
fn a_stripped_record() {
    let mut world = world();
    let mut proof = world.proof(DOMAIN);
    proof.extra.record = None;
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "record-missing");
    world.change(
        Change::Suspended,
        member(1),
        Status::Suspended,
        &[DOMAIN, NUMBER],
    );
    let mut proof = world.proof(DOMAIN);
    proof.extra.record = None;
    assert_eq!(code(judged(&proof, DOMAIN, &world)), "record-missing");
    world.exclude(member(1), &[DOMAIN, NUMBER]);
    let mut proof = world.proof(DOMAIN);
    proof.extra.record = None;
    let verdict = judged(&proof, DOMAIN, &world).unwrap();
    assert_eq!(verdict.standing, Standing::Excluded);
    assert!(verdict.record_withheld && verdict.names.is_empty());
}

#[test]
fn a_claim_taken_without_reassignment() {
    let mut world = world();
    let taken = world.try_change(Change::Included, member(2), Status::Active, &[DOMAIN]);
    assert!(
        taken
            .unwrap_err()
            .to_string()
            .contains("another member holds")
    );
    // Nor does an entry that names a claim give it, where the record does not name the key.
    let record = world.record(Change::Included, member(2), Status::Active, &[]);
    let event = world.signed(record, &["domain:quiet.example"]);
    world.event(event);
    world.close();
    let key = "domain:quiet.example";
    let refusal = judged(&world.proof(key), key, &world).unwrap_err();
    assert!(matches!(refusal, Refusal::RecordMismatch(RecordPart::Key)));
}

#[test]
fn json_with_two_readings_and_sloppy_base64() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    let world = world();
    let good = world.proof(DOMAIN).to_text().unwrap();
    let judged = |text: &str| {
        let judged = verify(text.as_bytes(), &question(DOMAIN), &policy(), world.at);
        assert_eq!(code(judged), "malformed-proof", "{text}");
    };
    let (head, rest) = good.split_once("extra ").unwrap();
    let (extra, rest) = rest.split_once('\n').unwrap();
    let json = String::from_utf8(STANDARD.decode(extra).unwrap()).unwrap();
    for (from, to) in [
        ("{\"claim\"", "{\"claim\":null,\"claim\""),
        ("},\"v\":1}", "},\"v\":1,\"v\":1}"),
        ("},\"v\":1}", "},\"v\":1,\"w\":1}"),
        ("},\"v\":1}", "},\"v\":2}"),
        ("},\"v\":1}", "},\"v\":1} "),
        ("{\"claim\"", "{ \"claim\""),
        ("\"record\":{", "\"record\": {"),
        ("\"to\":null", "\"to\":null,\"until\":null"),
        ("\"path\":[[", "\"path\":[[ "),
    ] {
        let altered = json.replacen(from, to, 1);
        assert_ne!(altered, json, "{from}");
        judged(&format!("{head}extra {}\n{rest}", STANDARD.encode(altered)));
    }
    // The last character of a hash of 32 bytes has two bits that mean nothing: they must be zero.
    let hash = rest.lines().nth(1).unwrap();
    let place = hash.len() - 2;
    let last = hash.as_bytes()[place];
    let sloppy = format!("{}{}=", &hash[..place], char::from(last + 1));
    judged(&good.replacen(hash, &sloppy, 1));
    judged(&good.replacen(hash, hash.trim_end_matches('='), 1));
    for (from, to) in [
        ("\n", "\r\n"),
        ("index ", "index 0"),
        ("index ", "index +"),
        ("@v1", "@v2"),
        ("extra ", "extra  "),
    ] {
        let altered = good.replacen(from, to, 1);
        assert_ne!(altered, good);
        judged(&altered);
    }
    judged(&format!("{good}\n"));
    judged(&format!("\u{feff}{good}"));
    let early = good.replacen("\n\n", "\n\n\n", 1);
    let refused = verify(early.as_bytes(), &question(DOMAIN), &policy(), world.at);
    assert_eq!(code(refused), "malformed-checkpoint");
}

#[test]
fn truncation_at_every_byte() {
    let world = world();
    let good = world.proof(DOMAIN).to_text().unwrap();
    for end in 0..good.len() {
        let judged = verify(
            &good.as_bytes()[..end],
            &question(DOMAIN),
            &policy(),
            world.at,
        );
        // Where the end falls between two signature lines, only the log's is there.
        assert!(
            matches!(judged, Err(Refusal::File(_) | Refusal::ClockMissing)),
            "{end}: {judged:?}"
        );
    }
}

/// Every bit of a proof, turned: refused, or the same answer on the same or a weaker word.
#[test]
fn every_single_bit_flip() {
    let mut world = world();
    world.change(
        Change::Suspended,
        member(1),
        Status::Suspended,
        &[DOMAIN, NUMBER],
    );
    let policy = with_witnesses(1);
    let mut proof = world.proof(DOMAIN);
    cosign(&mut proof.checkpoint, "one.example", 21, world.at);
    cosign(&mut proof.checkpoint, "one.example/map", 31, world.at);
    let good = proof.to_text().unwrap().into_bytes();
    let question = question(DOMAIN);
    let judge = |bytes: &[u8]| verify(bytes, &question, &policy, world.at);
    let true_one = judge(&good).unwrap();
    assert_eq!(true_one.word, Word::Witnessed);
    let (mut refused, mut weaker) = (0, 0);
    for bit in 0..8 * good.len() {
        let mut flipped = good.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        match judge(&flipped) {
            Err(_) => refused += 1,
            Ok(verdict) => {
                assert!(verdict.word >= true_one.word, "bit {bit}");
                let same = Verdict {
                    word: true_one.word,
                    ..verdict
                };
                assert_eq!(same, true_one, "bit {bit}");
                weaker += 1;
            }
        }
    }
    assert_eq!(refused + weaker, 8 * good.len());
    // A witness's line that is nobody's any more weakens the word, and nothing else is passed over.
    assert!(weaker > 0 && weaker < 8 * 400, "{weaker}");
}
