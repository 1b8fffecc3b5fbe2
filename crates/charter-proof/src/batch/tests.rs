use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::{EdwardsPoint, Scalar};
use serde_json::Value;
use sha2::{Digest as _, Sha512};

use super::{BadSignature, LARGEST_BATCH, Signed, is_reduced, verify_batch};
use crate::fixtures::secret;
use crate::keys::{KeyError, PublicKey, SecretKey};

const SEED: [u8; 32] = [7; 32];

/// Messages and their signatures by one key.
fn signatures(key: &SecretKey, count: usize) -> Vec<(Vec<u8>, [u8; 64])> {
    (0..count)
        .map(|number| {
            let message = format!("message {number}").into_bytes();
            let signature = key.sign(&message);
            (message, signature)
        })
        .collect()
}

fn judged(key: &PublicKey, all: &[(Vec<u8>, [u8; 64])]) -> Result<(), usize> {
    let signed: Vec<Signed<'_>> = all
        .iter()
        .map(|(message, signature)| Signed { message, signature })
        .collect();
    verify_batch(key, &signed, &SEED).map_err(|BadSignature { index }| index)
}

fn scalar(signature: &[u8; 64]) -> Scalar {
    Scalar::from_canonical_bytes(signature[32..].try_into().unwrap()).unwrap()
}

/// The secret scalar of a seed (RFC 8032 §5.1.5), with which an owner can make signatures nobody else can.
fn owner(seed: u8) -> Scalar {
    let hash = Sha512::digest([seed; 32]);
    let mut bytes: [u8; 32] = hash[..32].try_into().unwrap();
    bytes[0] &= 0b1111_1000;
    bytes[31] &= 0b0111_1111;
    bytes[31] |= 0b0100_0000;
    Scalar::from_bytes_mod_order(bytes)
}

/// A signature whose R is `r·B` and this point besides, for which `S·B = r·B + k·A`.
fn signature_beside(seed: u8, message: &[u8], r: Scalar, beside: EdwardsPoint) -> [u8; 64] {
    let point = (ED25519_BASEPOINT_POINT * r + beside).compress();
    let mut challenge = Sha512::new();
    challenge.update(point.as_bytes());
    challenge.update(secret(seed).public().as_bytes());
    challenge.update(message);
    let challenge = Scalar::from_bytes_mod_order_wide(&challenge.finalize().into());
    let s = r + challenge * owner(seed);
    [*point.as_bytes(), s.to_bytes()]
        .concat()
        .try_into()
        .unwrap()
}

#[test]
fn signatures_of_one_key_are_taken_however_many_there_are() {
    let key = secret(1);
    let all = signatures(&key, 2 * LARGEST_BATCH + 5);
    for count in [0, 1, 2, LARGEST_BATCH, LARGEST_BATCH + 1, all.len()] {
        assert_eq!(judged(&key.public(), &all[..count]), Ok(()), "{count}");
    }
}

#[test]
fn one_bad_signature_among_thousands_is_named_wherever_it_stands() {
    let key = secret(1);
    let good = signatures(&key, LARGEST_BATCH + 10);
    let (last, next) = (LARGEST_BATCH - 1, LARGEST_BATCH);
    for place in [0, 1, 777, last - 1, last, next, next + 9] {
        for byte in [0, 31, 32, 63] {
            let mut all = good.clone();
            all[place].1[byte] ^= 1;
            assert_eq!(judged(&key.public(), &all), Err(place), "{place} {byte}");
        }
        let mut all = good.clone();
        all[place].0.push(b'!');
        assert_eq!(judged(&key.public(), &all), Err(place));
        let mut all = good.clone();
        all[place].1 = secret(2).sign(&all[place].0);
        assert_eq!(judged(&key.public(), &all), Err(place));
    }
}

