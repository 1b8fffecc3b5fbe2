//! The registry's keys change, and what they signed stays what it was.

use std::fs;

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Event},
    identity::did_of_host,
    keys::{KeyList, KeyRange, PublicKey, PublishedKeys, Purpose, SecretKey},
    note::{Note, NoteKey, Signed},
    policy::Policy,
    secured::sign_value,
    verify::{
        self, Question, Reason, RecordVerdict, Refusal, Standing, TrustedKeys, Verdict,
        verify_record,
    },
};
use charter_registry::{
    desk::{
        Actor, Request, integrity,
        keys::{
            compromise::{CompromiseError, Compromised, compromise_key},
            rotate::{RotateError, RotateKey, Rotation, rotate_key},
        },
    },
    storage::log,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{school, school_number},
};

on_both_databases!(
    a_record_key_is_announced_a_day_and_then_signs_and_what_was_signed_before_stays_valid,
    a_rotated_log_key_signs_beside_the_old_one_for_thirty_days,
    a_policy_of_between_announcement_and_rotation_serves_after_it,
    a_rotated_clock_key_cosigns_beside_the_old_one_for_thirty_days,
    a_compromised_key_counts_for_the_entries_before_and_for_none_after,
    a_compromised_log_key_ends_the_log_and_an_unknown_key_is_refused,
    another_key_can_be_announced_and_a_lost_file_is_told,
    a_clock_that_is_not_the_databases_stops_all_signing,
);

const HOST: &str = "registry.example";

#[expect(clippy::result_large_err, reason = "a test looks into it")]
fn rotate(app: &TestApp, purpose: Purpose) -> Result<Rotation, RotateError> {
    turn(app, purpose, false, false)
}

#[expect(clippy::result_large_err, reason = "a test looks into it")]
fn turn(
    app: &TestApp,
    purpose: Purpose,
    at_once: bool,
    anew: bool,
) -> Result<Rotation, RotateError> {
    let command = RotateKey {
        purpose,
        at_once,
        anew,
    };
    let on_the_host = Request::by(Actor::Host);
    app.in_storage(async |desk| rotate_key(desk, on_the_host, command).await)
}

#[expect(clippy::result_large_err, reason = "a test looks into it")]
fn compromise(
    app: &TestApp,
    purpose: Purpose,
    key: PublicKey,
) -> Result<Compromised, CompromiseError> {
    let on_the_host = Request::by(Actor::Host);
    app.in_storage(async |desk| compromise_key(desk, on_the_host, purpose, key).await)
}

/// The private key in a file of the key folder.
fn secret(app: &TestApp, file: &str) -> Option<SecretKey> {
    let pem = fs::read_to_string(app.folder().join("keys").join(file)).ok()?;
    Some(SecretKey::from_pkcs8_pem(&pem).unwrap())
}

fn listed(app: &TestApp) -> TrustedKeys {
    let document = app.send(Call::get("/v1/keys")).must_be(200).json();
    let ranges = document["keys"].as_array().unwrap().iter();
    let ranges = ranges.map(|key| KeyRange {
        from: key["from"].as_u64().unwrap(),
        public_key_multibase: text(key, "/publicKeyMultibase").parse().unwrap(),
        purpose: serde_json::from_value(key["purpose"].clone()).unwrap(),
        to: key["to"].as_u64(),
    });
    TrustedKeys::from_key_list(&did_of_host(HOST), KeyList::new(ranges.collect()))
}

/// How a key stands in `/v1/keys`.
fn status(app: &TestApp, key: PublicKey) -> Value {
    let document = app.send(Call::get("/v1/keys")).must_be(200).json();
    let keys = document["keys"].as_array().unwrap();
    let found = keys
        .iter()
        .find(|it| it["publicKeyMultibase"] == key.to_string());
    found.unwrap().clone()
}

fn did(app: &TestApp) -> PublishedKeys {
    let document = app.send(Call::get("/.well-known/did.json")).must_be(200);
    PublishedKeys::parse(&document.body).unwrap()
}

/// The index of the entry that names a record.
fn position(app: &TestApp, record: &[u8]) -> u64 {
    let digest = Digest::of(record);
    let names =
        |entry: &Entry| matches!(&entry.event, Event::Member { record, .. } if *record == digest);
    let place = app.log_entries().iter().position(names).unwrap();
    u64::try_from(place).unwrap()
}

