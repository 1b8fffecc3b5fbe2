//! What is found quickly is what a closer look finds.

use proptest::prelude::*;

use super::super::{Candidate, RecordVerdict, TrustedKeys, verify_closely, verify_record};
use super::{date, instant};
use crate::fixtures::{
    admission, any_record, base, exclusion, instant as at, public, secret, signed,
};
use crate::keys::{KeyList, KeyRange, Purpose};
use crate::whole_seconds;

fn keys() -> TrustedKeys {
    let list = KeyList::new(vec![KeyRange {
        from: 0,
        public_key_multibase: public(1),
        purpose: Purpose::Record,
        to: None,
    }]);
    TrustedKeys::from_key_list("did:web:registry.example", list)
}

/// Whether the bytes are found to be a record, after a look at whether a closer one agrees.
fn is_found(bytes: &[u8]) -> bool {
    let keys = keys();
    let found = Candidate::read(bytes, &keys);
    match (found, verify_closely(bytes, &keys, Some(0))) {
        (None, _) => false,
        (Some(candidate), RecordVerdict::Authentic(said)) => {
            assert!(candidate.is_signed());
            assert_eq!(candidate.digest(), said.digest);
            assert_eq!(candidate.summary(&keys).unwrap(), *said);
            true
        }
        (Some(candidate), RecordVerdict::Refused(reasons)) => {
            let codes: Vec<&str> = reasons.iter().map(super::super::Reason::code).collect();
            let text = String::from_utf8_lossy(bytes);
            assert_eq!(codes, ["signature_invalid"], "{text}");
            assert!(!candidate.is_signed());
            true
        }
        (Some(_), RecordVerdict::PositionUnknown { .. }) => panic!("the position is known"),
    }
}

#[test]
fn a_record_that_a_registry_wrote_is_found() {
    assert!(is_found(&signed(exclusion(), 1).bytes));
    assert!(is_found(&signed(admission(), 1).bytes));
}

#[test]
fn no_changed_bit_of_a_record_is_found_to_be_what_a_closer_look_refuses() {
    for record in [exclusion(), admission()] {
        let good = signed(record, 1).bytes;
        for bit in 0..8 * good.len() {
            let mut flipped = good.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            is_found(&flipped);
            let verdict = verify_record(&flipped, &keys(), Some(0));
            assert!(matches!(verdict, RecordVerdict::Refused(_)), "bit {bit}");
        }
    }
}

#[test]
fn dates_and_instants_in_another_spelling_are_left_to_others() {
    for text in [
        "2026-11-22T03:13:00Z",
        "1970-01-01T00:00:00Z",
        "2024-02-29T23:59:59Z",
    ] {
        assert_eq!(instant(text), whole_seconds::parse(text), "{text}");
        assert!(instant(text).is_some());
    }
    for text in [
        "2026-11-22T03:13:60Z",
        "2026-11-22T24:00:00Z",
        "2026-13-22T03:13:00Z",
        "2026-02-29T03:13:00Z",
        "2026-11-22T03:13:00",
        "2026-11-22T03:13:0aZ",
        "2026-11-22t03:13:00Z",
        "+2026-11-22T03:13:00Z",
        "",
    ] {
        assert_eq!(instant(text), None, "{text}");
    }
    for text in [
        "2026-11-31",
        "2026-1-01",
        "026-01-01",
        "12026-01-01",
        "2026-00-01",
    ] {
        assert_eq!(date(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn every_record_that_a_registry_writes_is_found(record in any_record()) {
        prop_assert!(is_found(&record.sign(at(), &secret(1), &base()).bytes));
    }

    #[test]
    fn nothing_is_found_in_altered_bytes_that_a_closer_look_refuses(
        record in any_record(),
        place in any::<prop::sample::Index>(),
        removed in 0_usize..3,
        added in prop_oneof![
            Just(Vec::new()),
            prop::collection::vec(any::<u8>(), 1..3),
            prop::sample::select(vec![
                br"\u000a".to_vec(), br"\/".to_vec(), br"\u0041".to_vec(), b" ".to_vec(),
                b"0".to_vec(), b"\"".to_vec(), b"\\".to_vec(), b",".to_vec(), b"[]".to_vec(),
            ]),
        ],
    ) {
        let mut bytes = record.sign(at(), &secret(1), &base()).bytes;
        let place = place.index(bytes.len());
        let end = (place + removed).min(bytes.len());
        bytes.splice(place..end, added);
        is_found(&bytes);
    }
}
