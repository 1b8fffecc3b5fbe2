mod any;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Entry, EntryError, Event, MAX_BYTES, MemberEventKind, Previous, Status};
use crate::canonical::{Digest, to_jcs};
use crate::fixtures::{MEMBER, PREVIOUS, any_instant, instant, public};
use crate::keys::{KeyList, KeyRange, Purpose, SecretKey};
use any::any_event;

fn key_list() -> KeyList {
    KeyList::new(vec![KeyRange {
        from: 0,
        public_key_multibase: public(1),
        purpose: Purpose::Record,
        to: None,
    }])
}

fn member_event(claims: Vec<Digest>) -> Entry {
    Entry {
        at: instant(),
        event: Event::Member {
            kind: MemberEventKind::Included,
            charter: "open-it".to_owned(),
            member: MEMBER,
            status: Status::Active,
            record: Digest::from_bytes([0xab; 32]),
            claims,
        },
    }
}

fn written(entry: &Entry) -> String {
    String::from_utf8(entry.to_bytes().unwrap()).unwrap()
}

#[test]
fn the_first_entry_of_a_log_names_its_origin_keys_and_predecessor() {
    let entry = |previous| Entry {
        at: instant(),
        event: Event::LogCreated {
            origin: "registry.example/log".to_owned(),
            keys: key_list(),
            previous,
        },
    };
    let key = public(1);
    assert_eq!(
        written(&entry(None)),
        format!(
            "{{\"at\":\"2026-11-22T03:13:00Z\",\"keys\":[{{\"from\":0,\"publicKeyMultibase\":\
             \"{key}\",\"purpose\":\"record\",\"to\":null}}],\"kind\":\"log.created\",\
             \"origin\":\"registry.example/log\",\"previous\":null,\"v\":1}}"
        )
    );
    let successor = entry(Some(Previous {
        checkpoint: "old.example/log\n2\nAAAA\n".to_owned(),
        origin: "old.example/log".to_owned(),
    }));
    assert!(written(&successor).contains(
        r#""previous":{"checkpoint":"old.example/log\n2\nAAAA\n","origin":"old.example/log"},"v":1}"#
    ));
    assert_eq!(
        Entry::parse(&successor.to_bytes().unwrap()).unwrap(),
        successor
    );
}

#[test]
fn a_published_charter_version_is_named_by_its_digest() {
    let entry = Entry {
        at: instant(),
        event: Event::CharterPublished {
            charter: "open-it".to_owned(),
            version: 2,
            digest: Digest::from_bytes([0xcd; 32]),
        },
    };
    assert_eq!(
        written(&entry),
        format!(
            "{{\"at\":\"2026-11-22T03:13:00Z\",\"charter\":\"open-it\",\"digest\":\"{}\",\
             \"kind\":\"charter.published\",\"v\":1,\"version\":2}}",
            "cd".repeat(32)
        )
    );
}

#[test]
fn a_change_of_a_membership_names_its_record_and_claims() {
    let entry = member_event(vec![
        Digest::from_bytes([1; 32]),
        Digest::from_bytes([2; 32]),
    ]);
    assert_eq!(
        written(&entry),
        format!(
            "{{\"at\":\"2026-11-22T03:13:00Z\",\"charter\":\"open-it\",\
             \"claims\":[\"{}\",\"{}\"],\"kind\":\"member.included\",\
             \"member\":\"0192f0c1-0000-7000-8000-000000000001\",\"record\":\"{}\",\
             \"status\":\"active\",\"v\":1}}",
            "01".repeat(32),
            "02".repeat(32),
            "ab".repeat(32)
        )
    );
}

#[test]
fn a_key_that_goes_to_another_member_is_named_with_both() {
    let entry = Entry {
        at: instant(),
        event: Event::ClaimReassigned {
            charter: "open-it".to_owned(),
            claim: Digest::from_bytes([0xcd; 32]),
            from: PREVIOUS,
            to: MEMBER,
        },
    };
    assert_eq!(
        written(&entry),
        format!(
            "{{\"at\":\"2026-11-22T03:13:00Z\",\"charter\":\"open-it\",\"claim\":\"{}\",\
             \"from\":\"0192f0c1-0000-7000-8000-000000000003\",\"kind\":\"claim.reassigned\",\
             \"to\":\"0192f0c1-0000-7000-8000-000000000001\",\"v\":1}}",
            "cd".repeat(32)
        )
    );
}

