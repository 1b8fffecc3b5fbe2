//! A school's whole way, and what each step of it leaves for ever.

use charter_proof::{canonical::Digest, entry::Event, verify::RecordSummary};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::school,
    pdf,
    proof::{authentic, breaks_at_every_byte},
    steps::{Applied, application_path, member_path, members_of, violation},
};

on_both_databases!(
    a_school_joins_is_amended_and_excluded_and_each_step_is_a_record_that_breaks_at_every_byte,
);

fn a_school_joins_is_amended_and_excluded_and_each_step_is_a_record_that_breaks_at_every_byte(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = applies(app);
    let member = signs_and_is_admitted(app, &applied);
    let included = verified(app, &member);
    app.time_passes(TimeDelta::days(30));
    is_amended(app, &member);
    let amended = verified(app, &member);
    app.time_passes(TimeDelta::days(30));
    is_excluded(app, &member);
    let excluded = verified(app, &member);

    let records = [included, amended, excluded];
    assert_tells_the_story(app, &member, &records);
    assert_breaks(app, &records);
    assert_holds_no_personal_data(app, &member, &records);
}

/// Where the application stands, as the partner sees it.
fn state(app: &TestApp, applied: &Applied) -> String {
    let call = Call::get(application_path(&applied.id)).token(&app.staff.partner);
    app.send(call).must_be(200).text("/state")
}

fn applies(app: &TestApp) -> Applied {
    let applied = app.apply(CHILDHOOD, &school());
    assert_eq!(state(app, &applied), "received");
    for (partner, count) in [(&app.staff.partner, 1), (&app.staff.other_partner, 0)] {
        let call = Call::get("/v1/applications?state=received&channel=partner").token(partner);
        assert_eq!(app.send(call).must_be(200).items().len(), count);
    }
    applied
}

fn signs_and_is_admitted(app: &TestApp, applied: &Applied) -> String {
    app.issue_memorandum(&applied.id);
    assert_eq!(state(app, applied), "memorandum_issued");
    let memorandum = String::from_utf8(app.memorandum(applied)).unwrap();
    for part in [
        "2026-11-22",
        "Средняя школа № 1",
        "Фамилия Имя Отчество",
        "Директор",
    ] {
        assert!(memorandum.contains(part), "no {part} in {memorandum}");
    }
    let scan = pdf::scan(0);
    app.upload_scan(applied, scan.clone());
    assert_eq!(state(app, applied), "memorandum_signed");
    let kept = Call::get(format!("{}/memorandum/scan", application_path(&applied.id)));
    let kept = app.send(kept.token(&app.staff.auditor)).must_be(200);
    assert_eq!(kept.body, scan);
    let decision = app.propose_admission(&applied.id, &json!({"domainAttested": true}));
    assert_eq!(state(app, applied), "memorandum_signed");
    let member = text(&app.approve(&decision), "/id");
    assert_eq!(state(app, applied), "accepted");
    member
}

fn is_amended(app: &TestApp, member: &str) {
    let patch = json!({
        "aliases": ["Первая школа"],
        "name": {"en": "First School"},
        "website": null,
        "domain": "first-school.example",
        "domainAttested": true,
    });
    let amended = app.amend(member, &patch).json();
    assert_eq!(text(&amended, "/name/ru"), "Средняя школа № 1");
    assert_eq!(text(&amended, "/name/en"), "First School");
    assert_eq!(amended.get("website"), None);
    assert_eq!(app.find(&[("q", "первая")]).len(), 1);
}

fn is_excluded(app: &TestApp, member: &str) {
    let excluded = app.exclude(member);
    assert_eq!(text(&excluded, "/status"), "excluded");
    let found = app.find(&[("q", "shkola"), ("status", "excluded")]);
    assert_eq!(found, [app.member(member).json()]);
    assert_eq!(app.find(&[("status", "active")]).len(), 0);
    let at_home = app.send(Call::get(format!("/members/{member}")));
    assert_eq!(at_home.must_be(303).header("location"), member_path(member));
}

