//! Keys, records, values of the map, notes: what is signed and hashed, each by itself.

use serde_json::{Value, json};

use super::{Files, pretty, text};
use crate::canonical::{Digest, to_jcs};
use crate::entry::Status;
use crate::fixtures::world::{CHARTER, CLOCK, CLOCK_KEY, LOG_KEY, ORIGIN, World, cosign, note_key};
use crate::fixtures::{admission, base, exclusion, public, secret, signed};
use crate::keys::{
    DidDocument, KeyList, KeyRange, PublishedKeys, Purpose, claim_hash, did_document, key_id,
};
use crate::membership_map::{ClaimValue, Holder, MemberValue, MembershipMap, Origin, leaf_hash};
use crate::note::{Kind, Note, NoteKey, Signed, VerifyError};
use crate::verify::{Key, Reason, RecordVerdict, TrustedKeys, verify_record};

pub(super) fn add(files: &mut Files) {
    for (name, value) in [
        ("keys", keys()),
        ("questions", questions()),
        ("records", records()),
        ("map", map()),
        ("notes", notes()),
    ] {
        files.insert(format!("formats/{name}.json"), pretty(&value));
    }
}

/// The key list by which records are judged here: key 1 signed up to entry 9, key 11 signs from 10 on.
fn key_list() -> KeyList {
    let range = |purpose, seed, from, to| KeyRange {
        from,
        public_key_multibase: public(seed),
        purpose,
        to,
    };
    KeyList::new(vec![
        range(Purpose::Record, 1, 0, Some(10)),
        range(Purpose::Record, 11, 10, None),
        range(Purpose::Log, LOG_KEY, 0, None),
        range(Purpose::Clock, CLOCK_KEY, 0, None),
    ])
}

/// The DID document: key 11 is active, key 1 is not any more.
fn document() -> DidDocument {
    did_document(&base(), &[(public(11), true), (public(1), false)])
}

/// What is trusted by it.
pub(super) fn published() -> TrustedKeys {
    let bytes = to_jcs(&document()).unwrap();
    TrustedKeys::from_did_document(PublishedKeys::parse(&bytes).unwrap())
}

/// Every form in which a key is published.
fn keys() -> Value {
    let forms = |seed: u8| {
        let key = public(seed);
        let note = |name: &str, kind: Kind| {
            let id = key_id(name, kind.signature_type(), &key);
            json!({
                "id": format!("{:08x}", u32::from_be_bytes(id)),
                "name": name,
                "type": kind.signature_type(),
                "vkey": note_key(name, kind, seed).to_string(),
            })
        };
        json!({
            "jwkThumbprint": key.jwk_thumbprint(),
            "jwkX": key.jwk_x(),
            "note": [note(ORIGIN, Kind::Plain), note(CLOCK, Kind::Cosignature)],
            "publicKeyHex": hex(key.as_bytes()),
            "publicKeyMultibase": key,
            "seedHex": hex(&[seed; 32]),
            "verificationMethod": base().verification_method(&key),
        })
    };
    let list = key_list();
    let document = document();
    json!({
        "base": base().url(),
        "did": base().did(),
        "didDocument": document,
        "keyList": list,
        "keyListDigest": list.digest(),
        "keyListJcs": text(&to_jcs(&list).unwrap()),
        "keys": [forms(1), forms(11), forms(LOG_KEY), forms(CLOCK_KEY)],
        "origin": base().origin(),
    })
}

