use std::io::{Read as _, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use flate2::write::GzEncoder;
use flate2::{Compression, read::GzDecoder};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Bits, ENTRIES, StatusPurpose, UnsignedStatusList, verify_status_list};
use crate::canonical::{parse_strict, to_jcs};
use crate::fixtures::{base, instant, public, secret};
use crate::identity::Base;
use crate::keys::{KeyList, KeyRange, PublishedKeys, Purpose, did_document};
use crate::secured::{self, sign_value};
use crate::verify::TrustedKeys;

/// Key 1 is active, key 2 out.
fn published() -> TrustedKeys {
    let document = did_document(&base(), &[(public(1), true), (public(2), false)]);
    TrustedKeys::from_did_document(PublishedKeys::parse(&to_jcs(&document).unwrap()).unwrap())
}

fn list() -> UnsignedStatusList {
    let mut bits = Bits::default();
    for index in [0, 7, 8, 94_567, ENTRIES - 1] {
        bits.set(index);
    }
    UnsignedStatusList {
        purpose: StatusPurpose::Revocation,
        number: 1,
        bits,
        issuer_name: "Registry of the Open Charter".to_owned(),
        valid_from: instant(),
        valid_until: instant() + TimeDelta::hours(48),
    }
}

fn judged(bytes: &[u8], now: DateTime<Utc>) -> Result<super::StatusList, &'static str> {
    verify_status_list(bytes, &published(), now).map_err(|refusal| refusal.code())
}

/// `u` and base64url of these bytes, compressed.
fn encoded(bits: &[u8]) -> String {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bits).unwrap();
    format!("u{}", URL_SAFE_NO_PAD.encode(gzip.finish().unwrap()))
}

#[test]
fn a_list_stands_as_published() {
    let bytes = list().sign(&secret(1), &base());
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    insta::assert_json_snapshot!(document);
    assert_eq!(to_jcs(&document).unwrap(), bytes);
    secured::verify(&parse_strict(&bytes).unwrap(), &public(1)).unwrap();
}

#[test]
fn index_0_is_the_leftmost_bit() {
    let mut bits = Bits::default();
    for index in [0, 9, ENTRIES - 1] {
        bits.set(index);
    }
    let compressed = URL_SAFE_NO_PAD.decode(&bits.encode()[1..]).unwrap();
    let mut raw = Vec::new();
    GzDecoder::new(compressed.as_slice())
        .read_to_end(&mut raw)
        .unwrap();
    assert_eq!(raw.len(), 16_384);
    assert_eq!((raw[0], raw[1], raw[16_383]), (0x80, 0x40, 0x01));
}

#[test]
fn beyond_the_end_nothing_is_set_or_said() {
    let mut bits = Bits::default();
    bits.set(ENTRIES);
    bits.set(u32::MAX);
    assert_eq!(bits, Bits::default());
    assert_eq!(bits.get(ENTRIES - 1), Some(false));
    assert_eq!((bits.get(ENTRIES), bits.get(u32::MAX)), (None, None));
}

#[test]
fn equal_bits_give_equal_bytes_and_the_time_is_not_among_them() {
    let text = list().bits.encode();
    assert_eq!(text, list().bits.encode());
    let compressed = URL_SAFE_NO_PAD.decode(&text[1..]).unwrap();
    // RFC 1952 §2.3: two magic bytes, deflate, no flags, MTIME 0 in four bytes.
    assert_eq!(compressed[..8], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0]);
    assert_eq!(
        list().sign(&secret(1), &base()),
        list().sign(&secret(1), &base())
    );
}

#[test]
fn bits_that_cannot_be_read_are_refused_by_what_is_wrong_with_them() {
    let good = list().bits.encode();
    let compressed = URL_SAFE_NO_PAD.decode(&good[1..]).unwrap();
    let again = |bytes: &[u8]| format!("u{}", URL_SAFE_NO_PAD.encode(bytes));
    let mut crc = compressed.clone();
    let end = crc.len();
    crc[end - 8] ^= 1;
    for (text, expected) in [
        (
            good[1..].to_owned(),
            "it is not u and base64url without padding",
        ),
        (
            format!("{good}="),
            "it is not u and base64url without padding",
        ),
        (
            "u".to_owned(),
            "it is not compressed with gzip, or is damaged",
        ),
        (again(b"x"), "it is not compressed with gzip, or is damaged"),
        (
            again(&compressed[..end - 1]),
            "it is not compressed with gzip, or is damaged",
        ),
        (again(&crc), "it is not compressed with gzip, or is damaged"),
        (
            again(&[compressed.as_slice(), b"x"].concat()),
            "something follows the compressed bits",
        ),
        (
            again(&[compressed.as_slice(), &compressed].concat()),
            "something follows the compressed bits",
        ),
        (
            encoded(&vec![0; 16_383]),
            "it has fewer than 131072 entries",
        ),
        (
            encoded(&vec![0; (1 << 20) + 1]),
            "it is longer than a megabyte",
        ),
        // A bomb: many times what is read of it.
        (encoded(&vec![0; 1 << 26]), "it is longer than a megabyte"),
    ] {
        assert_eq!(Bits::decode(&text), Err(expected));
    }
    assert!(Bits::decode(&encoded(&vec![0; 1 << 20])).is_ok());
}

