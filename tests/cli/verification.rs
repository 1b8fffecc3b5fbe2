//! Records verified offline.

use std::fs;

use charter_proof::{
    canonical::{Digest, to_jcs},
    credential::UnsignedCredential,
    entry::{MemberEventKind, Status},
    identity::Base,
    keys::{SecretKey, did_document},
    record::{CharterVersion, LanguageTagged, UnsignedRecord},
    status_list::{Bits, Place, StatusPurpose, UnsignedStatusList},
};
use chrono::{DateTime, TimeDelta, Utc};

use crate::host::{Ended, Host};

/// A registry's record, the keys that check it, and the files that hold both.
struct Evidence {
    host: Host,
    record: Vec<u8>,
    key: String,
}

impl Evidence {
    fn new() -> Self {
        let base = Base::parse("https://registry.example").unwrap();
        let secret = SecretKey::from_seed([7; 32]);
        let record = exclusion().sign(instant(), &secret, &base).bytes;
        let successor = SecretKey::from_seed([8; 32]).public();
        let active = did_document(&base, &[(secret.public(), true)]);
        let retired = did_document(&base, &[(successor, true), (secret.public(), true)]);
        let key = secret.public().to_string();
        let list = serde_json::json!({"keys": [
            {"from": 0, "publicKeyMultibase": key, "purpose": "record", "to": 20, "status": "retired"},
            {"from": 0, "publicKeyMultibase": successor, "purpose": "log", "to": null,
                "vkey": "registry.example/log+00000000+AAAA", "status": "active"},
        ]});
        let host = Host::new();
        host.write("record.json", &record);
        host.write("did.json", to_jcs(&active).unwrap());
        host.write("later.json", to_jcs(&retired).unwrap());
        host.write("keys.json", list.to_string());
        Self { host, record, key }
    }
}

fn instant() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn exclusion() -> UnsignedRecord {
    UnsignedRecord {
        id: uuid::uuid!("0192f0c1-0000-7000-8000-000000000002"),
        issuer_name: "Charter registry".to_owned(),
        member: uuid::uuid!("0192f0c1-0000-7000-8000-000000000001"),
        charter: CharterVersion {
            slug: "open-it".to_owned(),
            version: 2,
            digest: Digest::of(b"charter"),
        },
        event: MemberEventKind::Excluded,
        at: instant(),
        resulting_status: Status::Excluded,
        until: None,
        member_number: 123,
        since: instant().date_naive(),
        founder: false,
        names: vec![LanguageTagged {
            language: "ru".to_owned(),
            value: "Школа № 1".to_owned(),
        }],
        aliases: Vec::new(),
        category: "educational_institution".to_owned(),
        country: Some("RU".to_owned()),
        region: None,
        website: None,
        domain: None,
        identifiers: Vec::new(),
        memorandum: None,
        decision: None,
        previous: None,
    }
}

#[test]
fn an_authentic_record_is_verified_offline_by_each_kind_of_trust() {
    let Evidence { host, record, key } = Evidence::new();
    let expected = format!(
        "authentic: Школа № 1 (excluded in the charter open-it version 2) at 2026-11-18T11:06:40Z, status \
         then excluded; recorded by did:web:registry.example, signed with {key}\n"
    );
    for trust in [
        &["--did", "did.json"][..],
        &["--key", &key],
        &["--keys", "keys.json", "--index", "19"],
    ] {
        let line = host.answer(&[&["verify", "record.json"], trust].concat());
        assert_eq!(line, expected, "{trust:?}");
    }
    let piped = fs::File::open(host.path().join("record.json")).unwrap();
    let mut command = host.command(&["verify", "-", "--did", "did.json", "--json"]);
    let ended = Ended::of(command.stdin(piped).output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.err);
    let verdict: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(verdict["verdict"], "authentic");
    assert_eq!(verdict["record"]["resultingStatus"], "excluded");
    assert_eq!(verdict["record"]["digest"], Digest::of(&record).to_string());
}