/// Another document like this one, signed by this key as if it were the registry's.
fn signed_by(key: &SecretKey, record: &[u8], change: impl Fn(&mut Value)) -> Vec<u8> {
    let mut document: Value = serde_json::from_slice(record).unwrap();
    let created = text(&document, "/proof/created").parse().unwrap();
    document.as_object_mut().unwrap().remove("proof");
    change(&mut document);
    let method = format!("{}#{}", did_of_host(HOST), key.public());
    let signed = sign_value(document, created, &method, key).unwrap();
    charter_proof::canonical::to_jcs(&signed).unwrap()
}

fn policy(app: &TestApp) -> Policy {
    let policy = app.send(Call::get("/v1/policy")).must_be(200);
    Policy::parse(std::str::from_utf8(&policy.body).unwrap()).unwrap()
}

/// Judges the proof that the registry gives of a key now.
fn judged(app: &TestApp, policy: &Policy, key: &str) -> Result<Verdict, Refusal> {
    let path = format!("/v1/charters/{CHILDHOOD}/proof?key={key}");
    let proof = app.send(Call::get(path)).must_be(200).body;
    let question = Question {
        origin: policy.origin.clone(),
        charter: CHILDHOOD.to_owned(),
        key: key.parse().unwrap(),
    };
    let now: DateTime<Utc> = app.in_storage(async |desk| desk.now());
    verify::verify(&proof, &question, policy, now)
}

fn is_whole(app: &TestApp) {
    let found = app
        .in_storage(async |desk| integrity::check(&desk.database, &desk.files).await)
        .unwrap();
    assert_eq!(found.faults, [""; 0]);
}

fn key_of(app: &TestApp, member: &str) -> String {
    format!("member:{}", text(&app.member(member).json(), "/id"))
}

#[track_caller]
fn in_force(rotation: Result<Rotation, RotateError>) -> (PublicKey, PublicKey, u64) {
    match rotation.unwrap() {
        Rotation::InForce {
            key,
            replaces,
            index,
        } => (key, replaces, index),
        announced @ Rotation::Announced { .. } => panic!("{announced:?}"),
    }
}

fn a_record_key_is_announced_a_day_and_then_signs_and_what_was_signed_before_stays_valid(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let first = app.admit(CHILDHOOD, &school(), false);
    let (old_record, stolen) = (
        app.newest_record(&first),
        secret(app, "record.pem").unwrap(),
    );

    let Ok(Rotation::Announced { key, from }) = rotate(app, Purpose::Record) else {
        panic!("the first run announces");
    };
    assert_eq!(secret(app, "record.next.pem").unwrap().public(), key);
    assert_eq!(did(app).asserting, [stolen.public(), key]);
    let shown = app.send(Call::get("/v1/keys")).must_be(200).json();
    assert_eq!(shown["announced"][0]["publicKeyMultibase"], key.to_string());
    app.time_passes(TimeDelta::hours(23));
    assert!(matches!(
        rotate(app, Purpose::Record),
        Err(RotateError::TooEarly { from: then, .. }) if then == from
    ));
    app.time_passes(TimeDelta::hours(1));
    let (new, replaced, index) = in_force(rotate(app, Purpose::Record));
    assert_eq!((new, replaced), (key, stolen.public()));
    assert_eq!(secret(app, "record.pem").unwrap().public(), new);
    assert!(secret(app, "record.next.pem").is_none());

    let second = app.admit(CHILDHOOD, &school_number(1), false);
    let new_record = app.newest_record(&second);
    let keys = listed(app);
    let (old_at, new_at) = (position(app, &old_record), position(app, &new_record));
    assert!(old_at < index && index < new_at);
    for (record, at, by) in [
        (&old_record, old_at, stolen.public()),
        (&new_record, new_at, new),
    ] {
        match verify_record(record, &keys, Some(at)) {
            RecordVerdict::Authentic(said) => assert_eq!(said.signed_by, by),
            other => panic!("{other:?}"),
        }
    }
    // Alone, only the key in force speaks for a record.
    for keys in [&keys, &TrustedKeys::from_did_document(did(app))] {
        assert!(matches!(
            verify_record(&new_record, keys, None),
            RecordVerdict::Authentic(_)
        ));
        assert!(matches!(
            verify_record(&old_record, keys, None),
            RecordVerdict::PositionUnknown { key, .. } if key == stolen.public()
        ));
    }
    assert_eq!(app.verdict(&old_record)["verdict"], "authentic");
    // Whoever stole the old key signs with it, and dates it back.
    let forged = signed_by(&stolen, &new_record, |document| {
        document["validFrom"] = json!("2026-11-22T09:00:00Z");
    });
    assert!(matches!(
        verify_record(&forged, &keys, Some(new_at)),
        RecordVerdict::Refused(reasons) if matches!(reasons[..], [Reason::KeyOutOfRange { .. }])
    ));
    assert!(matches!(
        verify_record(&forged, &keys, None),
        RecordVerdict::PositionUnknown { .. }
    ));
    assert_eq!(app.verdict(&forged)["verdict"], "position-unknown");
    // Members of before and of after prove their membership alike.
    let policy = policy(app);
    for member in [&first, &second] {
        let verdict = judged(app, &policy, &key_of(app, member)).unwrap();
        assert_eq!(verdict.standing, Standing::Active);
    }

    assert_eq!(did(app).asserting, [new, stolen.public()]);
    app.time_passes(TimeDelta::days(7));
    let published = did(app);
    assert_eq!(
        (published.asserting, published.retired),
        (vec![new], vec![stolen.public()])
    );
    let shown = status(app, stolen.public());
    assert_eq!(
        (&shown["status"], &shown["to"]),
        (&json!("retired"), &json!(index))
    );
    assert_eq!(shown["validUntil"], "2026-11-23T09:00:00Z");
    let audited = app.audit();
    let words: Vec<_> = audited
        .iter()
        .map(|row| row.body.action.to_string())
        .collect();
    assert!(
        words.contains(&"key.announced".to_owned()) && words.contains(&"key.rotated".to_owned())
    );
    is_whole(app);
}