#[test]
fn an_anchor_of_the_audit_table_names_its_head() {
    let entry = Entry {
        at: instant(),
        event: Event::AuditAnchored {
            head: Digest::from_bytes([0xcd; 32]),
        },
    };
    assert_eq!(
        written(&entry),
        format!(
            "{{\"at\":\"2026-11-22T03:13:00Z\",\"head\":\"{}\",\"kind\":\"audit.anchored\",\"v\":1}}",
            "cd".repeat(32)
        )
    );
}

#[test]
fn a_state_entry_says_what_everything_before_comes_to() {
    let entry = Entry {
        at: instant(),
        event: Event::State {
            size: 7,
            map: Digest::from_bytes([0xab; 32]),
            keys: Digest::from_bytes([0xcd; 32]),
        },
    };
    assert_eq!(
        written(&entry),
        format!(
            "{{\"at\":\"2026-11-22T03:13:00Z\",\"keys\":\"{}\",\"kind\":\"state\",\"map\":\"{}\",\"size\":7,\"v\":1}}",
            "cd".repeat(32),
            "ab".repeat(32)
        )
    );
}

#[test]
fn a_rotation_is_signed_by_both_keys_over_all_of_it() {
    let [old, new] = [1, 2].map(|seed| SecretKey::from_seed([seed; 32]));
    let entry = Entry::rotation(instant(), Purpose::Record, &old, &new);
    assert!(entry.is_rotation_signed());
    let message = String::from_utf8(entry.rotation_message().unwrap()).unwrap();
    assert_eq!(
        message,
        format!(
            "charter-key-rotation/v1\n{{\"at\":\"2026-11-22T03:13:00Z\",\"kind\":\"key.rotated\",\
             \"publicKeyMultibase\":\"{}\",\"purpose\":\"record\",\"replaces\":\"{}\",\"v\":1}}",
            public(2),
            public(1)
        )
    );
    let read = Entry::parse(&entry.to_bytes().unwrap()).unwrap();
    assert!(read.is_rotation_signed());
    let mut later = read.clone();
    later.at += chrono::TimeDelta::seconds(1);
    assert!(!later.is_rotation_signed());
    let Event::KeyRotated { proofs, .. } = &mut later.event else {
        unreachable!()
    };
    std::mem::swap(&mut proofs.old, &mut proofs.new);
    later.at = read.at;
    assert!(!later.is_rotation_signed());
    assert!(!member_event(Vec::new()).is_rotation_signed());

    let written = written(&read);
    for (from, to) in [("\"proofs\":[\"", "\"proofs\":[\"A"), ("=\",\"", "\",\"")] {
        let altered = written.replacen(from, to, 1);
        assert_ne!(altered, written);
        assert!(Entry::parse(altered.as_bytes()).is_err(), "{altered}");
    }
    let start = written.find("\"proofs\"").unwrap();
    let end = written.find("\"publicKey").unwrap();
    let without = format!("{}{}", &written[..start], &written[end..]);
    assert!(matches!(
        Entry::parse(without.as_bytes()),
        Err(EntryError::Fields(_))
    ));
}

#[test]
fn every_kind_of_change_has_its_name() {
    let names = MemberEventKind::ALL.map(|kind| {
        let Event::Member {
            charter,
            member,
            status,
            record,
            claims,
            ..
        } = member_event(Vec::new()).event
        else {
            unreachable!()
        };
        Event::Member {
            kind,
            charter,
            member,
            status,
            record,
            claims,
        }
        .kind()
        .to_string()
    });
    assert_eq!(
        names,
        [
            "member.included",
            "member.amended",
            "member.suspended",
            "member.reinstated",
            "member.excluded",
            "member.withdrew",
            "member.readmitted",
        ]
    );
}