#[test]
fn an_s_that_was_not_reduced_is_refused() {
    // RFC 8032 §5.1.7: S + L would be a second signature of the same message.
    let order: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde,
        0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let key = secret(1);
    let mut all = signatures(&key, 10);
    let mut carry = 0;
    for (byte, more) in all[6].1[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(more) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    assert_eq!(judged(&key.public(), &all), Err(6));
}

#[test]
fn points_of_small_order_are_refused_as_r_and_as_key() {
    let key = secret(1);
    for point in EIGHT_TORSION {
        let mut all = signatures(&key, 10);
        // Its owner can make one for which the sum holds.
        all[4].1 = signature_beside(1, &all[4].0, Scalar::ZERO, point);
        assert_eq!(judged(&key.public(), &all), Err(4));
        let weak = PublicKey::from_bytes(point.compress().as_bytes());
        assert_eq!(weak.unwrap_err(), KeyError::Weak);
    }
}

#[test]
fn a_y_that_was_not_reduced_is_refused() {
    let mut encoded = [0xff; 32];
    for sign in [0x7f, 0xff] {
        encoded[31] = sign;
        for lowest in 0..=u8::MAX {
            encoded[0] = lowest;
            assert_eq!(is_reduced(&encoded), lowest < 0xed);
        }
        encoded[0] = 0xff;
        for place in 1..31 {
            let mut lower = encoded;
            lower[place] = 0xfe;
            assert!(is_reduced(&lower));
        }
        encoded[31] = sign - 1;
        assert!(is_reduced(&encoded));
    }
}

#[test]
fn signatures_in_each_others_places_are_refused() {
    let key = secret(1);
    let mut all = signatures(&key, 100);
    let (one, other) = (all[20].1, all[70].1);
    (all[20].1, all[70].1) = (other, one);
    assert_eq!(judged(&key.public(), &all), Err(20));
}

#[test]
fn faults_that_cancel_out_in_a_plain_sum_are_refused() {
    let key = secret(1);
    // S of the one higher by what that of the other is lower by.
    let mut all = signatures(&key, 100);
    let shift = Scalar::from(12_345_u64);
    let (one, other) = (scalar(&all[30].1) + shift, scalar(&all[31].1) - shift);
    all[30].1[32..].copy_from_slice(&one.to_bytes());
    all[31].1[32..].copy_from_slice(&other.to_bytes());
    assert_eq!(judged(&key.public(), &all), Err(30));
    // The halves of two signatures exchanged: each sum of two is what it was.
    let mut all = signatures(&key, 100);
    let (one, other) = (scalar(&all[30].1), scalar(&all[31].1));
    all[30].1[32..].copy_from_slice(&other.to_bytes());
    all[31].1[32..].copy_from_slice(&one.to_bytes());
    assert_eq!(judged(&key.public(), &all), Err(30));
    // A thousand of them, in pairs.
    let mut all = signatures(&key, LARGEST_BATCH);
    for pair in all.chunks_mut(2) {
        let (one, other) = (scalar(&pair[0].1) + shift, scalar(&pair[1].1) - shift);
        pair[0].1[32..].copy_from_slice(&one.to_bytes());
        pair[1].1[32..].copy_from_slice(&other.to_bytes());
    }
    assert_eq!(judged(&key.public(), &all), Err(0));
}

#[test]
fn what_only_the_owner_of_the_key_can_make_is_taken_in_a_batch_and_never_by_chance() {
    // R outside the prime-order subgroup: the one difference to `verify_strict`.
    let key = secret(1);
    for beside in &EIGHT_TORSION[1..] {
        let message = b"message".to_vec();
        let made = signature_beside(1, &message, Scalar::from(99_u64), *beside);
        assert!(!key.public().verify_strict(&message, &made));
        for count in [1, 2, 50] {
            let mut all = signatures(&key, count);
            all[0] = (message.clone(), made);
            assert_eq!(judged(&key.public(), &all), Ok(()));
        }
        // Beside a false one it is judged by itself, and stands first.
        let mut all = signatures(&key, 50);
        all[3] = (message.clone(), made);
        all[9].0.push(b'!');
        assert_eq!(judged(&key.public(), &all), Err(3));
    }
}

/// What is made of each of the vectors, alone in its batch: whether the key can be read, whether the signature is
/// taken one by one, and whether in a batch.
#[test]
fn the_vectors_about_which_implementations_disagree() {
    let cases = include_str!("../../vectors/ed25519-speccheck/cases.json");
    let cases: Vec<Value> = serde_json::from_str(cases).unwrap();
    let found: Vec<(bool, bool, bool)> = cases
        .iter()
        .map(|case| {
            let bytes = |name: &str| from_hex(case[name].as_str().unwrap());
            let key: [u8; 32] = bytes("pub_key").try_into().unwrap();
            let signature: [u8; 64] = bytes("signature").try_into().unwrap();
            let Ok(key) = PublicKey::from_bytes(&key) else {
                return (false, false, false);
            };
            let message = bytes("message");
            let strict = key.verify_strict(&message, &signature);
            (true, strict, judged(&key, &[(message, signature)]).is_ok())
        })
        .collect();
    let expected = [
        (false, false, false), // 0: key and R of small order, S = 0
        (false, false, false), // 1: key of small order
        (true, false, false),  // 2: R of small order, key of mixed order
        (true, true, true),    // 3: both of mixed order, and what lies outside cancels out
        (true, false, true),   // 4: holds only times the cofactor
        (true, false, true),   // 5: holds only times the cofactor, taken before k is reduced
        (true, false, false),  // 6: S above the order
        (true, false, false),  // 7: S far above the order
        (true, false, false),  // 8: R of small order and not canonical
        (true, false, false),  // 9: the same, where k is of the canonical one
        (false, false, false), // 10: key of small order and not canonical
        (false, false, false), // 11: the same, where k is of the canonical one
    ];
    assert_eq!(found, expected);
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|place| u8::from_str_radix(&text[place..place + 2], 16).unwrap())
        .collect()
}
