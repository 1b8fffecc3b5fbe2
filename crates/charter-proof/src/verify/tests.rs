use proptest::prelude::*;
use serde_json::{Value, json};

use super::{RecordSummary, RecordVerdict, TrustedKeys, verify_record};
use crate::canonical::{Digest, to_jcs};
use crate::entry::{MemberEventKind, Status};
use crate::fixtures::{
    MEMBER, RECORD, admission, any_record, base, exclusion, instant, public, secret, signed, tagged,
};
use crate::identity::Base;
use crate::keys::{KeyList, KeyRange, PublishedKeys, Purpose, did_document};
use crate::record::UnsignedRecord;
use crate::secured::sign_value;

/// Key 1 is active, key 2 retired and still asserting, key 3 in `verificationMethod` only.
fn published() -> TrustedKeys {
    let document = did_document(
        &base(),
        &[(public(1), true), (public(2), true), (public(3), false)],
    );
    TrustedKeys::from_did_document(PublishedKeys::parse(&to_jcs(&document).unwrap()).unwrap())
}

/// Key 1 signs from entry 20 on, key 2 signed from 10 to 19; key 4 signs checkpoints.
fn listed() -> TrustedKeys {
    let range = |purpose, seed, from, to| KeyRange {
        from,
        public_key_multibase: public(seed),
        purpose,
        to,
    };
    let list = KeyList::new(vec![
        range(Purpose::Record, 1, 20, None),
        range(Purpose::Record, 2, 10, Some(20)),
        range(Purpose::Log, 4, 0, None),
    ]);
    TrustedKeys::from_key_list("did:web:registry.example", list)
}

fn word(verdict: &RecordVerdict) -> String {
    match verdict {
        RecordVerdict::Authentic(_) => "authentic".to_owned(),
        RecordVerdict::PositionUnknown { .. } => "position_unknown".to_owned(),
        RecordVerdict::Refused(reasons) => {
            assert!(!reasons.is_empty());
            let codes: Vec<&str> = reasons.iter().map(super::Reason::code).collect();
            codes.join(" ")
        }
    }
}

#[test]
fn an_authentic_record_says_what_happened() {
    let record = signed(exclusion(), 1);
    let RecordVerdict::Authentic(summary) = verify_record(&record.bytes, &published(), None) else {
        panic!("refused")
    };
    assert_eq!(
        *summary,
        RecordSummary {
            issuer: "did:web:registry.example".to_owned(),
            id: RECORD,
            member: MEMBER,
            charter: "open-it".to_owned(),
            charter_version: 2,
            event: MemberEventKind::Excluded,
            at: instant(),
            resulting_status: Status::Excluded,
            names: vec![
                tagged("ru", "Школа № 1 «Амур»"),
                tagged("en", "School No. 1 \"Amur\""),
            ],
            keys: vec![
                "domain:school.example".to_owned(),
                "RU-OGRN:1022800000000".to_owned(),
            ],
            digest: record.digest,
            signed_by: public(1),
        }
    );
}