#[test]
fn claims_that_are_unsorted_or_stand_twice_are_neither_written_nor_read() {
    let [one, two] = [[1; 32], [2; 32]].map(Digest::from_bytes);
    for claims in [vec![two, one], vec![one, one]] {
        let refusal = member_event(claims.clone()).to_bytes().unwrap_err();
        assert!(matches!(refusal, EntryError::UnsortedClaims));
        let mut json: Value = serde_json::from_str(&written(&member_event(vec![]))).unwrap();
        json["claims"] = json!(claims);
        let refusal = Entry::parse(&to_jcs(&json).unwrap()).unwrap_err();
        assert!(matches!(refusal, EntryError::UnsortedClaims));
    }
}

#[test]
fn an_entry_longer_than_a_bundle_can_hold_is_neither_written_nor_read() {
    let entry = |length: usize| Entry {
        at: instant(),
        event: Event::CharterPublished {
            charter: "c".repeat(length),
            version: 1,
            digest: Digest::of(b""),
        },
    };
    let longest = MAX_BYTES - entry(0).to_bytes().unwrap().len();
    let bytes = entry(longest).to_bytes().unwrap();
    assert_eq!(bytes.len(), MAX_BYTES);
    assert_eq!(Entry::parse(&bytes).unwrap(), entry(longest));
    assert!(matches!(
        entry(longest + 1).to_bytes(),
        Err(EntryError::TooLong(65_536))
    ));
    assert!(matches!(
        Entry::parse(&vec![b' '; MAX_BYTES + 1]),
        Err(EntryError::TooLong(65_536))
    ));
}

#[test]
fn an_entry_that_is_not_exactly_what_the_log_writes_is_refused() {
    let good = written(&member_event(vec![Digest::from_bytes([1; 32])]));
    assert!(Entry::parse(good.as_bytes()).is_ok());
    let claim = format!("[\"{}\"]", "01".repeat(32));
    for (from, to, expected) in [
        ("{\"at\"", "{ \"at\"", "NotCanonical"),
        ("\"v\":1}", "\"v\":1}\n", "NotCanonical"),
        ("open-it", "\\u006fpen-it", "NotCanonical"),
        ("0192f0c1-0000", "0192F0C1-0000", "NotCanonical"),
        ("\"v\":1", "\"v\":2", "UnknownVersion"),
        ("\"v\":1", "\"v\":1.0", "UnknownVersion"),
        ("\"v\":1", "\"v\":\"1\"", "UnknownVersion"),
        (",\"v\":1", "", "UnknownVersion"),
        ("member.included", "member.promoted", "UnknownKind"),
        ("\"member.included\"", "null", "UnknownKind"),
        ("member.included", "charter.published", "Fields"),
        ("\"v\":1", "\"v\":1,\"w\":0", "Fields"),
        ("\"status\":\"active\",", "", "Fields"),
        ("active", "Active", "Fields"),
        ("03:13:00Z", "03:13:00.0Z", "Fields"),
        ("03:13:00Z", "03:13:00+00:00", "Fields"),
        ("\"abab", "\"ABAB", "Fields"),
        (claim.as_str(), "null", "Fields"),
        ("\"v\":1", "\"v\":1,\"v\":1", "Json"),
        ("}", "", "Json"),
    ] {
        let altered = good.replacen(from, to, 1);
        assert_ne!(altered, good, "{from}");
        let refusal = Entry::parse(altered.as_bytes()).unwrap_err();
        assert!(
            format!("{refusal:?}").starts_with(expected),
            "{altered}: {refusal:?}"
        );
    }
    for other in ["", "null", "[]", "7"] {
        assert!(Entry::parse(other.as_bytes()).is_err(), "{other}");
    }
}

proptest! {
    #[test]
    fn an_entry_is_canonical_json_and_read_back(at in any_instant(), event in any_event()) {
        let bytes = Entry { at, event: event.clone() }.to_bytes().unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert_eq!(to_jcs(&value).unwrap(), bytes.clone());
        let read = Entry::parse(&bytes).unwrap();
        prop_assert_eq!(read.event, event);
        prop_assert_eq!(read.at.timestamp(), at.timestamp());
    }
}
