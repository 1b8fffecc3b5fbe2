mod openssl;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use serde_json::json;

use super::{
    DidDocumentError, KeyError, KeyList, KeyRange, PublicKey, PublishedKeys, Purpose, SecretKey,
    did_document,
};
use crate::canonical::{Digest, to_jcs};
use crate::fixtures::{base, public, secret};

/// RFC 8037 appendix A.
const JWK_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const JWK_THUMBPRINT: &str = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k";
/// RFC 8410 §10.3.
const RFC_8410: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
    -----END PRIVATE KEY-----\n";

fn bytes(hex: &str) -> [u8; 32] {
    *hex.parse::<Digest>().unwrap().as_bytes()
}

/// The version of a PKCS#8 file: the INTEGER that opens its SEQUENCE (RFC 5958 §2).
fn asn1_version(pem: &str) -> u8 {
    let body: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = STANDARD.decode(body).unwrap();
    assert_eq!((der[0], &der[2..4]), (0x30, &[0x02, 0x01][..]));
    der[4]
}

#[test]
fn a_public_key_is_read_from_each_form_it_is_published_in() {
    let key = PublicKey::from_jwk_x(JWK_X).unwrap();
    assert_eq!(key.jwk_x(), JWK_X);
    assert_eq!(key.jwk_thumbprint(), JWK_THUMBPRINT);
    assert_eq!(PublicKey::from_multibase(&key.to_multibase()), Ok(key));
    assert_eq!(PublicKey::from_bytes(key.as_bytes()), Ok(key));
    let json = serde_json::to_value(key).unwrap();
    assert_eq!(json, json!(key.to_multibase()));
    assert_eq!(serde_json::from_value::<PublicKey>(json).unwrap(), key);
}

#[test]
fn the_multikey_of_the_w3c_vectors_is_that_of_its_seed() {
    let seed = "c96ef9ea10c5e414c471723aff9de72c35fa5b70fae97e8832ecac7d2e2b8ed6";
    assert_eq!(
        SecretKey::from_seed(bytes(seed)).public().to_multibase(),
        "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2"
    );
}

#[test]
fn a_text_that_is_not_an_ed25519_multikey_is_refused() {
    let key = public(1).to_multibase();
    let p256 = "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv";
    let short = format!(
        "z{}",
        bs58::encode([&[0xed, 0x01][..], &[7; 31]].concat()).into_string()
    );
    let long = format!(
        "z{}",
        bs58::encode([&[0xed, 0x01][..], &[7; 33]].concat()).into_string()
    );
    let zeroes = format!("z1{}", &key[1..]);
    for other in [
        "",
        "z",
        &key[1..],
        &key[..47],
        p256,
        &short,
        &long,
        &zeroes,
        "z6Mk0OIl",
    ] {
        assert_eq!(
            PublicKey::from_multibase(other),
            Err(KeyError::Multibase),
            "{other}"
        );
    }
    for other in [
        "",
        &format!("{JWK_X}="),
        &JWK_X[1..],
        &JWK_X.replace('_', "/"),
    ] {
        assert_eq!(PublicKey::from_jwk_x(other), Err(KeyError::JwkX), "{other}");
    }
    // The same 32 bytes, with a pad bit set.
    assert_eq!(
        PublicKey::from_jwk_x(&JWK_X.replace("URo", "URp")),
        Err(KeyError::JwkX)
    );
}

#[test]
fn weak_keys_are_refused() {
    for point in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    ] {
        assert_eq!(
            PublicKey::from_bytes(&bytes(point)),
            Err(KeyError::Weak),
            "{point}"
        );
    }
}

#[test]
fn points_in_another_encoding_than_the_canonical_one_are_refused() {
    // y from p to 2^255 - 1, each with either sign.
    for low in 0xed..=0xff {
        for high in [0x7f, 0xff] {
            let mut point = [0xff; 32];
            (point[0], point[31]) = (low, high);
            assert_eq!(
                PublicKey::from_bytes(&point),
                Err(KeyError::NotAPoint),
                "{low:x}"
            );
        }
    }
    // x = 0 with the sign of a negative x (RFC 8032 §5.1.3 step 4).
    let mut identity = [0; 32];
    (identity[0], identity[31]) = (1, 0x80);
    assert_eq!(PublicKey::from_bytes(&identity), Err(KeyError::NotAPoint));
    // Not on the curve at all.
    let mut off_curve = [0; 32];
    off_curve[0] = 2;
    assert_eq!(PublicKey::from_bytes(&off_curve), Err(KeyError::NotAPoint));
}