/// What is asked, the form that is hashed, and its hash.
fn questions() -> Value {
    let asked = |written: &str| match written.parse::<Key>() {
        Ok(key) => json!({
            "canonical": key.canonical(),
            "charter": CHARTER,
            "keyHash": claim_hash(CHARTER, &key.canonical()),
            "written": written,
        }),
        Err(_) => json!({"canonical": null, "written": written}),
    };
    let questions = [
        "domain:school.example",
        "domain:WWW.School.Example.",
        "domain:www.ru",
        "domain:школа.рф",
        "RU-OGRN:1 022 800 000 000",
        "RU-INN:2801000000",
        "LEI:5299-00t8bm49aursdo55",
        "member:0192F0C1-0000-7000-8000-000000000001",
        "domain:",
        "domain:a/b",
        "domain:x@y.z",
        "domain:a:80",
        "member:1",
        "ru-ogrn:1",
        "RU-OGRN:12x",
        "RU-OGRN:",
        "school.example",
    ];
    questions.map(asked).to_vec().into()
}

/// Records, and what they are worth by the key list of `keys.json`.
fn records() -> Value {
    let keys = TrustedKeys::from_key_list(&base().did(), key_list());
    let judged = |name: &str, record: &[u8], position: Option<u64>| {
        let (verdict, reasons) = match verify_record(record, &keys, position) {
            RecordVerdict::Authentic(_) => ("authentic", Vec::new()),
            RecordVerdict::PositionUnknown { .. } => ("position-unknown", Vec::new()),
            RecordVerdict::Refused(reasons) => (
                "refused",
                reasons.iter().map(Reason::code).collect::<Vec<_>>(),
            ),
        };
        json!({
            "digest": Digest::of(record),
            "name": name,
            "position": position,
            "reasons": reasons,
            "record": text(record),
            "verdict": verdict,
        })
    };
    let (full, bare) = (signed(exclusion(), 1).bytes, signed(admission(), 11).bytes);
    let altered = |from: &str, to: &str| {
        let text = String::from_utf8(full.clone()).unwrap();
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1).into_bytes()
    };
    json!([
        judged("everything that can be there", &full, Some(9)),
        judged("nothing that can be left out", &bare, Some(10)),
        judged("the active key, position unknown", &bare, None),
        judged("a retired key, position unknown", &full, None),
        judged("a retired key signing anew", &full, Some(10)),
        judged("a new key before its time", &bare, Some(9)),
        judged(
            "a key of another purpose",
            &signed(exclusion(), LOG_KEY).bytes,
            Some(9)
        ),
        judged(
            "another status",
            &altered(
                "\"resultingStatus\":\"excluded\"",
                "\"resultingStatus\":\"active\""
            ),
            Some(9)
        ),
        judged(
            "another issuer",
            &altered("did:web:registry.example\"", "did:web:other.example\""),
            Some(9)
        ),
        judged(
            "a member of another registry",
            &altered(
                "https://registry.example/members",
                "https://other.example/members"
            ),
            Some(9)
        ),
        judged(
            "a name twice",
            &altered("\"founder\":false", "\"founder\":true,\"founder\":false"),
            Some(9)
        ),
        judged(
            "an unknown member",
            &altered("\"founder\":false", "\"founder\":false,\"foundr\":false"),
            Some(9)
        ),
        judged(
            "another context of the proof",
            &altered(
                "\"proof\":{\"@context\":[\"https://www.w3.org/ns/credentials/v2\"",
                "\"proof\":{\"@context\":[\"https://www.w3.org/ns/credentials/v1\""
            ),
            Some(9)
        ),
        judged(
            "another purpose",
            &altered("assertionMethod", "authentication"),
            Some(9)
        ),
    ])
}

