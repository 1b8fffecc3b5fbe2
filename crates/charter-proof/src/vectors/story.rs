//! A log in which everything happens once.

use chrono::TimeDelta;
use serde_json::Value;

use crate::canonical::{Digest, parse_strict};
use crate::entry::{Entry, Event, MemberEventKind as Change, Status};
use crate::fixtures::world::{CHARTER, World, member};
use crate::fixtures::{public, secret};
use crate::keys::{Purpose, claim_hash};

pub(super) const DOMAIN: &str = "domain:school.example";
pub(super) const NUMBER: &str = "RU-OGRN:1022800000000";
pub(super) const GIVEN_UP: &str = "domain:old.example";
pub(super) const PASSED_ON: &str = "domain:3.example";

/// Of which member the newest record was removed.
pub(super) const REDACTED: u128 = 6;

pub(super) fn of_member(number: u128) -> String {
    format!("member:{}", member(number))
}

/// Three members with a domain each, and one with a domain and a number: a day before the rest.
pub(super) fn yesterday() -> World {
    let mut world = World::new();
    world.event(Event::CharterPublished {
        charter: CHARTER.to_owned(),
        version: 1,
        digest: Digest::of(b"charter"),
    });
    for number in [2, 3, 5, REDACTED] {
        let domain = format!("domain:{number}.example");
        world.include(member(number), &[&domain]);
    }
    world.include(member(1), &[DOMAIN, NUMBER, GIVEN_UP]);
    world
}

/// The whole of it.
pub(super) fn today() -> World {
    let mut world = yesterday();
    world.later(TimeDelta::hours(24));
    let all = [DOMAIN, NUMBER, GIVEN_UP];
    world.change(Change::Suspended, member(1), Status::Suspended, &all);
    world.change(Change::Reinstated, member(1), Status::Active, &all);
    let two = ["domain:2.example"];
    world.change(Change::Withdrew, member(2), Status::Withdrawn, &two);
    world.exclude(member(3), &[PASSED_ON]);
    world.event(Event::ClaimReassigned {
        charter: CHARTER.to_owned(),
        claim: claim_hash(CHARTER, PASSED_ON),
        from: member(3),
        to: member(4),
    });
    world.include(member(4), &[PASSED_ON]);

    world.event(Event::KeyAnnounced {
        purpose: Purpose::Record,
        key: public(11),
    });
    let rotation = Entry::rotation(world.at, Purpose::Record, &secret(1), &secret(11));
    world.try_entry(&rotation).unwrap();
    world.close();
    world.record_key = 11;
    world.change(
        Change::Amended,
        member(1),
        Status::Active,
        &[DOMAIN, NUMBER],
    );
    let suspended = ["domain:5.example"];
    world.change(Change::Suspended, member(5), Status::Suspended, &suspended);
    world.change(Change::Readmitted, member(2), Status::Active, &two);
    world.change(Change::Withdrew, member(2), Status::Withdrawn, &two);
    world.exclude(member(REDACTED), &["domain:6.example"]);
    redact(&mut world);

    world.event(Event::KeyCompromised {
        purpose: Purpose::Record,
        key: public(11),
        replaced_by: Some(public(12)),
    });
    world.record_key = 12;
    world.event(Event::QuorumOverridden {
        reason: "the witnesses cannot be reached".to_owned(),
    });
    world.event(Event::AuditAnchored {
        head: Digest::of(b"audit"),
    });
    world.include(member(7), &["LEI:529900T8BM49AURSDO55"]);
    world
}

fn redact(world: &mut World) {
    let newest = world.entry(world.replay.size() - 2);
    let Event::Member { record, .. } = newest.event else {
        panic!("the newest entry before the state is a member's");
    };
    world.records.remove(&record);
    world.event(Event::RecordRedacted {
        record,
        ground: "personal_data".to_owned(),
    });
    world.close();
}

/// The record that an entry names: none where it names none, or where it was removed.
pub(super) fn record_of(world: &World, entry: &[u8]) -> Option<Vec<u8>> {
    match Entry::parse(entry).unwrap().event {
        Event::Member { record, .. } => world.records.get(&record).cloned(),
        _ => None,
    }
}

/// What stands in the place of an entry's record in a bulk file.
pub(super) fn bulk_line(world: &World, entry: &[u8]) -> Value {
    match Entry::parse(entry).unwrap().event {
        Event::Member { record, .. } => match world.records.get(&record) {
            Some(bytes) => parse_strict(bytes).unwrap(),
            None => serde_json::json!({"redacted": record}),
        },
        _ => Value::Null,
    }
}