#[test]
fn a_tampered_record_is_refused() {
    let Evidence { host, record, .. } = Evidence::new();
    let text = String::from_utf8(record).unwrap();
    host.write("tampered.json", text.replace("\"excluded\"", "\"active\""));
    let ended = host.run(&["verify", "tampered.json", "--did", "did.json"]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(ended.out.starts_with("refused: "), "{}", ended.out);
    let ended = host.run(&["verify", "tampered.json", "--did", "did.json", "--json"]);
    assert_eq!(ended.code, 1);
    let verdict: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(verdict["verdict"], "refused");
    assert!(verdict["reasons"][0]["code"].is_string());
}

#[test]
fn a_retired_keys_record_is_judged_by_its_position() {
    let Evidence { host, .. } = Evidence::new();
    for undecided in [&["--did", "later.json"][..], &["--keys", "keys.json"]] {
        let ended = host.run(&[&["verify", "record.json"], undecided].concat());
        assert_eq!(ended.code, 2, "{}{}", ended.out, ended.err);
        assert!(ended.out.starts_with("position-unknown: "), "{}", ended.out);
    }
    let late = host.run(&[
        "verify",
        "record.json",
        "--keys",
        "keys.json",
        "--index",
        "20",
    ]);
    assert_eq!(late.code, 1, "{}", late.out);
}

#[test]
fn what_cannot_be_read_is_no_verdict() {
    let Evidence { host, .. } = Evidence::new();
    host.write("empty.json", "{}");
    for arguments in [
        ["verify", "absent.json", "--did", "did.json"],
        ["verify", "record.json", "--did", "absent.json"],
        ["verify", "record.json", "--did", "empty.json"],
        ["verify", "record.json", "--keys", "empty.json"],
    ] {
        let ended = host.run(&arguments);
        assert_eq!(ended.code, 2, "{arguments:?}");
        assert_eq!(ended.out, "");
        assert!(ended.err.starts_with("error: "), "{}", ended.err);
    }
}

const PLACE: Place = Place { list: 1, index: 7 };

/// A member's credential in both forms, and the lists that it names, before and after it was revoked.
fn credentials() -> Host {
    let Evidence { host, .. } = Evidence::new();
    let base = Base::parse("https://registry.example").unwrap();
    let secret = SecretKey::from_seed([7; 32]);
    let record = UnsignedRecord {
        event: MemberEventKind::Included,
        resulting_status: Status::Active,
        ..exclusion()
    };
    let record = record.sign(instant(), &secret, &base);
    let credential = UnsignedCredential {
        record: serde_json::from_slice(&record.bytes).unwrap(),
        digest: record.digest,
        valid_from: instant(),
        valid_until: instant() + TimeDelta::days(1),
        place: PLACE,
    };
    host.write("credential.json", credential.sign(&secret, &base).unwrap());
    let token = credential.sign_jwt(&secret, &base).unwrap();
    host.write("token.jwt", format!("{token}\n"));
    for (name, purpose, number, is_set) in [
        ("good", StatusPurpose::Revocation, 1, false),
        ("unsuspended", StatusPurpose::Suspension, 1, false),
        ("revoked", StatusPurpose::Revocation, 1, true),
        ("suspended", StatusPurpose::Suspension, 1, true),
        ("other", StatusPurpose::Revocation, 2, true),
    ] {
        let mut bits = Bits::default();
        if is_set {
            bits.set(PLACE.index);
        }
        let list = UnsignedStatusList {
            purpose,
            number,
            bits,
            issuer_name: "Charter registry".to_owned(),
            valid_from: instant(),
            valid_until: instant() + TimeDelta::days(2),
        };
        host.write(name, list.sign(&secret, &base));
    }
    host
}

/// Judges a file at noon of the credential's day.
fn judged(host: &Host, file: &str, more: &[&str]) -> (i32, String) {
    let arguments = [
        "verify",
        file,
        "--did",
        "did.json",
        "--as-of",
        "2026-11-18T12:00:00Z",
    ];
    let ended = host.run(&[&arguments, more].concat());
    assert_eq!(ended.err, "");
    (ended.code, ended.out)
}

#[test]
fn a_credential_shows_who_is_a_member_until_when_and_what_the_lists_say() {
    let host = credentials();
    for file in ["credential.json", "token.jwt"] {
        let told = "Школа № 1 (member 0192f0c1-0000-7000-8000-000000000001 of the charter open-it version 2), \
                    active as of 2026-11-18T11:06:40Z, valid until 2026-11-19T11:06:40Z";
        let whose = "on the word of did:web:registry.example\n";
        let unlisted = format!("active: {told}, not looked up in the status lists; {whose}");
        assert_eq!(judged(&host, file, &[]), (0, unlisted));
        let both = &["--status", "good", "--status", "unsuspended"];
        let as_of = "as of 2026-11-18T11:06:40Z";
        let listed = format!(
            "active: {told}, revocation not set {as_of}, suspension not set {as_of}; {whose}"
        );
        assert_eq!(judged(&host, file, both), (0, listed));
        for (list, verdict) in [("revoked", "revoked: "), ("suspended", "suspended: ")] {
            let (code, line) = judged(&host, file, &["--status", list]);
            assert_eq!(code, 1, "{line}");
            assert!(line.starts_with(verdict), "{line}");
        }
        let (code, line) = judged(&host, file, &["--status", "other"]);
        assert_eq!(code, 1);
        assert!(
            line.starts_with("refused: the status list other: "),
            "{line}"
        );
    }
    let (code, json) = judged(&host, "token.jwt", &["--status", "revoked", "--json"]);
    let verdict: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((code, verdict["verdict"].as_str()), (1, Some("revoked")));
    assert_eq!(verdict["credential"]["lists"][0]["isSet"], true);
}

#[test]
fn a_credential_that_was_altered_or_has_ended_is_refused() {
    let host = credentials();
    let document = fs::read_to_string(host.path().join("credential.json")).unwrap();
    host.write("altered.json", document.replace("Школа № 1", "Школа № 2"));
    let token = fs::read_to_string(host.path().join("token.jwt")).unwrap();
    host.write("altered.jwt", token.replace(".eyJ", ".eyK"));
    for file in ["altered.json", "altered.jwt"] {
        let (code, line) = judged(&host, file, &[]);
        assert_eq!(code, 1, "{line}");
        assert!(line.starts_with("refused: "), "{line}");
    }
    for file in ["credential.json", "token.jwt"] {
        let ended = host.run(&[
            "verify",
            file,
            "--did",
            "did.json",
            "--as-of",
            "2026-11-20T00:00:00Z",
        ]);
        assert_eq!(ended.code, 1);
        assert!(
            ended.out.starts_with("refused: it was valid until "),
            "{}",
            ended.out
        );
        let ended = host.run(&["verify", file, "--did", "did.json", "--status", "absent"]);
        assert_eq!(ended.code, 2);
    }
}
