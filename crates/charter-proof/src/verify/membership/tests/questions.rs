//! Proofs of other questions, and ways through the map that lead astray.

use super::{DOMAIN, NUMBER, at, code, judged, of_member, standing, world};
use crate::entry::{Event, MemberEventKind as Change, Status};
use crate::fixtures::world::{CHARTER, World, member, policy, question};
use crate::keys::claim_hash;
use crate::proof_file::MapProof;
use crate::verify::{Question, RecordPart, Refusal, Standing};

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
