//! Proofs of another time or another log.

use serde_json::Value;

use super::{DOMAIN, NUMBER, code, hours, judged, of_member, standing, world};
use crate::fixtures::secret;
use crate::fixtures::world::{CLOCK, CLOCK_KEY, LOG_KEY, ORIGIN, member, seconds};
use crate::proof_file::ProofFile;
use crate::verify::Standing;

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