/// The member's newest record, which verifies with the registry and without it.
fn verified(app: &TestApp, member: &str) -> Vec<u8> {
    let record = app.newest_record(member);
    authentic(&record, &app.trusted_keys());
    let verdict = app.verdict(&record);
    assert_eq!(text(&verdict, "/verdict"), "authentic");
    assert_eq!(verdict["record"]["superseded"], false);
    record
}

/// Each record still verifies, the older ones as history, and none of them does with a byte changed.
fn assert_breaks(app: &TestApp, records: &[Vec<u8>; 3]) {
    let keys = app.trusted_keys();
    for (place, record) in records.iter().enumerate() {
        breaks_at_every_byte(record, &keys);
        let verdict = app.verdict(record);
        assert_eq!(text(&verdict, "/verdict"), "authentic");
        assert_eq!(verdict["record"]["superseded"], place < 2);
        for place in (0..record.len()).step_by(record.len() / 12) {
            let mut changed = record.clone();
            changed[place] ^= 1;
            let verdict = app.verdict(&changed);
            assert_eq!(text(&verdict, "/verdict"), "refused", "byte {place}");
            assert_ne!(text(&verdict, "/reasons/0/code"), "");
            assert_eq!(verdict.get("record"), None);
        }
    }
}

/// The history, the records and the log tell one and the same of a member that joined, changed and was excluded.
fn assert_tells_the_story(app: &TestApp, member: &str, records: &[Vec<u8>; 3]) {
    let keys = app.trusted_keys();
    let said: Vec<RecordSummary> = records
        .iter()
        .map(|record| authentic(record, &keys))
        .collect();
    let history = app.history(member);
    let told = [
        ("included", "active", "2026-11-22T09:00:00Z"),
        ("amended", "active", "2026-12-22T09:00:00Z"),
        ("excluded", "excluded", "2027-01-21T09:00:00Z"),
    ];
    assert_eq!(history.len(), told.len());
    let log = app.log_entries();
    let mut previous = Value::Null;
    for (((event, told), record), said) in history.iter().zip(told).zip(records).zip(&said) {
        let (kind, status, at) = told;
        assert_eq!(text(event, "/event"), kind);
        assert_eq!(text(event, "/status"), status);
        assert_eq!(text(event, "/at"), at);
        assert_eq!(
            (said.event.as_str(), said.resulting_status.as_str()),
            (kind, status)
        );
        let digest = Digest::of(record);
        assert_eq!(text(event, "/digest"), digest.to_string());
        assert_eq!(&app.record(&text(event, "/record")), record);
        let document: Value = serde_json::from_slice(record).unwrap();
        assert_eq!(document["id"], event["record"]);
        assert_eq!(document["credentialSubject"]["previous"], previous);
        previous = document["id"].clone();
        let index = usize::try_from(event["logIndex"].as_u64().unwrap()).unwrap();
        let Event::Member { record, kind, .. } = &log[index].event else {
            panic!("entry {index} is of no member");
        };
        assert_eq!((*record, *kind), (digest, said.event));
    }
    let last: Value = serde_json::from_slice(&records[2]).unwrap();
    let subject = &last["credentialSubject"];
    assert_eq!(subject["decision"]["ground"], "charter_violation");
    assert_eq!(subject["decision"]["clauses"], json!(["B.5"]));
    assert_eq!(
        subject["decision"]["statement"][1]["@value"],
        violation()["statement"]["ru"]
    );
    assert_eq!(subject["domain"], "first-school.example");
    assert_eq!(
        subject["name"][0],
        json!({"@language": "en", "@value": "First School"})
    );
    assert_eq!(
        app.member(member).text("/record"),
        previous.as_str().unwrap()
    );
}

fn assert_holds_no_personal_data(app: &TestApp, member: &str, records: &[Vec<u8>; 3]) {
    let mut public = records.to_vec();
    public.extend(app.log());
    for path in [
        member_path(member),
        format!("{}/history", member_path(member)),
        members_of(CHILDHOOD),
        "/metrics".to_owned(),
    ] {
        public.push(app.send(Call::get(path)).must_be(200).body);
    }
    for bytes in public {
        let text = String::from_utf8(bytes).unwrap();
        for personal in ["Фамилия Имя", "office@school.example", "222-33-44"] {
            assert!(!text.contains(personal), "{personal} in {text}");
        }
    }
}
