//! Decisions that cannot be proposed, approved or declined.

use serde_json::{Value, json};

use super::{NOBODY, invalid_body, malformed, refused, refuses, with, without};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD, CLOSED},
    client::Call,
    on_both_databases,
    organisations::{school, school_number},
    pdf,
    steps::{application_path, member_path, violation},
};

on_both_databases!(
    an_admission_that_does_not_fit_the_charter_is_refused,
    an_exclusion_without_its_reasons_is_refused,
    a_decision_is_approved_by_another_registrar_as_it_was_proposed_or_not_at_all,
);

fn an_admission_that_does_not_fit_the_charter_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.publish(&charters::closed_circle());
    let with_domain = app.apply_and_sign(CHILDHOOD, &school());
    let mut only_domain = school();
    only_domain["identifiers"] = json!([]);
    let only_domain = app.apply_and_sign(CHILDHOOD, &only_domain);
    let only_number = app.apply_and_sign(CHILDHOOD, &school_number(1));
    let closed = app.apply_and_sign(CLOSED, &school());
    let open = app.apply_and_sign(CHILDHOOD, &school_number(2));
    app.propose_admission(&open.id, &json!({}));
    let to = |id: &str| {
        let path = format!("{}/admission", application_path(id));
        Call::post(path).token(&app.staff.registrars[0])
    };
    let on = |id: &str, body: Value| to(id).json(&body);
    let mut cases: Vec<_> = malformed()
        .into_iter()
        .map(|(what, body, pointer, code)| {
            let call = to(&with_domain.id).body("application/json", body);
            refused(what, call, 400, "malformed-json").at(&pointer, code)
        })
        .collect();
    #[rustfmt::skip]
    let others = [
        invalid_body("a word for yes", on(&open.id, json!({"founder": "yes"})), "/founder", "wrong_type"),
        invalid_body("an unknown field", on(&open.id, json!({"number": 1})), "/number", "unknown_field"),
        refused("no founder", on(&with_domain.id, json!({"founder": true})), 422, "not-a-founder"),
        refused("no domain", on(&only_number.id, json!({"domainAttested": true})), 422, "domain-missing"),
        refused("no key", on(&only_domain.id, json!({})), 422, "key-missing"),
        refused("no proof", on(&closed.id, json!({})), 422, "domain-proof-required"),
        refused("twice", on(&open.id, json!({})), 409, "already-proposed"),
        refused("nobody", on(NOBODY, json!({})), 404, "application-unknown"),
        refused("no identifier", on("x", json!({})), 404, "not-found"),
        refused("changed", on(&with_domain.id, json!({})).header("if-match", "\"1\""), 412, "changed"),
    ];
    cases.extend(others);
    refuses(app, cases);
}

fn an_exclusion_without_its_reasons_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.publish(&charters::closed_circle());
    let member = app.admit(CHILDHOOD, &school(), false);
    let elsewhere = app.admit(CLOSED, &school(), false);
    let open = app.admit(CHILDHOOD, &school_number(1), false);
    app.propose_exclusion(&open, &violation());
    let to = |id: &str| {
        let path = format!("{}/exclusion", member_path(id));
        Call::post(path).token(&app.staff.registrars[0])
    };
    let on = |body: Value| to(&member).json(&body);
    let set = |place: &str, value: Value| on(with(&violation(), place, value));
    let only = |ground: &str| on(json!({"ground": ground, "statement": {"ru": "Нарушение."}}));
    #[rustfmt::skip]
    let cases = [
        invalid_body("no ground", on(without(&violation(), "/ground")), "/ground", "missing_field"),
        invalid_body("no statement", on(without(&violation(), "/statement")), "/statement", "missing_field"),
        invalid_body("an unknown ground", set("/ground", json!("dislike")), "/ground", "unknown_value"),
        invalid_body("a ground of no exclusion", set("/ground", json!("own_request")), "/ground", "not_a_ground_to_exclude"),
        invalid_body("an appeal", set("/ground", json!("appeal_upheld")), "/ground", "not_a_ground_to_exclude"),
        invalid_body("no clause", only("charter_violation"), "/clauses", "missing"),
        invalid_body("no law", only("law_violation"), "/law", "missing"),
        invalid_body("a clause that is none", set("/clauses", json!(["B.5", "Z.9"])), "/clauses", "unknown_clause"),
        invalid_body("a clause that is a number", set("/clauses", json!([5])), "/clauses/0", "wrong_type"),
        invalid_body("an empty statement", set("/statement", json!({})), "/statement", "empty"),
        invalid_body("a statement of nothing", set("/statement/ru", json!(" ")), "/statement/ru", "empty"),
        invalid_body("a statement turned round", set("/statement/ru", json!("\u{202E}")), "/statement/ru", "forbidden_character"),
        invalid_body("a statement too long", set("/statement/ru", json!("я".repeat(10_001))), "/statement/ru", "too_long"),
        invalid_body("an unknown field", set("/urgent", json!(true)), "/urgent", "unknown_field"),
        refused("nobody", to(NOBODY).json(&violation()), 404, "member-unknown"),
        refused("a member of another charter", to(&elsewhere).json(&violation()), 404, "member-unknown"),
        refused("twice", to(&open).json(&violation()), 409, "already-proposed"),
        refused("changed", on(violation()).header("if-match", "\"0\""), 412, "changed"),
    ];
    refuses(app, cases);
}

