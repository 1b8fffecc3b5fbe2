use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ForeignRecord, LEEWAY, MembershipCredential, UnsignedCredential, verify_credential};
use crate::canonical::{Digest, InJcsOrder as _, parse_strict, to_jcs};
use crate::entry::Status;
use crate::fixtures::{
    MEMBER, RECORD, admission, any_record, base, exclusion, instant, public, secret, signed, tagged,
};
use crate::identity::Base;
use crate::keys::{KeyList, KeyRange, PublishedKeys, Purpose, did_document};
use crate::record::UnsignedRecord;
use crate::secured::{self, sign_value};
use crate::status_list::{Bits, Place, StatusList, StatusPurpose};
use crate::verify::TrustedKeys;

pub(super) const PLACE: Place = Place {
    list: 2,
    index: 94_567,
};

/// A credential of a day that rests on this record.
pub(super) fn credential_of(record: UnsignedRecord) -> UnsignedCredential {
    let record = signed(record, 1);
    UnsignedCredential {
        record: serde_json::from_slice(&record.bytes).unwrap(),
        digest: record.digest,
        valid_from: instant(),
        valid_until: instant() + TimeDelta::days(1),
        place: PLACE,
    }
}

/// One in which everything is that can be there.
pub(super) fn credential() -> UnsignedCredential {
    credential_of(UnsignedRecord {
        resulting_status: Status::Suspended,
        ..exclusion()
    })
}

/// Key 1 is active, key 2 on its way out, key 3 out.
pub(super) fn published() -> TrustedKeys {
    let document = did_document(
        &base(),
        &[(public(1), true), (public(2), true), (public(3), false)],
    );
    TrustedKeys::from_did_document(PublishedKeys::parse(&to_jcs(&document).unwrap()).unwrap())
}

/// Key 1 signs from entry 20 on, key 2 signed before it; key 4 signs checkpoints.
pub(super) fn listed() -> TrustedKeys {
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

pub(super) fn code(
    judged: Result<super::Membership, super::Refusal>,
) -> Result<super::Membership, &'static str> {
    judged.map_err(|refusal| {
        assert!(!refusal.to_string().is_empty());
        refusal.code()
    })
}

fn judged(bytes: &[u8], now: DateTime<Utc>) -> Result<super::Membership, &'static str> {
    code(verify_credential(bytes, &published(), now))
}

#[test]
fn a_credential_with_everything_in_it_stands_as_published() {
    let bytes = credential().sign(&secret(1), &base()).unwrap();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    insta::assert_json_snapshot!(document);
}

#[test]
fn an_authentic_credential_says_who_is_a_member_and_until_when() {
    let bytes = credential().sign(&secret(1), &base()).unwrap();
    let said = judged(&bytes, instant()).unwrap();
    assert_eq!((said.member, said.record), (MEMBER, RECORD));
    assert_eq!(said.issuer, "did:web:registry.example");
    assert_eq!(
        (said.charter.as_str(), said.charter_version),
        ("open-it", 2)
    );
    assert_eq!(said.status, Status::Suspended);
    assert_eq!(said.names[0], tagged("ru", "Школа № 1 «Амур»"));
    assert_eq!(
        said.keys,
        ["domain:school.example", "RU-OGRN:1022800000000"]
    );
    assert_eq!(said.valid_until, instant() + TimeDelta::days(1));
    assert_eq!((said.place, said.signed_by), (PLACE, public(1)));
}

#[test]
fn the_same_credential_signed_twice_is_the_same_to_the_byte() {
    let sign = |seed| credential().sign(&secret(seed), &base()).unwrap();
    assert_eq!(sign(1), sign(1));
    assert_ne!(sign(1), sign(2));
}

#[test]
fn a_record_of_another_registry_makes_no_credential() {
    let other = Base::parse("https://other.example").unwrap();
    assert_eq!(credential().sign(&secret(1), &other), Err(ForeignRecord));
}

#[test]
fn a_credential_is_good_from_its_beginning_to_its_end_and_half_a_minute_around() {
    let bytes = credential().sign(&secret(1), &base()).unwrap();
    let (from, until) = (instant(), instant() + TimeDelta::days(1));
    let second = TimeDelta::seconds(1);
    for (now, expected) in [
        (from - LEEWAY - second, Err("not_yet_valid")),
        (from - LEEWAY, Ok(())),
        (until, Ok(())),
        (until + LEEWAY, Ok(())),
        (until + LEEWAY + second, Err("expired")),
    ] {
        assert_eq!(judged(&bytes, now).map(|_| ()), expected, "{now}");
    }
}