/// The keys of these that signed the newest checkpoint's text.
fn signers(app: &TestApp, keys: &[PublicKey]) -> Vec<PublicKey> {
    let note = app.send(Call::get("/log/checkpoint")).must_be(200);
    let note: Note = String::from_utf8(note.body).unwrap().parse().unwrap();
    let has_signed = |key: &&PublicKey| {
        let name = format!("{HOST}/log");
        let key = NoteKey::new(name, charter_proof::note::Kind::Plain, **key).unwrap();
        key.verify(&note) == Ok(Signed::Text)
    };
    keys.iter().filter(has_signed).copied().collect()
}

fn a_rotated_log_key_signs_beside_the_old_one_for_thirty_days(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let key = key_of(app, &member);
    let old_policy = policy(app);
    rotate(app, Purpose::Log).unwrap();
    app.time_passes(TimeDelta::days(1));
    let (new, old, _) = in_force(rotate(app, Purpose::Log));
    assert_eq!(signers(app, &[old, new]), [old, new]);
    let former = format!("log.former-{old}.pem");
    assert_eq!(secret(app, &former).unwrap().public(), old);
    let new_policy = policy(app);
    assert_eq!(new_policy.log_keys.len(), 1);
    for policy in [&old_policy, &new_policy] {
        assert_eq!(
            judged(app, policy, &key).unwrap().standing,
            Standing::Active
        );
    }

    app.time_passes(TimeDelta::days(30));
    assert_eq!(app.run_job("checkpoint"), 1);
    assert_eq!(signers(app, &[old, new]), [new]);
    assert!(matches!(
        judged(app, &old_policy, &key),
        Err(Refusal::LogSignatureMissing)
    ));
    assert!(judged(app, &new_policy, &key).is_ok());
    assert_eq!(app.run_job("retired-keys"), 1);
    assert!(secret(app, &former).is_none());
    is_whole(app);
}

fn a_policy_of_between_announcement_and_rotation_serves_after_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let key = key_of(app, &member);
    let early = policy(app);
    for purpose in [Purpose::Clock, Purpose::Log] {
        rotate(app, purpose).unwrap();
    }
    let between = policy(app);
    assert_eq!((between.log_keys.len(), between.clock_keys.len()), (2, 2));
    assert!(judged(app, &between, &key).is_ok());
    app.time_passes(TimeDelta::days(1));
    in_force(rotate(app, Purpose::Clock));
    in_force(rotate(app, Purpose::Log));
    assert!(judged(app, &between, &key).is_ok());
    assert!(judged(app, &policy(app), &key).is_ok());
    // Whoever fetched none of that has as long as the old keys sign beside the new ones.
    assert_eq!(
        judged(app, &early, &key).unwrap().standing,
        Standing::Active
    );
    is_whole(app);
}

