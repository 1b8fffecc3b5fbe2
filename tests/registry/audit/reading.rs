//! Looks at personal data, how the audit is read, and what holds it together.

use charter_proof::entry::Event;
use charter_registry::{
    desk::{audit::anchor::anchor_when_due, integrity},
    rules::word::Word as _,
};
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::school,
    steps::{application_path, with_query},
};

on_both_databases!(
    every_look_at_a_person_is_in_the_audit_and_no_other_answer_names_one,
    an_auditor_reads_the_audit_by_subject_actor_action_and_time,
    the_audits_head_enters_the_log_once_a_day_if_it_moved_and_everything_stays_whole,
);

fn every_look_at_a_person_is_in_the_audit_and_no_other_answer_names_one(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school());
    let path = application_path(&applied.id);
    let before = app.audit().len();
    for place in ["contact", "memorandum", "memorandum/scan"] {
        let call = Call::get(format!("{path}/{place}")).token(&app.staff.clerk);
        app.send(call).must_be(200);
    }
    let contact = Call::get(format!("{path}/contact")).token(&applied.token);
    assert_eq!(
        app.send(contact).must_be(200).text("/email"),
        "office@school.example"
    );
    let rows = app.audit();
    let seen: Vec<_> = rows[before..]
        .iter()
        .map(|row| (row.body.actor.kind.as_str(), row.body.action.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            ("operator", "contact.viewed"),
            ("operator", "memorandum.viewed"),
            ("operator", "scan.viewed"),
            ("applicant", "contact.viewed"),
        ]
    );
    for (token, status) in [(&app.staff.auditor, 403), (&app.staff.other_partner, 404)] {
        let call = Call::get(format!("{path}/contact")).token(token);
        app.send(call).must_be(status);
    }
    assert_eq!(
        app.audit().len(),
        before + 4,
        "a refused look leaves no row"
    );
    for place in [path.as_str(), "/v1/applications", "/v1/audit"] {
        let answer = app.send(Call::get(place).token(&app.staff.auditor));
        let body = String::from_utf8(answer.must_be(200).body).unwrap();
        for personal in ["Фамилия Имя", "office@school.example", "222-33-44"] {
            assert!(!body.contains(personal), "{personal} in {place}");
        }
    }
}

fn an_auditor_reads_the_audit_by_subject_actor_action_and_time(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.time_passes(TimeDelta::days(1));
    app.issue_memorandum(&applied.id);
    let read = |query: &[(&str, &str)]| {
        let call = Call::get(with_query("/v1/audit", query)).token(&app.staff.auditor);
        app.send(call).must_be(200).items()
    };
    let about = read(&[("subject", &applied.id)]);
    let actions: Vec<_> = about.iter().map(|row| text(row, "/action")).collect();
    assert_eq!(actions, ["application.submitted", "memorandum.issued"]);
    let clerk = text(&about[1], "/actor/id");
    assert_eq!(read(&[("actor", &clerk)]), [about[1].clone()]);
    assert_eq!(
        read(&[("action", "application.submitted")]),
        [about[0].clone()]
    );
    assert_eq!(read(&[("subject", CHILDHOOD)]).len(), 1);
    assert_eq!(
        read(&[("from", "2026-11-23T00:00:00Z")]),
        [about[1].clone()]
    );
    assert_eq!(
        read(&[("until", "2026-11-23T00:00:00Z")]).len(),
        app.audit().len() - 1
    );
    let pages = app.pages("/v1/audit?limit=3", &app.staff.auditor);
    assert!(pages.len() > 2);
    let rows: Vec<_> = pages.concat();
    assert_eq!(rows.len(), app.audit().len());
    for pair in rows.windows(2) {
        assert_eq!(pair[0]["hash"], pair[1]["previous"]);
    }
    for wrong in [
        "action=look",
        "actor=registrar-1",
        "subject=%00",
        "from=yesterday",
        "until=%2B10000-01-01T00:00:00Z",
        "cursor=MQ",
        "who=me",
    ] {
        let call = Call::get(format!("/v1/audit?{wrong}")).token(&app.staff.auditor);
        let status = app.send(call).status;
        assert!(
            status == 400 || wrong == "cursor=MQ" && status == 200,
            "{wrong}: {status}"
        );
    }
    app.send(Call::get("/v1/audit").token(&app.staff.clerk))
        .must_be(403);
}

fn the_audits_head_enters_the_log_once_a_day_if_it_moved_and_everything_stays_whole(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.amend(&member, &json!({"aliases": ["Первая школа"]}));
    app.exclude(&member);
    let anchor = || app.in_storage(async |desk| anchor_when_due(desk).await.unwrap());
    assert_eq!(anchor(), 0, "a day has not passed");
    app.time_passes(TimeDelta::days(1));
    let head = app.audit().last().unwrap().hash;
    assert_eq!(anchor(), 1);
    let last = app.logged().pop().unwrap();
    assert!(matches!(last.event, Event::AuditAnchored { head: named } if named == head));
    app.time_passes(TimeDelta::days(1));
    assert_eq!(anchor(), 0, "nothing was done since");
    let found =
        app.in_storage(async |desk| integrity::check(&desk.database, &desk.files).await.unwrap());
    assert_eq!(found.faults, Vec::<String>::new());
    assert_eq!(
        (found.entries, found.records, found.claims, found.files),
        (12, 3, 2, 1)
    );
    assert_eq!(usize::try_from(found.audit).unwrap(), app.audit().len());
}