#[test]
fn a_signature_holds_for_its_message_and_key_only() {
    let signature = secret(1).sign(b"message");
    assert!(public(1).verify_strict(b"message", &signature));
    assert!(!public(1).verify_strict(b"massage", &signature));
    assert!(!public(2).verify_strict(b"message", &signature));
}

#[test]
fn the_key_file_of_rfc_8410_is_read_and_written_to_the_byte() {
    let key = SecretKey::from_pkcs8_pem(RFC_8410).unwrap();
    assert_eq!(
        key.public().as_bytes(),
        &bytes("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1")
    );
    assert_eq!(key.to_pkcs8_pem().unwrap().as_str(), RFC_8410);
    assert!(SecretKey::from_pkcs8_pem(&RFC_8410.replace('\n', "\r\n")).is_ok());
}

#[test]
fn key_files_are_written_in_version_1_and_read_in_both() {
    let seed = [7; 32];
    let version_1 = SecretKey::from_seed(seed).to_pkcs8_pem().unwrap();
    let version_2 = SigningKey::from_bytes(&seed)
        .to_pkcs8_pem(LineEnding::LF)
        .unwrap();
    assert_eq!(asn1_version(&version_1), 0);
    assert_eq!(asn1_version(&version_2), 1);
    for pem in [version_1, version_2] {
        let read = SecretKey::from_pkcs8_pem(&pem).unwrap();
        assert_eq!(read.public(), public(7));
        assert_eq!(asn1_version(&read.to_pkcs8_pem().unwrap()), 0);
    }
}

#[test]
fn a_key_file_whose_halves_do_not_belong_together_is_refused() {
    let pair = ed25519_dalek::pkcs8::KeypairBytes {
        secret_key: [7; 32],
        public_key: Some(ed25519_dalek::pkcs8::PublicKeyBytes(*public(8).as_bytes())),
    };
    let pem = pair.to_pkcs8_pem(LineEnding::LF).unwrap();
    assert_eq!(
        SecretKey::from_pkcs8_pem(&pem).unwrap_err(),
        KeyError::Pkcs8
    );
}

#[test]
fn what_is_not_an_ed25519_key_file_is_refused() {
    for other in [
        "",
        "secret",
        &RFC_8410.replace("PRIVATE", "PUBLIC"),
        &RFC_8410.replace("MC4C", "MC4D"),
        &RFC_8410.replace("ZW1", "ZW2").replace("K2Vw", "K2Vu"),
    ] {
        assert_eq!(
            SecretKey::from_pkcs8_pem(other).unwrap_err(),
            KeyError::Pkcs8,
            "{other}"
        );
    }
}

#[test]
fn a_secret_key_prints_nothing_secret() {
    let printed = format!("{:?}", SecretKey::from_seed([0xab; 32]));
    assert_eq!(printed, format!("SecretKey(of {})", public(0xab)));
}

fn range(purpose: Purpose, seed: u8, from: u64, to: Option<u64>) -> KeyRange {
    KeyRange {
        from,
        public_key_multibase: public(seed),
        purpose,
        to,
    }
}

fn key_list() -> KeyList {
    KeyList::new(vec![
        range(Purpose::Record, 3, 10, None),
        range(Purpose::Record, 2, 0, Some(10)),
        range(Purpose::Log, 1, 0, None),
        range(Purpose::Clock, 4, 0, None),
    ])
}

#[test]
fn a_key_list_stands_sorted_by_purpose_then_first_entry() {
    let bytes = to_jcs(&key_list()).unwrap();
    let [clock, log, old, new] = [4, 1, 2, 3].map(public);
    assert_eq!(
        String::from_utf8(bytes.clone()).unwrap(),
        format!(
            "[{{\"from\":0,\"publicKeyMultibase\":\"{clock}\",\"purpose\":\"clock\",\"to\":null}},\
              {{\"from\":0,\"publicKeyMultibase\":\"{log}\",\"purpose\":\"log\",\"to\":null}},\
              {{\"from\":0,\"publicKeyMultibase\":\"{old}\",\"purpose\":\"record\",\"to\":10}},\
              {{\"from\":10,\"publicKeyMultibase\":\"{new}\",\"purpose\":\"record\",\"to\":null}}]"
        )
    );
    assert_eq!(key_list().digest(), Digest::of(&bytes));
    assert_eq!(
        serde_json::from_slice::<KeyList>(&bytes).unwrap(),
        key_list()
    );
}

