use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::Value;

use super::{RegistryRecord, UnsignedRecord};
use crate::canonical::{Digest, InJcsOrder as _, parse_strict, to_jcs};
use crate::entry::{MemberEventKind, Status};
use crate::fixtures::{
    RECORD, admission, any_record, base, exclusion, instant, public, secret, signed,
};
use crate::identity::Base;
use crate::secured;
use crate::whole_seconds;

#[test]
fn a_signed_record_with_everything_in_it_stands_as_published() {
    let record = signed(exclusion(), 1);
    let document: Value = serde_json::from_slice(&record.bytes).unwrap();
    insta::assert_json_snapshot!(document);
    insta::assert_snapshot!(record.digest, @"32b97436adfee8e80c8f7de5118ac037e4fd09278f1d79e42d5fa49848fb5990");
}

#[test]
fn a_record_leaves_out_what_is_not_known() {
    let document: Value = serde_json::from_slice(&signed(admission(), 1).bytes).unwrap();
    let subject = document["credentialSubject"].as_object().unwrap();
    let names: Vec<&str> = subject.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "category",
            "charter",
            "country",
            "event",
            "founder",
            "id",
            "memberNumber",
            "name",
            "since",
            "type",
        ]
    );
}

#[test]
fn member_numbers_have_six_digits_or_more() {
    for (number, written) in [(0, "000000"), (123, "000123"), (1_234_567, "1234567")] {
        let record = UnsignedRecord {
            member_number: number,
            ..admission()
        };
        let document: Value = serde_json::from_slice(&signed(record, 1).bytes).unwrap();
        assert_eq!(document["credentialSubject"]["memberNumber"], written);
    }
}

#[test]
fn a_suspension_with_a_term_says_when_it_ends() {
    let suspended = |until| UnsignedRecord {
        event: MemberEventKind::Suspended,
        resulting_status: Status::Suspended,
        until,
        ..exclusion()
    };
    let said = |record: UnsignedRecord| -> RegistryRecord {
        serde_json::from_slice(&signed(record, 1).bytes).unwrap()
    };
    let end = instant() + TimeDelta::days(14);
    let record = said(suspended(Some(end)));
    assert_eq!(record.credential_subject.event.until, Some(end));
    assert_eq!(said(suspended(None)).credential_subject.event.until, None);
    let text = String::from_utf8(signed(suspended(Some(end)), 1).bytes).unwrap();
    let written = format!(
        "\"type\":\"suspended\",\"until\":\"{}\"",
        whole_seconds::text(&end)
    );
    assert!(text.contains(&written), "{text}");
    let null = text.replace(&written, "\"type\":\"suspended\",\"until\":null");
    assert!(serde_json::from_str::<RegistryRecord>(&null).is_err());
}

#[test]
fn the_ids_of_a_record_are_those_of_its_registry() {
    let base = Base::parse("http://127.0.0.1:8080").unwrap();
    let record = exclusion().sign(instant(), &secret(1), &base);
    let text = String::from_utf8(record.bytes).unwrap();
    assert_eq!(record.id, RECORD);
    assert!(text.contains(&format!("\"id\":\"{}\"", base.record_url(RECORD))));
    assert!(text.contains("\"id\":\"did:web:127.0.0.1%3A8080\""));
    assert!(!text.contains("registry.example"));
}

#[test]
fn the_same_record_signed_twice_is_the_same_to_the_byte() {
    assert_eq!(signed(exclusion(), 1), signed(exclusion(), 1));
    assert_ne!(signed(exclusion(), 1), signed(exclusion(), 2));
}

proptest! {
    #[test]
    fn a_signed_record_is_canonical_json_that_any_verifier_of_the_suite_accepts(
        record in any_record()
    ) {
        let id = record.id;
        let signed = record.sign(instant(), &secret(1), &base());
        let value = parse_strict(&signed.bytes).unwrap();
        prop_assert_eq!(to_jcs(&value).unwrap(), signed.bytes.clone());
        secured::verify(&value, &public(1)).unwrap();
        prop_assert_eq!(signed.id, id);
        prop_assert_eq!(signed.digest, Digest::of(&signed.bytes));

        let typed: RegistryRecord = serde_json::from_value(value).unwrap();
        prop_assert_eq!(to_jcs(&typed).unwrap(), signed.bytes.clone());
        prop_assert_eq!(typed.to_ordered_bytes(), signed.bytes);
    }
}