/// Values, their leaves, roots of several contents and ways through one of them.
fn map() -> Value {
    let claim = |number: u64| {
        let key = format!("domain:{number}.example");
        (
            key.clone(),
            ClaimValue {
                charter: "c".to_owned(),
                event: number,
                key_hash: claim_hash("c", &key),
                member: None,
            },
        )
    };
    let mut map = MembershipMap::default();
    let set = |map: &mut MembershipMap, number: u64| {
        let (_, value) = claim(number);
        let origin = Origin {
            event: number,
            holder: Holder::Released,
        };
        map.set(value.key_hash, &value.digest(), origin).unwrap();
    };
    let roots: Vec<Value> = [vec![], vec![1], vec![1, 2, 3], (0..100).collect()]
        .into_iter()
        .map(|numbers: Vec<u64>| {
            map = MembershipMap::default();
            for number in &numbers {
                set(&mut map, *number);
            }
            map.refresh();
            json!({"numbers": numbers, "root": map.root()})
        })
        .collect();
    let ways: Vec<Value> = [0, 1, 57, 99, 100, 5000]
        .map(|number| {
            let (key, value) = claim(number);
            let path = map.path(&value.key_hash).unwrap();
            let steps: Vec<Value> = (path.steps.iter())
                .map(|step| json!([step.bit, step.sibling]))
                .collect();
            json!({
                "asked": value.key_hash,
                "isPresent": path.leaf == value.key_hash,
                "key": key,
                "leaf": claim(path.origin.event).1,
                "path": steps,
                "root": map.root(),
            })
        })
        .to_vec();
    json!({"roots": roots, "values": values(), "ways": ways})
}

fn values() -> Vec<Value> {
    let key = "member:0192f0c1-0000-7000-8000-000000000001";
    let of_member = |status| MemberValue {
        charter: CHARTER.to_owned(),
        event: 7,
        key_hash: claim_hash(CHARTER, key),
        record: Digest::of(b"record"),
        status,
    };
    let mut values = Vec::new();
    for status in Status::ALL {
        let value = of_member(status);
        values.push(json!({
            "digest": value.digest(),
            "jcs": text(&to_jcs(&value).unwrap()),
            "leafHash": leaf_hash(&value.key_hash, &value.digest()),
        }));
    }
    for member in [Some(crate::fixtures::MEMBER), None] {
        let value = ClaimValue {
            charter: CHARTER.to_owned(),
            event: 7,
            key_hash: claim_hash(CHARTER, "domain:school.example"),
            member,
        };
        values.push(json!({
            "digest": value.digest(),
            "jcs": text(&to_jcs(&value).unwrap()),
            "leafHash": leaf_hash(&value.key_hash, &value.digest()),
        }));
    }
    values
}

/// Signed checkpoints, and what each key signed of them.
fn notes() -> Value {
    let world = World::new();
    let keys = [
        note_key(ORIGIN, Kind::Plain, LOG_KEY),
        note_key(CLOCK, Kind::Cosignature, CLOCK_KEY),
        note_key("one.example", Kind::Cosignature, 21),
        note_key("one.example/map", Kind::Cosignature, 31),
    ];
    let said = |name: &str, note: &Note| {
        let said = |key: &NoteKey| match key.verify(note) {
            Ok(Signed::Text) => json!({"signed": "text"}),
            Ok(Signed::At(time)) => json!({"signed": "at", "time": time}),
            Err(VerifyError::Missing) => json!({"signed": "missing"}),
            Err(VerifyError::Twice) => json!({"signed": "twice"}),
            Err(VerifyError::Signature) => json!({"signed": "bad"}),
        };
        let keys: Vec<Value> = (keys.iter())
            .map(|key| json!({"says": said(key), "vkey": key.to_string()}))
            .collect();
        json!({"keys": keys, "name": name, "note": note.to_string()})
    };
    let whole = world.timed(world.at);
    let mut witnessed = whole.clone();
    cosign(&mut witnessed, "one.example", 21, world.at);
    cosign(&mut witnessed, "one.example/map", 31, world.at);
    let mut twice = whole.clone();
    twice.sign(ORIGIN, &secret(LOG_KEY));
    let mut foreign = World::new();
    foreign.include(crate::fixtures::MEMBER, &[]);
    let mut bad = world.checkpoint();
    bad.push(foreign.timed(world.at).signatures()[1].clone());
    json!([
        said("log alone", &world.checkpoint()),
        said("log and clock", &whole),
        said("two keys of a witness", &witnessed),
        said("the log twice", &twice),
        said("a clock's signature of another checkpoint", &bad),
    ])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