#[test]
fn a_record_with_other_spacing_is_authentic_under_its_canonical_digest() {
    let record = signed(exclusion(), 1);
    let value: Value = serde_json::from_slice(&record.bytes).unwrap();
    let pretty = serde_json::to_vec_pretty(&value).unwrap();
    match verify_record(&pretty, &published(), None) {
        RecordVerdict::Authentic(summary) => assert_eq!(summary.digest, record.digest),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_signature_counts_by_its_entrys_position_in_the_key_list() {
    for (seed, position, expected) in [
        (1, None, "authentic"),
        (1, Some(20), "authentic"),
        (1, Some(u64::MAX), "authentic"),
        (1, Some(19), "key_out_of_range"),
        (2, None, "position_unknown"),
        (2, Some(9), "key_out_of_range"),
        (2, Some(10), "authentic"),
        (2, Some(19), "authentic"),
        (2, Some(20), "key_out_of_range"),
        (3, None, "unknown_key"),
        (4, None, "unknown_key"),
        (4, Some(30), "unknown_key"),
    ] {
        let verdict = verify_record(&signed(exclusion(), seed).bytes, &listed(), position);
        assert_eq!(word(&verdict), expected, "key {seed} at {position:?}");
    }
}

#[test]
fn a_did_document_vouches_for_its_first_key_alone() {
    for (seed, expected) in [
        (1, "authentic"),
        (2, "position_unknown"),
        (3, "position_unknown"),
        (4, "unknown_key"),
    ] {
        for position in [None, Some(15)] {
            let verdict = verify_record(&signed(exclusion(), seed).bytes, &published(), position);
            assert_eq!(word(&verdict), expected, "key {seed}");
        }
    }
}

#[test]
fn a_record_whose_position_is_unknown_gives_the_digest_to_look_it_up_by() {
    let record = signed(exclusion(), 2);
    match verify_record(&record.bytes, &listed(), None) {
        RecordVerdict::PositionUnknown { key, digest } => {
            assert_eq!((key, digest), (public(2), record.digest));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_record_altered_in_any_single_bit_is_refused() {
    for record in [signed(exclusion(), 1), signed(exclusion(), 2)] {
        for (place, bit) in
            (0..record.bytes.len()).flat_map(|place| (0..8).map(move |bit| (place, bit)))
        {
            let mut altered = record.bytes.clone();
            altered[place] ^= 1 << bit;
            let verdict = verify_record(&altered, &listed(), None);
            assert!(
                matches!(verdict, RecordVerdict::Refused(_)),
                "bit {bit} of byte {place}"
            );
        }
    }
}

/// The exclusion with one value replaced, or removed by `null`, and signed again by key 1.
fn signed_with(changes: &[(&str, Value)]) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(&signed(exclusion(), 1).bytes).unwrap();
    document.as_object_mut().unwrap().remove("proof");
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = document
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        parent.insert(name.to_owned(), value.clone());
        if value.is_null() {
            parent.remove(name);
        }
    }
    let method = base().verification_method(&public(1));
    to_jcs(&sign_value(document, instant(), &method, &secret(1)).unwrap()).unwrap()
}

#[test]
fn a_document_of_another_form_is_refused_though_the_registry_signed_it() {
    assert_eq!(
        word(&verify_record(&signed_with(&[]), &published(), None)),
        "authentic"
    );
    let subject = |name: &str| format!("/credentialSubject/{name}");
    for (pointer, value, expected) in [
        (
            "/@context".to_owned(),
            json!(["https://www.w3.org/ns/credentials/v2"]),
            "wrong_context",
        ),
        (
            "/type".to_owned(),
            json!(["VerifiableCredential", "CharterMembershipCredential"]),
            "wrong_type",
        ),
        (subject("type"), json!("Member"), "wrong_type"),
        (subject("status"), json!("active"), "unexpected_shape"),
        (
            "/validUntil".to_owned(),
            json!("2026-11-23T00:00:00Z"),
            "unexpected_shape",
        ),
        (
            "/validFrom".to_owned(),
            json!("2026-11-22T03:13:00.5Z"),
            "unexpected_shape",
        ),
        (
            "/credentialSubject".to_owned(),
            json!([]),
            "unexpected_shape",
        ),
        (subject("country"), json!(7), "unexpected_shape"),
        (subject("founder"), json!(0), "unexpected_shape"),
        (subject("aliases"), json!([]), "unexpected_shape"),
        (subject("since"), json!("2026-11-2"), "unexpected_shape"),
        (subject("memberNumber"), json!("123"), "unexpected_shape"),
        (subject("memberNumber"), json!("+00123"), "unexpected_shape"),
        (subject("name"), json!([]), "unexpected_shape"),
        (subject("event/type"), json!("promoted"), "unexpected_shape"),
        (
            subject("event/resultingStatus"),
            json!("Active"),
            "unexpected_shape",
        ),
        (subject("charter/version"), json!(2.5), "unexpected_shape"),
        (
            subject("charter/digest"),
            json!("ab".repeat(32)),
            "unexpected_shape",
        ),
        (
            "/id".to_owned(),
            json!("https://other.example/records/0192f0c1-0000-7000-8000-000000000002"),
            "foreign_id",
        ),
        (
            "/id".to_owned(),
            json!("http://registry.example/records/0192f0c1-0000-7000-8000-000000000002"),
            "foreign_id",
        ),
        (
            subject("id"),
            json!("https://registry.example.evil/members/0192f0c1-0000-7000-8000-000000000002"),
            "foreign_id",
        ),
        (
            subject("id"),
            json!("https://registry.example/members/x"),
            "foreign_id",
        ),
        (
            subject("charter/id"),
            json!("https://other.example/charters/open-it"),
            "foreign_id",
        ),
        (
            subject("charter/id"),
            json!("https://registry.example/charters/a/b"),
            "foreign_id",
        ),
        (
            subject("previous"),
            json!("https://other.example/records/0192f0c1-0000-7000-8000-000000000002"),
            "foreign_id",
        ),
    ] {
        let verdict = verify_record(
            &signed_with(&[(&pointer, value.clone())]),
            &published(),
            None,
        );
        assert_eq!(word(&verdict), expected, "{pointer} {value}");
    }
}

#[test]
fn a_record_without_a_usable_proof_is_refused_by_the_proofs_flaw() {
    let record = signed(admission(), 1);
    let text = String::from_utf8(record.bytes).unwrap();
    let mut unproven: Value = serde_json::from_str(&text).unwrap();
    unproven.as_object_mut().unwrap().remove("proof");
    for (altered, expected) in [
        (unproven.to_string(), "no_proof"),
        (
            text.replace("\"School\"", "\"Shcool\""),
            "signature_invalid",
        ),
        (text.replace("eddsa-jcs", "ecdsa-jcs"), "wrong_cryptosuite"),
        (
            text.replace("\"proofValue\":\"z", "\"proofValue\":\"u"),
            "bad_proof_value",
        ),
    ] {
        assert_ne!(altered, text);
        assert_eq!(
            word(&verify_record(altered.as_bytes(), &published(), None)),
            expected
        );
    }
}

#[test]
fn every_flaw_that_can_be_told_is_told() {
    let text = String::from_utf8(signed(admission(), 1).bytes).unwrap();
    let altered = text
        .replace("undefined-terms", "defined-terms")
        .replace("/members/", "/people/");
    let verdict = verify_record(altered.as_bytes(), &published(), None);
    assert_eq!(word(&verdict), "wrong_context foreign_id signature_invalid");
    let RecordVerdict::Refused(reasons) = verdict else {
        unreachable!()
    };
    assert_eq!(
        reasons[1].to_string(),
        "/credentialSubject/id is not a URL of the issuer's registry in its one spelling"
    );
}

#[test]
fn text_that_is_not_strict_json_is_refused_before_anything_else() {
    let text = String::from_utf8(signed(admission(), 1).bytes).unwrap();
    for (altered, expected) in [
        (String::new(), "syntax"),
        (format!("{text}{{}}"), "syntax"),
        (text.replacen('{', "{\"proof\":null,", 1), "duplicate_key"),
        (
            text.replace("\"version\":2", "\"version\":9007199254740993"),
            "number_out_of_range",
        ),
        ("[".repeat(65), "too_deep"),
        ("null".to_owned(), "unexpected_shape no_proof"),
    ] {
        assert_eq!(
            word(&verify_record(altered.as_bytes(), &published(), None)),
            expected
        );
    }
}

#[test]
fn a_registry_cannot_issue_records_in_anothers_name() {
    // Another registry's record, made with a key that this registry's verifiers trust.
    let other = Base::parse("https://other.example").unwrap();
    let record = admission().sign(instant(), &secret(1), &other);
    for keys in [published(), listed()] {
        let verdict = verify_record(&record.bytes, &keys, None);
        assert_eq!(word(&verdict), "issuer_not_trusted unknown_key");
    }
}

#[test]
fn on_loopback_a_record_may_stand_under_http_but_not_under_both_schemes() {
    let base = Base::parse("http://localhost:8080").unwrap();
    let document = did_document(&base, &[(public(1), true)]);
    let keys = PublishedKeys::parse(&to_jcs(&document).unwrap()).unwrap();
    let keys = TrustedKeys::from_did_document(keys);
    let record = exclusion().sign(instant(), &secret(1), &base);
    assert_eq!(
        word(&verify_record(&record.bytes, &keys, None)),
        "authentic"
    );

    let text = String::from_utf8(record.bytes).unwrap();
    let mixed = text.replace(
        "http://localhost:8080/members",
        "https://localhost:8080/members",
    );
    assert_eq!(
        word(&verify_record(mixed.as_bytes(), &keys, None)),
        "foreign_id signature_invalid"
    );
}

proptest! {
    #[test]
    fn whatever_the_registry_signs_is_authentic(record in any_record()) {
        let expected: UnsignedRecord = record.clone();
        let signed = record.sign(instant(), &secret(1), &base());
        let RecordVerdict::Authentic(said) = verify_record(&signed.bytes, &listed(), None) else {
            return Err(TestCaseError::fail("refused"));
        };
        prop_assert_eq!(said.id, expected.id);
        prop_assert_eq!(said.member, expected.member);
        prop_assert_eq!(said.charter, expected.charter.slug);
        prop_assert_eq!(said.names, expected.names);
        prop_assert_eq!(said.resulting_status, expected.resulting_status);
        prop_assert_eq!(said.digest, Digest::of(&signed.bytes));
    }

    #[test]
    fn no_input_makes_the_verifier_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let verdict = verify_record(&bytes, &published(), Some(0));
        prop_assert!(matches!(verdict, RecordVerdict::Refused(_)));
    }
}
