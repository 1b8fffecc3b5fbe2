//! Requests that are sent twice, one after the other or at once.

use std::{collections::BTreeSet, thread};

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Answer, Call, text},
    on_both_databases,
    organisations::{application, school, school_number},
    steps::{application_path, member_path},
};

on_both_databases!(
    a_repeated_request_is_carried_out_once_and_answered_alike,
    a_key_is_its_callers_own_and_is_forgotten_after_a_day,
    a_refused_request_may_be_tried_again_with_its_key,
    of_concurrent_requests_with_one_key_one_is_carried_out,
    of_concurrent_changes_of_one_state_one_is_made,
    of_concurrent_approvals_one_is_carried_out,
);

fn applying(app: &TestApp, number: u32, key: &str) -> Call {
    let call = Call::post(format!("/v1/charters/{CHILDHOOD}/applications"));
    let call = call
        .token(&app.staff.partner)
        .header("idempotency-key", key);
    call.json(&application(&school_number(number)))
}

fn queue(app: &TestApp) -> Vec<Value> {
    let call = Call::get("/v1/applications").token(&app.staff.auditor);
    app.send(call).must_be(200).items()
}

/// Sends the request a second time: the answer must be the same, and nothing may be written.
#[track_caller]
fn once(app: &TestApp, call: &Call) -> Answer {
    let first = app.send(call.clone());
    assert!(
        first.status < 300,
        "{}",
        String::from_utf8_lossy(&first.body)
    );
    let written = app.footprint();
    let again = app.send(call.clone());
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    for header in ["location", "etag", "content-type"] {
        assert_eq!(again.header(header), first.header(header), "{header}");
    }
    assert_eq!(app.footprint(), written);
    first
}

fn a_repeated_request_is_carried_out_once_and_answered_alike(app: &TestApp) {
    let staff = &app.staff;
    let [first, second] = &staff.registrars;
    let keyed =
        |call: Call, token: &str, key: &str| call.token(token).header("idempotency-key", key);
    let charters = Call::post("/v1/charters").json(&charters::definition(CHILDHOOD));
    once(app, &keyed(charters, &staff.administrator, "publish"));

    let applied = once(app, &applying(app, 1, "apply"));
    let (id, token) = (applied.text("/id"), applied.text("/token"));
    assert!(token.starts_with("chr_ap_"), "{token}");
    let path = application_path(&id);
    let issue = Call::post(format!("{path}/memorandum")).json(&json!({}));
    once(app, &keyed(issue, &staff.clerk, "issue"));
    let scan = Call::put(format!("{path}/memorandum/scan"));
    let scan = scan.body("application/pdf", crate::support::pdf::scan(0));
    once(app, &keyed(scan, &token, "scan"));
    let propose = Call::post(format!("{path}/admission")).json(&json!({}));
    let decision = once(app, &keyed(propose, first, "propose")).json();
    let approve = Call::post(format!("/v1/decisions/{}/approval", text(&decision, "/id")));
    let approve = approve.json(&json!({"digest": decision["digest"]}));
    let member = once(app, &keyed(approve, second, "approve")).text("/member/id");

    let tag = app.member(&member).header("etag").to_owned();
    let amend = Call::patch(member_path(&member)).header("if-match", tag);
    let amend = amend.json(&json!({"aliases": ["Первая"]}));
    once(app, &keyed(amend, first, "amend"));
    let leave = Call::post(format!("{}/withdrawal", member_path(&member)));
    let leave = leave.json(&json!({"statement": {"ru": "По письму."}}));
    once(app, &keyed(leave, first, "leave"));

    let operator = Call::post("/v1/operators").json(&json!({"name": "new", "role": "clerk"}));
    let operator = once(app, &keyed(operator, &staff.administrator, "operator"));
    let token = operator.text("/token");
    app.send(Call::get("/v1/applications").token(&token))
        .must_be(200);
    let close = Call::delete(format!("/v1/operators/{}", operator.text("/id")));
    once(app, &keyed(close, &staff.administrator, "close"));
}

fn a_key_is_its_callers_own_and_is_forgotten_after_a_day(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.send(applying(app, 1, "1")).must_be(201);
    // Another caller takes the same key for a request of its own.
    let path = format!("/v1/charters/{CHILDHOOD}/applications");
    let other = Call::post(path)
        .token(&app.staff.other_partner)
        .header("idempotency-key", "1");
    app.send(other.json(&application(&school_number(2))))
        .must_be(201);
    app.send(applying(app, 3, "1"))
        .must_be_refused(422, "idempotency-key-reused");
    assert_eq!(queue(app).len(), 2);
    app.time_passes(TimeDelta::hours(24) + TimeDelta::seconds(1));
    app.send(applying(app, 3, "1")).must_be(201);
    assert_eq!(queue(app).len(), 3);
}

fn a_refused_request_may_be_tried_again_with_its_key(app: &TestApp) {
    app.send(applying(app, 1, "early"))
        .must_be_refused(404, "charter-unknown");
    app.publish(&charters::definition(CHILDHOOD));
    once(app, &applying(app, 1, "early"));
    assert_eq!(queue(app).len(), 1);
}

/// Sends the requests at the same time; returns the answers in the requests' order.
fn at_once(app: &TestApp, calls: Vec<Call>) -> Vec<Answer> {
    thread::scope(|scope| {
        let sent: Vec<_> = calls
            .into_iter()
            .map(|call| scope.spawn(|| app.send(call)))
            .collect();
        sent.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

fn of_concurrent_requests_with_one_key_one_is_carried_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let answers = at_once(app, vec![applying(app, 1, "same"); 8]);
    let bodies: BTreeSet<Vec<u8>> = answers
        .into_iter()
        .map(|answer| answer.must_be(201).body)
        .collect();
    assert_eq!(bodies.len(), 1);
    assert_eq!(queue(app).len(), 1);
}

fn of_concurrent_changes_of_one_state_one_is_made(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let tag = app.member(&member).header("etag").to_owned();
    let calls = (0..8).map(|number| {
        let call = Call::patch(member_path(&member)).token(&app.staff.registrars[number % 2]);
        let patch = json!({"aliases": [format!("Школа {number}")]});
        call.header("if-match", &tag).json(&patch)
    });
    let answers = at_once(app, calls.collect());
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.must_be_refused(412, "changed");
    }
    assert_eq!(app.history(&member).len(), 2);
    assert_eq!(app.logged().len(), 4);
}

fn of_concurrent_approvals_one_is_carried_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school());
    let decision = app.propose_admission(&applied.id, &json!({"domainAttested": true}));
    let path = format!("/v1/decisions/{}/approval", decision.id);
    let call = Call::post(path).token(&app.staff.registrars[1]);
    let answers = at_once(app, vec![call.json(&json!({"digest": decision.digest})); 8]);
    let (made, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(made.len(), 1);
    for answer in refused {
        answer.must_be_refused(409, "decision-state");
    }
    assert_eq!(app.find(&[]).len(), 1);
    assert_eq!(app.logged().len(), 3);
}