#[test]
fn a_validity_of_more_than_a_week_or_less_than_nothing_is_refused() {
    for (validity, expected) in [
        (TimeDelta::days(7), Ok(())),
        (
            TimeDelta::days(7) + TimeDelta::seconds(1),
            Err("validity_too_long"),
        ),
        (TimeDelta::seconds(-1), Err("validity_too_long")),
    ] {
        let mut credential = credential();
        credential.valid_until = credential.valid_from + validity;
        let bytes = credential.sign(&secret(1), &base()).unwrap();
        assert_eq!(
            judged(&bytes, instant()).map(|_| ()),
            expected,
            "{validity}"
        );
    }
}

#[test]
fn a_key_counts_only_while_it_is_the_registrys() {
    for (keys, seed, expected) in [
        (published(), 1, Ok(())),
        (published(), 2, Ok(())),
        (published(), 3, Err("retired_key")),
        (published(), 4, Err("unknown_key")),
        (listed(), 1, Ok(())),
        (listed(), 2, Err("retired_key")),
        (listed(), 4, Err("unknown_key")),
    ] {
        let bytes = credential().sign(&secret(seed), &base()).unwrap();
        let judged = code(verify_credential(&bytes, &keys, instant()));
        assert_eq!(judged.map(|_| ()), expected, "key {seed}");
    }
}

#[test]
fn a_credential_altered_in_any_single_bit_is_refused() {
    let bytes = credential().sign(&secret(1), &base()).unwrap();
    for (place, bit) in (0..bytes.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
        let mut altered = bytes.clone();
        altered[place] ^= 1 << bit;
        assert!(
            verify_credential(&altered, &listed(), instant()).is_err(),
            "bit {bit} of byte {place}"
        );
    }
}

/// The credential with one value replaced, or removed by `null`, and signed again by key 1.
fn signed_with(pointer: &str, value: &Value) -> Vec<u8> {
    let bytes = credential().sign(&secret(1), &base()).unwrap();
    let mut document: Value = serde_json::from_slice(&bytes).unwrap();
    document.as_object_mut().unwrap().remove("proof");
    if let Some(place) = document.pointer_mut(pointer) {
        *place = value.clone();
    } else {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value.clone();
    }
    if value.is_null() {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap();
        parent.as_object_mut().unwrap().remove(name);
    }
    let method = base().verification_method(&public(1));
    to_jcs(&sign_value(document, instant(), &method, &secret(1)).unwrap()).unwrap()
}

#[test]
fn a_document_of_another_form_is_refused_though_the_registry_signed_it() {
    for (pointer, value, expected) in [
        (
            "/@context",
            json!(["https://www.w3.org/ns/credentials/v2"]),
            "wrong_context",
        ),
        (
            "/type",
            json!(["VerifiableCredential", "CharterRegistryRecord"]),
            "wrong_type",
        ),
        ("/credentialSubject/type", json!("Member"), "wrong_type"),
        (
            "/credentialStatus/0/type",
            json!("StatusList2021Entry"),
            "wrong_type",
        ),
        (
            "/issuer/id",
            json!("did:web:other.example"),
            "issuer_not_trusted",
        ),
        (
            "/issuer",
            json!("did:web:registry.example"),
            "unexpected_shape",
        ),
        ("/validUntil", Value::Null, "unexpected_shape"),
        (
            "/validUntil",
            json!("2026-11-23T03:13:00.0Z"),
            "unexpected_shape",
        ),
        (
            "/expires",
            json!("2026-11-23T03:13:00Z"),
            "unexpected_shape",
        ),
        ("/credentialSubject/status", Value::Null, "unexpected_shape"),
        ("/credentialSubject/status", json!("excluded"), "no_member"),
        ("/credentialSubject/status", json!("withdrawn"), "no_member"),
        ("/credentialSubject/name", json!([]), "unexpected_shape"),
        (
            "/credentialSubject/memberNumber",
            json!("123"),
            "unexpected_shape",
        ),
        ("/credentialSubject/aliases", json!([]), "unexpected_shape"),
    ] {
        let judged = judged(&signed_with(pointer, &value), instant());
        assert_eq!(judged.map(|_| ()), Err(expected), "{pointer} {value}");
    }
}