fn a_rotated_clock_key_cosigns_beside_the_old_one_for_thirty_days(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let key = key_of(app, &member);
    let early = policy(app);
    rotate(app, Purpose::Clock).unwrap();
    app.time_passes(TimeDelta::days(1));
    let (new, old, _) = in_force(rotate(app, Purpose::Clock));
    let former = format!("clock.former-{old}.pem");
    assert_eq!(secret(app, &former).unwrap().public(), old);
    let own = policy(app);
    assert_eq!(own.clock_keys.len(), 1);
    let times = |app: &TestApp| {
        let note = app.send(Call::get("/log/checkpoint")).must_be(200);
        let note: Note = String::from_utf8(note.body).unwrap().parse().unwrap();
        [new, old].map(|key| {
            let name = format!("{HOST}/clock");
            let key = NoteKey::new(name, charter_proof::note::Kind::Cosignature, key).unwrap();
            key.verify(&note).ok()
        })
    };
    let [by_new, by_old] = times(app);
    assert!(
        by_new.is_some() && by_new == by_old,
        "{by_new:?} {by_old:?}"
    );
    for policy in [&early, &own] {
        assert_eq!(
            judged(app, policy, &key).unwrap().standing,
            Standing::Active
        );
    }
    app.time_passes(TimeDelta::days(30));
    assert_eq!(app.run_job("checkpoint"), 1);
    assert!(matches!(times(app), [Some(_), None]));
    assert!(matches!(
        judged(app, &early, &key),
        Err(Refusal::ClockMissing)
    ));
    assert!(judged(app, &own, &key).is_ok());
    assert_eq!(app.run_job("retired-keys"), 1);
    assert!(secret(app, &former).is_none());

    // One that others may have says nothing from then on, though it was retired before.
    rotate(app, Purpose::Clock).unwrap();
    app.time_passes(TimeDelta::days(1));
    let (newest, new, _) = in_force(rotate(app, Purpose::Clock));
    assert!(judged(app, &own, &key).is_ok());
    compromise(app, Purpose::Clock, new).unwrap();
    assert!(matches!(
        judged(app, &own, &key),
        Err(Refusal::ClockMissing)
    ));
    assert_eq!(app.run_job("retired-keys"), 1);
    // Nor one that was in force.
    let own = policy(app);
    compromise(app, Purpose::Clock, newest).unwrap();
    assert!(matches!(
        judged(app, &own, &key),
        Err(Refusal::ClockMissing)
    ));
    assert_eq!(app.run_job("retired-keys"), 0);
    assert!(judged(app, &policy(app), &key).is_ok());
    is_whole(app);
}

fn a_compromised_key_counts_for_the_entries_before_and_for_none_after(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let first = app.admit(CHILDHOOD, &school(), false);
    let (before, stolen) = (
        app.newest_record(&first),
        secret(app, "record.pem").unwrap(),
    );
    let outcome = compromise(app, Purpose::Record, stolen.public()).unwrap();
    let replacement = outcome.replaced_by.unwrap();
    assert_eq!(secret(app, "record.pem").unwrap().public(), replacement);
    assert!(matches!(
        compromise(app, Purpose::Record, stolen.public()),
        Err(CompromiseError::KnownAlready(_))
    ));
    let published = did(app);
    assert_eq!(
        (published.asserting, published.retired),
        (vec![replacement], vec![stolen.public()])
    );
    assert_eq!(status(app, stolen.public())["status"], "compromised");

    let second = app.admit(CHILDHOOD, &school_number(1), false);
    let after = app.newest_record(&second);
    let keys = listed(app);
    let verdict = |record: &[u8], at| verify_record(record, &keys, at);
    let (before_at, after_at) = (position(app, &before), position(app, &after));
    assert!(before_at < outcome.to && outcome.to < after_at);
    assert!(matches!(
        verdict(&before, Some(before_at)),
        RecordVerdict::Authentic(_)
    ));
    assert!(matches!(
        verdict(&after, Some(after_at)),
        RecordVerdict::Authentic(_)
    ));
    assert!(matches!(
        verdict(&before, None),
        RecordVerdict::PositionUnknown { .. }
    ));
    let forged = signed_by(&stolen, &after, |_| ());
    assert!(matches!(
        verdict(&forged, Some(after_at)),
        RecordVerdict::Refused(_)
    ));
    assert!(matches!(
        verdict(&forged, Some(outcome.to)),
        RecordVerdict::Refused(_)
    ));
    let policy = policy(app);
    for member in [&first, &second] {
        assert!(judged(app, &policy, &key_of(app, member)).is_ok());
    }
    // A key that was retired long ago can turn out to be known to others, too.
    let (_, retired, to) = in_force(turn(app, Purpose::Record, true, false));
    let outcome = compromise(app, Purpose::Record, retired).unwrap();
    assert_eq!((outcome.to, outcome.replaced_by), (to, None));
    assert!(!did(app).asserting.contains(&retired));
    assert!(matches!(
        verify_record(&after, &listed(app), Some(after_at)),
        RecordVerdict::Authentic(_)
    ));
    is_whole(app);
}