#[test]
fn a_key_list_in_another_order_is_not_read() {
    let mut list = serde_json::to_value(key_list()).unwrap();
    list.as_array_mut().unwrap().swap(2, 3);
    assert!(serde_json::from_value::<KeyList>(list).is_err());
}

#[test]
fn the_key_of_an_entry_is_the_one_whose_range_holds_its_index() {
    let list = key_list();
    let record_key = |index| {
        let range = list.covering(Purpose::Record, index).unwrap();
        range.public_key_multibase
    };
    assert_eq!(
        [0, 9, 10, u64::MAX].map(record_key),
        [2, 2, 3, 3].map(public)
    );
    assert_eq!(list.find(Purpose::Record, &public(3)).unwrap().from, 10);
    assert_eq!(list.find(Purpose::Log, &public(3)), None);
    let closed = KeyList::new(vec![range(Purpose::Log, 1, 5, Some(7))]);
    let holders = [4, 5, 6, 7].map(|index| closed.covering(Purpose::Log, index).is_some());
    assert_eq!(holders, [false, true, true, false]);
}

#[test]
fn the_did_document_shows_each_key_twice_and_the_active_one_first() {
    let document = did_document(&base(), &[(public(3), true), (public(2), false)]);
    let (active, retired) = (public(3), public(2));
    let did = "did:web:registry.example";
    let method = |key: &PublicKey| {
        [
            json!({
                "id": format!("{did}#{key}"), "type": "Multikey", "controller": did,
                "publicKeyMultibase": key.to_multibase(),
            }),
            json!({
                "id": format!("{did}#{}", key.jwk_thumbprint()), "type": "JsonWebKey",
                "controller": did,
                "publicKeyJwk": {"kty": "OKP", "crv": "Ed25519", "x": key.jwk_x()},
            }),
        ]
    };
    let methods = [method(&active), method(&retired)].concat();
    assert_eq!(
        serde_json::to_value(&document).unwrap(),
        json!({
            "@context": [
                "https://www.w3.org/ns/did/v1",
                "https://w3id.org/security/multikey/v1",
                "https://w3id.org/security/jwk/v1",
            ],
            "id": did,
            "verificationMethod": methods,
            "assertionMethod": [
                format!("{did}#{active}"),
                format!("{did}#{}", active.jwk_thumbprint()),
            ],
        })
    );
}

#[test]
fn record_keys_are_read_out_of_a_did_document() {
    let document = did_document(
        &base(),
        &[(public(3), true), (public(2), true), (public(1), false)],
    );
    let keys = PublishedKeys::parse(&to_jcs(&document).unwrap()).unwrap();
    assert_eq!(keys.did, "did:web:registry.example");
    assert_eq!(keys.asserting, [public(3), public(2)]);
    assert_eq!(keys.retired, [public(1)]);
}

#[test]
fn a_did_document_by_other_software_is_read_too() {
    let did = "did:web:registry.example";
    let method = |id: &str, key: PublicKey, controller: &str| json!({"id": id, "type": "Multikey", "controller": controller, "publicKeyMultibase": key});
    let document = json!({
        "id": did,
        "verificationMethod": [
            method("#one", public(1), did),
            method("did:web:registry.example#other", public(2), "did:web:other.example"),
            {"id": "#p256", "type": "Multikey", "controller": did,
             "publicKeyMultibase": "zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"},
        ],
        "assertionMethod": [
            "#p256", "#other", "#missing", "did:web:registry.example#one",
            method("#embedded", public(3), did), 7,
        ],
    });
    let keys = PublishedKeys::parse(document.to_string().as_bytes()).unwrap();
    assert_eq!(keys.asserting, [public(1), public(3)]);
    assert_eq!(keys.retired, []);
}

#[test]
fn a_did_document_that_names_no_record_key_is_refused() {
    let parse = |text: &str| PublishedKeys::parse(text.as_bytes());
    assert!(matches!(parse("{"), Err(DidDocumentError::Json(_))));
    assert!(matches!(parse("{}"), Err(DidDocumentError::Id)));
    assert!(matches!(
        parse(r#"{"id":"did:key:z6Mk"}"#),
        Err(DidDocumentError::Id)
    ));
    let no_key = r##"{"id":"did:web:registry.example","assertionMethod":["#a"]}"##;
    assert!(matches!(parse(no_key), Err(DidDocumentError::NoKey)));
}
