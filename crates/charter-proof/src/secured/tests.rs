use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{SecuredError, SignError, sign_value, verification_method, verify};
use crate::canonical::{Digest, parse_strict};
use crate::fixtures::{instant, public, secret};
use crate::keys::{PublicKey, SecretKey};

const UNSIGNED: &[u8] = include_bytes!("../../vectors/eddsa-jcs-2022/unsigned.json");
const SIGNED: &[u8] = include_bytes!("../../vectors/eddsa-jcs-2022/signedJCS.json");
const OPTIONS: &[u8] = include_bytes!("../../vectors/eddsa-jcs-2022/proofConfigJCS.json");
const KEY_PAIR: &[u8] = include_bytes!("../../vectors/eddsa-jcs-2022/keyPair.json");
const METHOD: &str = "did:web:registry.example#key";

fn vector(bytes: &[u8]) -> Value {
    parse_strict(bytes).unwrap()
}

/// The seed of a secret Multikey: `z` and base58btc of `8026` and 32 bytes.
fn vector_key() -> SecretKey {
    let pair = vector(KEY_PAIR);
    let multibase = pair["privateKeyMultibase"].as_str().unwrap();
    let bytes = bs58::decode(&multibase[1..]).into_vec().unwrap();
    assert_eq!(bytes[..2], [0x80, 0x26]);
    SecretKey::from_seed(bytes[2..].try_into().unwrap())
}

fn created(options: &Value) -> DateTime<Utc> {
    options["created"].as_str().unwrap().parse().unwrap()
}

#[test]
fn the_vectors_of_the_standard_are_reproduced_to_the_byte() {
    let options = vector(OPTIONS);
    let method = options["verificationMethod"].as_str().unwrap();
    let signed = sign_value(vector(UNSIGNED), created(&options), method, &vector_key()).unwrap();
    assert_eq!(
        signed["proof"]["proofValue"],
        "z2HnFSSPPBzR36zdDgK8PbEHeXbR56YF24jwMpt3R1eHXQzJDMWS93FCzpvJpwTWd3GAVFuUfjoJdcnTMuVor51aX"
    );
    assert_eq!(signed, vector(SIGNED));
}

#[test]
fn the_hashes_of_the_standards_vectors_are_reproduced() {
    let canonical = |bytes| crate::canonical::to_jcs(&vector(bytes)).unwrap();
    assert_eq!(
        Digest::of(&canonical(UNSIGNED)).to_string(),
        "59b7cb6251b8991add1ce0bc83107e3db9dbbab5bd2c28f687db1a03abc92f19"
    );
    assert_eq!(
        Digest::of(&canonical(OPTIONS)).to_string(),
        "66ab154f5c2890a140cb8388a22a160454f80575f6eae09e5a097cabe539a1db"
    );
}

#[test]
fn the_signed_vector_of_the_standard_verifies_under_its_key() {
    let key = vector(KEY_PAIR)["publicKeyMultibase"]
        .as_str()
        .unwrap()
        .to_owned();
    let signed = vector(SIGNED);
    verify(&signed, &PublicKey::from_multibase(&key).unwrap()).unwrap();
    assert_eq!(
        verification_method(&signed),
        Some(format!("did:key:{key}#{key}").as_str())
    );
}

fn signed() -> Value {
    let document = json!({"@context": ["https://one.example", {"a": "b"}], "n": 1, "ß": [null]});
    sign_value(document, instant(), METHOD, &secret(1)).unwrap()
}

#[test]
fn any_document_is_signed_in_its_own_context() {
    let document = signed();
    assert_eq!(document["proof"]["@context"], document["@context"]);
    verify(&document, &public(1)).unwrap();

    let without_context = sign_value(json!({"n": 1}), instant(), METHOD, &secret(1)).unwrap();
    assert!(without_context["proof"].get("@context").is_none());
    verify(&without_context, &public(1)).unwrap();
}

#[test]
fn each_flaw_of_a_proof_is_refused_by_name() {
    let with = |pointer: &str, value: Value| {
        let mut document = signed();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = document
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        if value.is_null() {
            parent.remove(name);
        } else {
            parent.insert(name.to_owned(), value);
        }
        document
    };
    let value = signed()["proof"]["proofValue"].as_str().unwrap().to_owned();
    for (document, code) in [
        (json!([]), "not_an_object"),
        (with("/proof", Value::Null), "no_proof"),
        (with("/proof", json!([signed()["proof"]])), "not_one_proof"),
        (
            with("/proof/type", json!("Ed25519Signature2020")),
            "wrong_proof_type",
        ),
        (with("/proof/type", Value::Null), "wrong_proof_type"),
        (
            with("/proof/cryptosuite", json!("eddsa-rdfc-2022")),
            "wrong_cryptosuite",
        ),
        (
            with("/proof/proofPurpose", json!("authentication")),
            "wrong_proof_purpose",
        ),
        (with("/proof/created", json!("2026-11-22")), "bad_created"),
        (with("/proof/created", json!(7)), "bad_created"),
        (
            with("/proof/verificationMethod", Value::Null),
            "no_verification_method",
        ),
        (with("/proof/@context", Value::Null), "context_mismatch"),
        (
            with("/proof/@context", json!(["https://one.example"])),
            "context_mismatch",
        ),
        (
            with("/@context", json!(["https://one.example"])),
            "context_mismatch",
        ),
        (
            with("/proof/expires", json!("2030-01-01T00:00:00Z")),
            "unknown_proof_option",
        ),
        (with("/proof/challenge", json!("x")), "unknown_proof_option"),
        (with("/proof/proofValue", Value::Null), "bad_proof_value"),
        (with("/proof/proofValue", json!("u")), "bad_proof_value"),
        (
            with("/proof/proofValue", json!(value[..80])),
            "bad_proof_value",
        ),
        (
            with("/proof/proofValue", json!(value.replacen('z', "z1", 1))),
            "bad_proof_value",
        ),
        (
            with("/proof/proofValue", json!(format!("{value}1"))),
            "bad_proof_value",
        ),
        (with("/big", json!(u64::MAX)), "no_canonical_form"),
        (
            with("/proof/created", json!("2026-11-22T03:13:01Z")),
            "signature_invalid",
        ),
        (with("/proof/created", Value::Null), "signature_invalid"),
        (
            with("/proof/verificationMethod", json!("did:web:x#y")),
            "signature_invalid",
        ),
        (with("/n", json!(2)), "signature_invalid"),
        (with("/more", json!(1)), "signature_invalid"),
    ] {
        let refusal = verify(&document, &public(1)).unwrap_err();
        assert_eq!(refusal.code(), code, "{refusal}: {document}");
    }
    assert!(matches!(
        verify(&signed(), &public(2)),
        Err(SecuredError::SignatureInvalid)
    ));
}

#[test]
fn what_cannot_carry_a_proof_is_not_signed() {
    let sign = |document| sign_value(document, instant(), METHOD, &secret(1)).unwrap_err();
    assert!(matches!(sign(json!(1)), SignError::NotAnObject));
    assert!(matches!(sign(signed()), SignError::AlreadyProven));
    assert!(matches!(
        sign(json!({"n": u64::MAX})),
        SignError::Canonical(_)
    ));
}
