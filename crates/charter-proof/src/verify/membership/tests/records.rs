//! Records that are not the ones that the map names, or not authentic.

use super::{DOMAIN, NUMBER, code, judged, standing, world};
use crate::entry::{Entry, Event, MemberEventKind as Change, Status};
use crate::fixtures::world::{CHARTER, member};
use crate::fixtures::{public, secret};
use crate::keys::{Purpose, claim_hash};
use crate::verify::{RecordPart, Refusal, Standing};

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