fn a_decision_is_approved_by_another_registrar_as_it_was_proposed_or_not_at_all(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_and_sign(CHILDHOOD, &school());
    let open = app.propose_admission(&applied.id, &json!({}));
    let other = app.apply_and_sign(CHILDHOOD, &school_number(1));
    let other = app.propose_admission(&other.id, &json!({}));
    let to = |id: &str, act: &str| Call::post(format!("/v1/decisions/{id}/{act}"));
    let [first, second] = &app.staff.registrars;
    let approve = |token: &str, id: &str, digest: Value| {
        to(id, "approval")
            .token(token)
            .json(&json!({"digest": digest}))
    };
    #[rustfmt::skip]
    let cases = [
        refused("by the proposer", approve(first, &open.id, json!(open.digest)), 409, "same-person"),
        refused("another's digest", approve(second, &open.id, json!(other.digest)), 409, "proposal-stale"),
        invalid_body("half a digest", approve(second, &open.id, json!(&open.digest[..32])), "/digest", "invalid_value"),
        invalid_body("a digest in capitals", approve(second, &open.id, json!(open.digest.to_uppercase())), "/digest", "invalid_value"),
        invalid_body("no text", approve(second, &open.id, json!(1)), "/digest", "wrong_type"),
        invalid_body("no digest", to(&open.id, "approval").token(second).json(&json!({})), "/digest", "missing_field"),
        refused("no such decision", approve(second, NOBODY, json!(open.digest)), 404, "decision-unknown"),
        refused("no identifier", approve(second, "1", json!(open.digest)), 404, "not-found"),
        refused("declining none", to(NOBODY, "refusal").token(second), 404, "decision-unknown"),
        refused("reading none", Call::get(format!("/v1/decisions/{NOBODY}")).token(second), 404, "decision-unknown"),
    ];
    refuses(app, cases);

    // What was proposed was about another scan.
    app.upload_scan(&applied, pdf::scan(9));
    let stale = approve(second, &open.id, json!(open.digest));
    refuses(app, [refused("stale", stale, 409, "proposal-stale")]);
    // It is proposed anew, and the stale proposal is declined by the same stroke.
    let anew = app.propose_admission(&applied.id, &json!({}));
    let outgrown = approve(second, &open.id, json!(open.digest));
    refuses(app, [refused("old", outgrown, 409, "decision-state")]);
    app.approve(&anew);
    app.send(to(&other.id, "refusal").token(second))
        .must_be(200);
    #[rustfmt::skip]
    let cases = [
        refused("approved twice", approve(second, &anew.id, json!(anew.digest)), 409, "decision-state"),
        refused("declined once approved", to(&anew.id, "refusal").token(second), 409, "decision-state"),
        refused("approved once declined", approve(second, &other.id, json!(other.digest)), 409, "decision-state"),
        refused("declined twice", to(&other.id, "refusal").token(second), 409, "decision-state"),
    ];
    refuses(app, cases);
}