#[test]
fn an_authentic_list_says_what_is_set() {
    let list = judged(&list().sign(&secret(1), &base()), instant()).unwrap();
    assert_eq!((list.purpose, list.number), (StatusPurpose::Revocation, 1));
    assert_eq!(list.bits.count(), 5);
    assert_eq!(list.bits.get(94_567), Some(true));
    assert_eq!(list.bits.get(94_566), Some(false));
}

#[test]
fn a_list_is_good_for_its_time_by_a_key_in_force_alone() {
    let bytes = list().sign(&secret(1), &base());
    let (hour, second) = (TimeDelta::hours(1), TimeDelta::seconds(31));
    for (now, expected) in [
        (instant() - second, Err("not_yet_valid")),
        (instant() + hour * 48, Ok(())),
        (instant() + hour * 48 + second, Err("expired")),
    ] {
        assert_eq!(judged(&bytes, now).map(|_| ()), expected);
    }
    let mut long = list();
    long.valid_until += TimeDelta::seconds(1);
    let long = judged(&long.sign(&secret(1), &base()), instant());
    assert_eq!(long.map(|_| ()), Err("validity_too_long"));
    for (seed, expected) in [(2, "retired_key"), (3, "unknown_key")] {
        let bytes = list().sign(&secret(seed), &base());
        assert_eq!(judged(&bytes, instant()).map(|_| ()), Err(expected));
    }
    let range = KeyRange {
        from: 0,
        public_key_multibase: public(1),
        purpose: Purpose::Record,
        to: None,
    };
    let keys = TrustedKeys::from_key_list(&base().did(), KeyList::new(vec![range]));
    assert!(verify_status_list(&bytes, &keys, instant()).is_ok());
}

#[test]
fn a_list_of_another_form_is_refused_though_the_registry_signed_it() {
    let ours = "https://registry.example/status";
    for (pointer, value, expected) in [
        ("/@context", json!([]), "wrong_context"),
        ("/type", json!(["VerifiableCredential"]), "wrong_type"),
        (
            "/credentialSubject/type",
            json!("BitstringStatusListEntry"),
            "wrong_type",
        ),
        (
            "/credentialSubject/statusPurpose",
            json!("suspension"),
            "foreign_id",
        ),
        (
            "/credentialSubject/statusPurpose",
            json!("refresh"),
            "unexpected_shape",
        ),
        (
            "/credentialSubject/id",
            json!(format!("{ours}/revocation/1")),
            "foreign_id",
        ),
        ("/credentialSubject/ttl", json!(-1), "unexpected_shape"),
        (
            "/credentialSubject/encodedList",
            json!("u"),
            "bad_encoded_list",
        ),
        ("/credentialSubject/more", json!(1), "unexpected_shape"),
        (
            "/issuer/id",
            json!("did:web:other.example"),
            "issuer_not_trusted",
        ),
        ("/id", json!(format!("{ours}/revocation/01")), "foreign_id"),
        ("/id", json!(format!("{ours}/revocation/0")), "foreign_id"),
        (
            "/id",
            json!("https://other.example/status/revocation/1"),
            "foreign_id",
        ),
        ("/validFrom", json!("2026-11-22"), "unexpected_shape"),
    ] {
        let bytes = list().sign(&secret(1), &base());
        let mut document: Value = serde_json::from_slice(&bytes).unwrap();
        document.as_object_mut().unwrap().remove("proof");
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        document.pointer_mut(parent).unwrap()[name] = value.clone();
        let method = base().verification_method(&public(1));
        let signed = sign_value(document, instant(), &method, &secret(1)).unwrap();
        let judged = judged(&to_jcs(&signed).unwrap(), instant());
        assert_eq!(judged.map(|_| ()), Err(expected), "{pointer} {value}");
    }
}

#[test]
fn another_registrys_list_is_refused() {
    let other = Base::parse("https://other.example").unwrap();
    let judged = judged(&list().sign(&secret(1), &other), instant());
    assert_eq!(judged.map(|_| ()), Err("issuer_not_trusted"));
}

#[test]
fn a_list_altered_in_any_single_bit_is_refused() {
    let bytes = list().sign(&secret(1), &base());
    for (place, bit) in (0..bytes.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
        let mut altered = bytes.clone();
        altered[place] ^= 1 << bit;
        assert!(
            judged(&altered, instant()).is_err(),
            "bit {bit} of byte {place}"
        );
    }
}

proptest! {
    #[test]
    fn bits_are_read_back_as_they_were_set(set in prop::collection::btree_set(0..ENTRIES, 0..200)) {
        let mut bits = Bits::default();
        for index in &set {
            bits.set(*index);
        }
        let text = bits.encode();
        let read = Bits::decode(&text).unwrap();
        prop_assert_eq!(&read, &bits);
        prop_assert_eq!(read.encode(), text);
        prop_assert_eq!(usize::try_from(read.count()).unwrap(), set.len());
        for index in set {
            prop_assert_eq!(read.get(index), Some(true));
        }
    }

    #[test]
    fn no_input_makes_the_reader_panic(
        text in "\\PC{0,40}", bytes in prop::collection::vec(any::<u8>(), 0..100)
    ) {
        prop_assert!(Bits::decode(&text).is_err());
        let after_header = [&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255][..], &bytes].concat();
        let damaged = format!("u{}", URL_SAFE_NO_PAD.encode(after_header));
        prop_assert!(Bits::decode(&damaged).is_err());
        prop_assert!(judged(&bytes, instant()).is_err());
    }
}