#[test]
fn an_id_that_is_not_the_issuers_own_or_not_the_members_is_refused_though_the_registry_signed_it() {
    let other = "https://other.example";
    let ours = "https://registry.example";
    let member = "0192f0c1-0000-7000-8000-000000000009";
    for (pointer, value, expected) in [
        (
            "/id",
            json!(format!(
                "{other}/v1/charters/open-it/members/{MEMBER}/credential"
            )),
            "foreign_id",
        ),
        (
            "/id",
            json!(format!(
                "{ours}/v1/charters/open-it/members/{member}/credential"
            )),
            "foreign_id",
        ),
        (
            "/id",
            json!(format!(
                "{ours}/v1/charters/other/members/{MEMBER}/credential"
            )),
            "foreign_id",
        ),
        (
            "/credentialSubject/id",
            json!(format!("{ours}/members/{member}")),
            "foreign_id",
        ),
        (
            "/credentialSubject/charter/id",
            json!(format!("{ours}/charters/other")),
            "foreign_id",
        ),
        (
            "/credentialSubject/record/id",
            json!(format!("{other}/records/{RECORD}")),
            "foreign_id",
        ),
        ("/credentialStatus", json!([]), "foreign_id"),
        (
            "/credentialStatus/1/statusPurpose",
            json!("revocation"),
            "foreign_id",
        ),
        (
            "/credentialStatus/1/statusPurpose",
            json!("message"),
            "unexpected_shape",
        ),
        (
            "/credentialStatus/0/statusListIndex",
            json!("1"),
            "foreign_id",
        ),
        (
            "/credentialStatus/0/statusListIndex",
            json!("+94567"),
            "foreign_id",
        ),
        (
            "/credentialStatus/1/statusListCredential",
            json!(format!("{ours}/status/suspension/3")),
            "foreign_id",
        ),
        (
            "/credentialStatus/0/statusListCredential",
            json!(format!("{other}/status/revocation/2")),
            "foreign_id",
        ),
        (
            "/credentialStatus/0/id",
            json!(format!("{ours}/status/revocation/2#1")),
            "foreign_id",
        ),
    ] {
        let judged = judged(&signed_with(pointer, &value), instant());
        assert_eq!(judged.map(|_| ()), Err(expected), "{pointer} {value}");
    }
}

#[test]
fn a_credential_without_a_usable_proof_is_refused_by_the_proofs_flaw() {
    let text = String::from_utf8(credential().sign(&secret(1), &base()).unwrap()).unwrap();
    let mut unproven: Value = serde_json::from_str(&text).unwrap();
    unproven.as_object_mut().unwrap().remove("proof");
    for (altered, expected) in [
        (unproven.to_string(), "no_proof"),
        (text.replace("suspended", "active"), "signature_invalid"),
        (text.replace("eddsa-jcs", "ecdsa-jcs"), "wrong_cryptosuite"),
        (text.replacen('{', "{\"id\":1,", 1), "duplicate_key"),
        (
            text.replace("2026-11-23", "2026-11-24"),
            "signature_invalid",
        ),
        (format!("{text}{{}}"), "syntax"),
    ] {
        assert_ne!(altered, text);
        let judged = judged(altered.as_bytes(), instant());
        assert_eq!(judged.map(|_| ()), Err(expected));
    }
}

#[test]
fn a_record_is_no_credential() {
    let judged = judged(&signed(admission(), 1).bytes, instant());
    assert_eq!(judged.map(|_| ()), Err("unexpected_shape"));
}

#[test]
fn only_a_credentials_own_list_says_something_about_it() {
    let bytes = credential().sign(&secret(1), &base()).unwrap();
    let said = judged(&bytes, instant()).unwrap();
    let mut list = StatusList {
        issuer: said.issuer.clone(),
        purpose: StatusPurpose::Revocation,
        number: PLACE.list,
        bits: Bits::default(),
        valid_from: instant(),
        valid_until: instant(),
        signed_by: public(1),
    };
    assert_eq!(said.listed(&list), Some(false));
    list.bits.set(PLACE.index - 1);
    assert_eq!(said.listed(&list), Some(false));
    list.bits.set(PLACE.index);
    assert_eq!(said.listed(&list), Some(true));
    list.number += 1;
    assert_eq!(said.listed(&list), None);
    list.number = PLACE.list;
    list.issuer = "did:web:other.example".to_owned();
    assert_eq!(said.listed(&list), None);
}

proptest! {
    #[test]
    fn a_credential_is_canonical_json_that_any_verifier_of_the_suite_accepts(
        record in any_record()
    ) {
        let record = UnsignedRecord { resulting_status: Status::Active, ..record };
        let (member, names) = (record.member, record.names.clone());
        let credential = credential_of(record);
        let bytes = credential.sign(&secret(1), &base()).unwrap();
        let value = parse_strict(&bytes).unwrap();
        prop_assert_eq!(to_jcs(&value).unwrap(), bytes.clone());
        secured::verify(&value, &public(1)).unwrap();
        let typed: MembershipCredential = serde_json::from_value(value).unwrap();
        prop_assert_eq!(typed.to_ordered_bytes(), bytes.clone());

        let said = verify_credential(&bytes, &listed(), instant()).unwrap();
        prop_assert_eq!(said.member, member);
        prop_assert_eq!(said.names, names);
        prop_assert_eq!(said.record_digest, credential.digest);
        prop_assert!(said.record_digest != Digest::of(&bytes));
    }

    #[test]
    fn no_input_makes_the_verifier_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify_credential(&bytes, &published(), instant()).is_err());
    }
}
