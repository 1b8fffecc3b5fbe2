use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::verify_jwt;
use crate::canonical::{parse_strict, to_jcs};
use crate::credential::tests::{code, credential, credential_of, listed, published};
use crate::credential::verify_credential;
use crate::entry::Status;
use crate::fixtures::{any_record, base, instant, public, secret};
use crate::record::UnsignedRecord;

fn token() -> String {
    credential().sign_jwt(&secret(1), &base()).unwrap()
}

fn part(token: &str, number: usize) -> Value {
    let part = token.split('.').nth(number).unwrap();
    parse_strict(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// A token of this header and payload, signed by the key of this seed.
fn made(header: &str, payload: &Value, seed: u8) -> String {
    let payload = URL_SAFE_NO_PAD.encode(to_jcs(payload).unwrap());
    let signed = format!("{}.{payload}", URL_SAFE_NO_PAD.encode(header));
    let signature = secret(seed).sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header(seed: u8) -> String {
    let kid = format!("{}#{}", base().did(), public(seed).jwk_thumbprint());
    format!(r#"{{"alg":"EdDSA","typ":"vc+jwt","kid":"{kid}"}}"#)
}

fn judged(token: &str) -> Result<(), &'static str> {
    code(verify_jwt(token, &published(), instant())).map(|_| ())
}

#[test]
fn a_token_stands_as_published() {
    let token = token();
    let header = token.split('.').next().unwrap();
    let header = String::from_utf8(URL_SAFE_NO_PAD.decode(header).unwrap()).unwrap();
    insta::assert_snapshot!(header);
    insta::assert_json_snapshot!(part(&token, 1));
}

#[test]
fn a_token_says_what_the_credential_says_and_ends_when_it_ends() {
    let (token, now) = (token(), instant());
    let bytes = credential().sign(&secret(1), &base()).unwrap();
    let said = verify_jwt(&token, &published(), now).unwrap();
    assert_eq!(said, verify_credential(&bytes, &published(), now).unwrap());
    let payload = part(&token, 1);
    assert_eq!(payload["exp"], (now + TimeDelta::days(1)).timestamp());
    assert_eq!(payload["iat"], now.timestamp());
    assert_eq!(payload["iss"], base().did());
    for absent in ["nbf", "vc", "proof"] {
        assert!(payload.get(absent).is_none(), "{absent}");
    }
    let late = now + TimeDelta::days(2);
    let judged = code(verify_jwt(&token, &published(), late));
    assert_eq!(judged.map(|_| ()), Err("expired"));
}

#[test]
fn a_token_altered_in_any_single_bit_is_refused() {
    let token = token().into_bytes();
    for (place, bit) in (0..token.len()).flat_map(|place| (0..8).map(move |bit| (place, bit))) {
        let mut altered = token.clone();
        altered[place] ^= 1 << bit;
        if let Ok(altered) = str::from_utf8(&altered) {
            assert!(judged(altered).is_err(), "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn anything_but_three_parts_of_plain_base64url_is_refused() {
    let token = token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (head, payload) = signed.split_once('.').unwrap();
    // 64 bytes leave four spare bits at the end, which must be zero.
    let mut spare = signature.to_owned();
    let last = spare.pop().unwrap();
    spare.push(char::from(u8::try_from(last).unwrap() + 1));
    for other in [
        String::new(),
        signed.to_owned(),
        head.to_owned(),
        format!("{token}."),
        format!("{token}.x"),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{token}=="),
        format!("{signed}.{spare}"),
        format!("{signed}."),
        format!("{signed}.{}", &signature[..84]),
        format!("{head}.{payload}=.{signature}"),
        format!("{head}.{}+.{signature}", &payload[1..]),
    ] {
        assert_eq!(judged(&other), Err("not_compact_jws"), "{other:?}");
    }
}

#[test]
fn a_header_that_says_more_less_or_something_else_is_refused() {
    let (payload, good) = (part(&token(), 1), header(1));
    assert_eq!(judged(&made(&good, &payload, 1)), Ok(()));
    for other in [
        good.replace("EdDSA", "none"),
        good.replace("EdDSA", "HS256"),
        good.replace("EdDSA", "Ed25519"),
        good.replace("vc+jwt", "JWT"),
        good.replace("\"typ\":\"vc+jwt\",", ""),
        good.replace('{', "{\"crit\":[],"),
        good.replace('{', "{\"jwk\":{},"),
        good.replace('{', "{\"alg\":\"EdDSA\","),
        good.replace("\"kid\"", "\"KID\""),
        "null".to_owned(),
    ] {
        assert_ne!(other, good);
        assert_eq!(
            judged(&made(&other, &payload, 1)),
            Err("wrong_header"),
            "{other}"
        );
    }
}

#[test]
fn a_token_counts_only_by_the_key_that_its_header_names_and_while_it_is_the_registrys() {
    let payload = part(&token(), 1);
    for (named, seed, expected) in [
        (1, 1, Ok(())),
        (2, 2, Ok(())),
        (1, 2, Err("signature_invalid")),
        (3, 3, Err("retired_key")),
        (4, 4, Err("unknown_key")),
    ] {
        let token = made(&header(named), &payload, seed);
        assert_eq!(judged(&token), expected, "{named} {seed}");
    }
    let by_list = |seed| {
        let token = made(&header(seed), &payload, seed);
        code(verify_jwt(&token, &listed(), instant())).map(|_| ())
    };
    assert_eq!(by_list(1), Ok(()));
    assert_eq!(by_list(2), Err("retired_key"));
    assert_eq!(by_list(4), Err("unknown_key"));
    // The other published form of the same key is no name for it here.
    let multikey = header(1).replace(&public(1).jwk_thumbprint(), &public(1).to_string());
    assert_eq!(judged(&made(&multikey, &payload, 1)), Err("unknown_key"));
}

#[test]
fn claims_that_contradict_the_credential_are_refused_though_the_registry_signed_them() {
    let payload = part(&token(), 1);
    let changed = |pointer: &str, value: Value| {
        let mut payload = payload.clone();
        payload[pointer] = value;
        made(&header(1), &payload, 1)
    };
    for (claim, value, expected) in [
        ("exp", json!(4_000_000_000_u64), "claim_mismatch"),
        ("iat", json!(0), "claim_mismatch"),
        ("iss", json!("did:web:other.example"), "claim_mismatch"),
        ("exp", json!("1"), "unexpected_shape"),
        ("exp", json!(1.5), "unexpected_shape"),
        ("nbf", json!(0), "unexpected_shape"),
        ("vc", json!({}), "unexpected_shape"),
        ("proof", json!({}), "unexpected_shape"),
        ("type", json!(["VerifiableCredential"]), "wrong_type"),
        ("id", json!("https://other.example"), "foreign_id"),
    ] {
        assert_eq!(
            judged(&changed(claim, value.clone())),
            Err(expected),
            "{claim} {value}"
        );
    }
    let duplicate = {
        let text = serde_json::to_string(&payload).unwrap();
        let text = text.replacen('{', "{\"exp\":0,", 1);
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header(1)),
            URL_SAFE_NO_PAD.encode(text)
        );
        let signature = secret(1).sign(signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    };
    assert_eq!(judged(&duplicate), Err("duplicate_key"));
}

proptest! {
    #[test]
    fn whatever_the_registry_signs_as_a_token_is_authentic(record in any_record()) {
        let member = record.member;
        let record = UnsignedRecord { resulting_status: Status::Active, ..record };
        let token = credential_of(record).sign_jwt(&secret(1), &base()).unwrap();
        let said = verify_jwt(&token, &listed(), instant()).unwrap();
        prop_assert_eq!(said.member, member);
    }

    #[test]
    fn no_input_makes_the_verifier_panic(text in "\\PC*", parts in "[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,3}") {
        prop_assert!(judged(&text).is_err());
        prop_assert!(judged(&parts).is_err());
    }
}
