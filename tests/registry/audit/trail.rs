//! What each use case leaves in the audit.

use charter_registry::rules::word::Word as _;
use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{application, school},
    steps::application_path,
};

on_both_databases!(
    each_step_leaves_its_row_with_who_did_it_by_which_request,
    a_repeated_request_and_a_refused_one_leave_none,
    the_state_after_a_step_is_the_state_before_the_next,
);

/// The words of the audit from row `from` on: who, and what to which kind of subject.
fn words(app: &TestApp, from: usize) -> Vec<String> {
    let rows = app.audit();
    let words = rows[from..].iter().map(|row| {
        let body = &row.body;
        let role = body.actor.role.map_or("", |role| role.as_str());
        format!(
            "{}{role} {} {}",
            body.actor.kind, body.action, body.subject_kind
        )
    });
    words.collect()
}

fn each_step_leaves_its_row_with_who_did_it_by_which_request(app: &TestApp) {
    assert_eq!(words(app, 0)[0], "host operator.added operator");
    let begun = app.audit().len();
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    assert_eq!(
        words(app, begun),
        [
            "operatoradministrator charter.published charter",
            "partner application.submitted application",
            "operatorclerk memorandum.issued application",
            "applicant memorandum.signed application",
            "operatorregistrar admission.proposed application",
            "operatorregistrar decision.proposed decision",
            "operatorregistrar decision.approved decision",
            "operatorregistrar application.accepted application",
            "operatorregistrar member.included member",
            "operatorregistrar exclusion.proposed member",
            "operatorregistrar decision.proposed decision",
            "operatorregistrar decision.approved decision",
            "operatorregistrar member.excluded member",
        ]
    );
    let rows = app.audit();
    assert_eq!(rows.last().unwrap().body.subject.as_deref(), Some(&*member));
    let call = Call::post(format!("/v1/charters/{CHILDHOOD}/applications"))
        .header("x-request-id", "request-of-a-test")
        .json(&application(&json!({
            "name": {"ru": "Библиотека"}, "category": "educational_institution", "country": "RU",
            "domain": "library.example",
        })));
    app.send(call).must_be(201);
    let last = app.audit().pop().unwrap();
    assert_eq!(last.body.request.as_deref(), Some("request-of-a-test"));
    assert_eq!(last.body.actor.kind.as_str(), "anonymous");
}

fn a_repeated_request_and_a_refused_one_leave_none(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let call = Call::post(format!("/v1/charters/{CHILDHOOD}/applications"))
        .token(&app.staff.partner)
        .header("idempotency-key", "once")
        .json(&application(&school()));
    let first = app.send(call.clone()).must_be(201);
    let rows = app.audit().len();
    assert_eq!(app.send(call).must_be(201).text("/id"), first.text("/id"));
    let early = Call::post(format!(
        "{}/admission",
        application_path(&first.text("/id"))
    ));
    app.send(early.token(&app.staff.registrars[0]).json(&json!({})))
        .must_be(409);
    assert_eq!(app.audit().len(), rows);
}

fn the_state_after_a_step_is_the_state_before_the_next(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school());
    app.reject(&applied.id);
    let rows = app.audit();
    let of_application: Vec<_> = rows
        .iter()
        .filter(|row| row.body.subject.as_deref() == Some(&*applied.id))
        .collect();
    assert_eq!(of_application.len(), 4);
    assert_eq!(of_application[0].body.before, None);
    for pair in of_application.windows(2) {
        assert_ne!(pair[0].body.before, pair[0].body.after);
        assert_eq!(pair[0].body.after, pair[1].body.before);
    }
}