fn a_compromised_log_key_ends_the_log_and_an_unknown_key_is_refused(app: &TestApp) {
    let size = app.log().len();
    let log_key = secret(app, "log.pem").unwrap().public();
    let refused = compromise(app, Purpose::Log, log_key).unwrap_err();
    assert!(
        refused
            .to_string()
            .contains("begin a new registry under another public URL")
    );
    let stranger = SecretKey::from_seed([9; 32]).public();
    assert!(matches!(
        compromise(app, Purpose::Record, stranger),
        Err(CompromiseError::Unknown(_))
    ));
    // The clock's key is none of the record keys.
    let clock_key = secret(app, "clock.pem").unwrap().public();
    assert!(compromise(app, Purpose::Record, clock_key).is_err());
    assert_eq!(app.log().len(), size);
    assert!(compromise(app, Purpose::Clock, clock_key).is_ok());
    assert_ne!(secret(app, "clock.pem").unwrap().public(), clock_key);
    is_whole(app);
}

fn another_key_can_be_announced_and_a_lost_file_is_told(app: &TestApp) {
    let announced = |rotation| match rotation {
        Ok(Rotation::Announced { key, .. }) => key,
        other => panic!("{other:?}"),
    };
    let lost = announced(rotate(app, Purpose::Record));
    fs::remove_file(app.folder().join("keys/record.next.pem")).unwrap();
    app.time_passes(TimeDelta::days(1));
    assert!(matches!(
        rotate(app, Purpose::Record),
        Err(RotateError::NotAtHand { key, .. }) if key == lost
    ));
    let other = announced(turn(app, Purpose::Record, false, true));
    assert_ne!(other, lost);
    assert!(!did(app).asserting.contains(&lost));
    assert!(matches!(
        rotate(app, Purpose::Record),
        Err(RotateError::TooEarly { key, .. }) if key == other
    ));
    assert_eq!(in_force(turn(app, Purpose::Record, true, false)).0, other);
    is_whole(app);
}

fn a_clock_that_is_not_the_databases_stops_all_signing(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let database_time = app.in_storage(async |desk| {
        let mut conn = desk.database.read().await.unwrap();
        log::server_time(&mut conn).await.unwrap()
    });
    let Some(database_time) = database_time else {
        // SQLite has no clock of its own.
        assert!(!app.is_on_postgres());
        return;
    };
    let now: DateTime<Utc> = app.in_storage(async |desk| desk.now());
    let one_minute = TimeDelta::minutes(1);
    app.time_passes(database_time - now + TimeDelta::minutes(5) + one_minute);
    let size = app.log().len();
    app.clock_is_real();
    let definition = charters::definition("open-government");
    let refused = app.send(
        Call::post("/v1/charters")
            .token(&app.staff.administrator)
            .json(&definition),
    );
    refused.must_be_refused(503, "clock-wrong");
    app.send(Call::get("/readyz"))
        .must_be_refused(503, "clock-wrong");
    let shown = app.send(Call::get("/metrics")).must_be(200).body;
    assert!(
        String::from_utf8(shown)
            .unwrap()
            .contains("clock_wrong 1\n")
    );
    assert_eq!(app.log().len(), size);
    app.send(Call::get("/log/checkpoint")).must_be(200);

    app.time_passes(-(one_minute + one_minute));
    app.publish(&definition);
    app.send(Call::get("/readyz")).must_be(200);
}
