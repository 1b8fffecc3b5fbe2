//! Credentials, tokens and status lists, by the DID document of `keys.json`, and what is to be said of them.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::plain::published;
use super::{Files, pretty, text};
use crate::credential::jwt::verify_jwt;
use crate::credential::{Membership, Refusal, UnsignedCredential, verify_credential};
use crate::entry::Status;
use crate::fixtures::{admission, base, exclusion, instant, secret, signed};
use crate::record::UnsignedRecord;
use crate::status_list::{Bits, Place, StatusPurpose, UnsignedStatusList, verify_status_list};
use crate::whole_seconds;

/// The key that signs today.
const KEY: u8 = 11;

pub(super) fn add(files: &mut Files) {
    for (name, value) in [
        ("credentials", credentials()),
        ("tokens", tokens()),
        ("status-lists", status_lists()),
    ] {
        files.insert(format!("formats/{name}.json"), pretty(&value));
    }
}

fn credential(record: UnsignedRecord, index: u32) -> UnsignedCredential {
    let record = signed(record, KEY);
    UnsignedCredential {
        record: serde_json::from_slice(&record.bytes).unwrap(),
        digest: record.digest,
        valid_from: instant(),
        valid_until: instant() + TimeDelta::days(1),
        place: Place { list: 1, index },
    }
}

/// A suspended member's, with everything that can be there.
fn full() -> UnsignedCredential {
    let suspended = UnsignedRecord {
        resulting_status: Status::Suspended,
        ..exclusion()
    };
    credential(suspended, 94_567)
}

/// An active member's, with nothing that can be left out.
fn bare() -> UnsignedCredential {
    credential(admission(), 0)
}

fn said(judged: Result<Membership, Refusal>) -> Value {
    match judged {
        Ok(said) => json!({
            "charter": said.charter,
            "keys": said.keys,
            "list": said.place.list,
            "listIndex": said.place.index,
            "member": said.member,
            "status": said.status,
            "validUntil": whole_seconds::text(&said.valid_until),
        }),
        Err(refusal) => json!({"refusal": refusal.code()}),
    }
}

fn credentials() -> Value {
    let sign =
        |credential: &UnsignedCredential, seed| credential.sign(&secret(seed), &base()).unwrap();
    let case = |name: &str, bytes: &[u8], now: DateTime<Utc>| {
        json!({
            "credential": text(bytes),
            "name": name,
            "now": whole_seconds::text(&now),
            "says": said(verify_credential(bytes, &published(), now)),
        })
    };
    let (full, bare, now) = (full(), bare(), instant());
    let good = sign(&full, KEY);
    let altered = |from: &str, to: &str| {
        let text = String::from_utf8(good.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1).into_bytes()
    };
    let mut week = full.clone();
    week.valid_until = now + TimeDelta::days(7) + TimeDelta::seconds(1);
    let end = full.valid_until;
    let seconds = TimeDelta::seconds;
    json!([
        case("of a suspended member", &good, now),
        case("of an active member", &sign(&bare, KEY), now),
        case("half a minute early", &good, now - seconds(30)),
        case("31 seconds early", &good, now - seconds(31)),
        case("half a minute late", &good, end + seconds(30)),
        case("31 seconds late", &good, end + seconds(31)),
        case("for longer than a week", &sign(&week, KEY), now),
        case("by a retired key", &sign(&full, 1), now),
        case("by a key nobody knows", &sign(&full, 12), now),
        case(
            "another status",
            &altered("\"status\":\"suspended\"", "\"status\":\"active\""),
            now
        ),
        case(
            "no member",
            &altered("\"status\":\"suspended\"", "\"status\":\"excluded\""),
            now
        ),
        case(
            "another issuer",
            &altered("did:web:registry.example\"", "did:web:other.example\""),
            now
        ),
        case(
            "another member's address",
            &altered("registry.example/members/", "other.example/members/"),
            now
        ),
    ])
}

fn tokens() -> Value {
    let case = |name: &str, token: &str, now: DateTime<Utc>| {
        json!({
            "name": name,
            "now": whole_seconds::text(&now),
            "says": said(verify_jwt(token, &published(), now)),
            "token": token,
        })
    };
    let sign = |seed| full().sign_jwt(&secret(seed), &base()).unwrap();
    let (good, now) = (sign(KEY), instant());
    let other = bare().sign_jwt(&secret(KEY), &base()).unwrap();
    let exchanged = format!(
        "{}.{}",
        other.rsplit_once('.').unwrap().0,
        good.rsplit_once('.').unwrap().1
    );
    json!([
        case("of a suspended member", &good, now),
        case(
            "31 seconds late",
            &good,
            now + TimeDelta::days(1) + TimeDelta::seconds(31)
        ),
        case("by a retired key", &sign(1), now),
        case("by a key nobody knows", &sign(12), now),
        case("the signature of another", &exchanged, now),
        case("without a signature", good.rsplit_once('.').unwrap().0, now),
        case("with padding", &format!("{good}="), now),
    ])
}

fn status_lists() -> Value {
    let set = [7, 94_567, 131_071];
    let list = |purpose, number| {
        let mut bits = Bits::default();
        for index in set {
            bits.set(index);
        }
        UnsignedStatusList {
            purpose,
            number,
            bits,
            issuer_name: "Registry of the Open Charter".to_owned(),
            valid_from: instant(),
            valid_until: instant() + TimeDelta::hours(48),
        }
    };
    let case = |name: &str, bytes: &[u8], now: DateTime<Utc>| {
        let says = match verify_status_list(bytes, &published(), now) {
            Ok(list) => {
                let listed = |credential: &UnsignedCredential| {
                    let bytes = credential.sign(&secret(KEY), &base()).unwrap();
                    let said = verify_credential(&bytes, &published(), instant()).unwrap();
                    said.listed(&list)
                };
                json!({
                    "count": list.bits.count(),
                    "listsTheActive": listed(&bare()),
                    "listsTheSuspended": listed(&full()),
                    "number": list.number,
                    "purpose": list.purpose,
                })
            }
            Err(refusal) => json!({"refusal": refusal.code()}),
        };
        json!({
            "list": text(bytes),
            "name": name,
            "now": whole_seconds::text(&now),
            "says": says,
        })
    };
    let sign = |purpose, number, seed| list(purpose, number).sign(&secret(seed), &base());
    let (revoked, now) = (sign(StatusPurpose::Revocation, 1, KEY), instant());
    let altered = String::from_utf8(revoked.clone()).unwrap();
    let altered = altered.replacen("\"revocation\"", "\"suspension\"", 1);
    json!([
        case("revoked", &revoked, now),
        case("suspended", &sign(StatusPurpose::Suspension, 1, KEY), now),
        case(
            "of other numbers",
            &sign(StatusPurpose::Revocation, 2, KEY),
            now
        ),
        case(
            "31 seconds late",
            &revoked,
            now + TimeDelta::hours(48) + TimeDelta::seconds(31)
        ),
        case(
            "by a retired key",
            &sign(StatusPurpose::Revocation, 1, 1),
            now
        ),
        case(
            "of another purpose than its address",
            altered.as_bytes(),
            now
        ),
    ])
}
