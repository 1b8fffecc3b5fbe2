//! Suspensions: with a term and without, by two registrars and by one.

use charter_proof::entry::MemberEventKind;
use charter_registry::timetable;
use chrono::TimeDelta;
use serde_json::{Value, json};

use super::unreachable;
use crate::{
    bad_input::{invalid_body, refused, refuses, with},
    support::{
        app::TestApp,
        charters::{self, CHILDHOOD},
        client::{Call, text},
        on_both_databases,
        organisations::{school, school_number},
        proof::authentic,
        routes::NOBODY,
        steps::{member_path, violation},
    },
};

on_both_databases!(
    a_suspension_with_a_term_ends_by_itself_once_when_the_term_has_passed,
    a_suspension_without_a_term_lasts_until_two_registrars_end_it,
    an_urgent_suspension_lapses_after_a_fortnight_and_none_follows_it_for_another,
    an_urgent_suspension_that_two_registrars_confirm_goes_on_for_their_term,
    a_member_that_is_suspended_urgently_can_be_excluded_or_reinstated_or_leave,
    a_request_that_is_repeated_suspends_once,
    a_suspension_that_cannot_be_is_refused_at_its_place,
    a_suspension_whose_term_passed_before_it_was_approved_is_not_carried_out,
);

fn a_suspension_with_a_term_ends_by_itself_once_when_the_term_has_passed(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [member, other] = [school(), school_number(1)].map(|one| app.admit(CHILDHOOD, &one, false));
    app.suspend(&other, &unreachable());
    let suspended = app.suspend(
        &member,
        &with(&unreachable(), "/until", json!("2026-12-01")),
    );
    assert_eq!(text(&suspended, "/status"), "suspended");
    assert_eq!(text(&suspended, "/suspendedUntil"), "2026-12-01T00:00:00Z");
    // 22 November, 9:00, and eight days and 14:59 hours: a minute before December.
    app.time_passes(TimeDelta::days(8) + TimeDelta::minutes(14 * 60 + 59));
    assert_eq!(app.run_job("suspensions"), 0);
    app.time_passes(TimeDelta::minutes(1));
    // Two instances find it at once, and one of them ends it.
    let job = timetable::find("suspensions").unwrap();
    let ended = app.in_storage(async |desk| {
        let (one, other) = tokio::join!(job.run(desk), job.run(desk));
        one.unwrap() + other.unwrap()
    });
    assert_eq!(ended, 1);
    assert_eq!(app.run_job("suspensions"), 0);
    let member = app.member(&member);
    assert_eq!(member.text("/status"), "active");
    assert_eq!(member.json().get("suspendedUntil"), None);
    let id = member.text("/id");
    assert_eq!(app.events(&id), ["included", "suspended", "reinstated"]);
    let record = app.newest_record(&id);
    let said = authentic(&record, &app.trusted_keys());
    assert_eq!(said.event, MemberEventKind::Reinstated);
    // Nobody decided it, so nobody's reasons stand there.
    let record: Value = serde_json::from_slice(&record).unwrap();
    assert_eq!(record["credentialSubject"].get("decision"), None);
    assert_eq!(app.member(&other).text("/status"), "suspended");
    super::the_log_obeys_the_rules_of_claims(app);
}

fn a_suspension_without_a_term_lasts_until_two_registrars_end_it(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let suspended = app.suspend(&member, &violation());
    assert_eq!(suspended.get("suspendedUntil"), None);
    app.time_passes(TimeDelta::days(3650));
    // The tokens of the staff ended with their year.
    assert_eq!(app.run_job("suspensions"), 0);
    app.time_passes(TimeDelta::days(-3650));
    let upheld = json!({"ground": "appeal_upheld", "statement": {"ru": "Жалоба удовлетворена."}});
    let reinstated = app.approve(&app.propose(&member, "reinstatement", &upheld));
    assert_eq!(text(&reinstated, "/status"), "active");
    let record: Value = serde_json::from_slice(&app.newest_record(&member)).unwrap();
    let decision = &record["credentialSubject"]["decision"];
    assert_eq!(decision["ground"], "appeal_upheld");
    assert_eq!(app.events(&member), ["included", "suspended", "reinstated"]);
}

fn an_urgent_suspension_lapses_after_a_fortnight_and_none_follows_it_for_another(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let urgent = |registrar| app.ask(registrar, &member, "urgent-suspension", &violation());
    let suspended = urgent(0).must_be(200);
    assert_eq!(suspended.text("/status"), "suspended");
    assert_eq!(suspended.text("/suspendedUntil"), "2026-12-06T09:00:00Z");
    urgent(1).must_be_refused(409, "membership-status");
    app.time_passes(TimeDelta::days(14) - TimeDelta::seconds(1));
    assert_eq!(app.run_job("suspensions"), 0);
    app.time_passes(TimeDelta::seconds(1));
    assert_eq!(app.run_job("suspensions"), 1);
    assert_eq!(app.member(&member).text("/status"), "active");
    assert_eq!(app.events(&member), ["included", "suspended", "reinstated"]);
    for registrar in [0, 1] {
        urgent(registrar).must_be_refused(409, "urgent-suspension-repeated");
    }
    app.time_passes(TimeDelta::days(14) - TimeDelta::seconds(1));
    urgent(1).must_be_refused(409, "urgent-suspension-repeated");
    app.time_passes(TimeDelta::seconds(1));
    urgent(1).must_be(200);
}

fn an_urgent_suspension_that_two_registrars_confirm_goes_on_for_their_term(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.ask(0, &member, "urgent-suspension", &violation())
        .must_be(200);
    let confirmed = app.suspend(&member, &with(&violation(), "/until", json!("2027-01-01")));
    assert_eq!(text(&confirmed, "/status"), "suspended");
    assert_eq!(text(&confirmed, "/suspendedUntil"), "2027-01-01T00:00:00Z");
    // The status did not change, the reasons did: the record is an amendment that gives them.
    assert_eq!(app.events(&member), ["included", "suspended", "amended"]);
    let record: Value = serde_json::from_slice(&app.newest_record(&member)).unwrap();
    let decision = &record["credentialSubject"]["decision"];
    assert_eq!(decision["ground"], "charter_violation");
    app.time_passes(TimeDelta::days(15));
    assert_eq!(app.run_job("suspensions"), 0);
    // An ordinary suspension is not decided a second time.
    let again = app.ask(0, &member, "suspension", &violation());
    again.must_be_refused(409, "membership-status");
    app.time_passes(TimeDelta::days(30));
    assert_eq!(app.run_job("suspensions"), 1);
    // It was confirmed, so it does not stand in the way of another.
    app.ask(0, &member, "urgent-suspension", &violation())
        .must_be(200);
    super::the_log_obeys_the_rules_of_claims(app);
}

fn a_member_that_is_suspended_urgently_can_be_excluded_or_reinstated_or_leave(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [excluded, left, reinstated] = [1, 2, 3].map(|number| {
        let member = app.admit(CHILDHOOD, &school_number(number), false);
        app.ask(0, &member, "urgent-suspension", &violation())
            .must_be(200);
        member
    });
    app.exclude(&excluded);
    app.withdraw_member(&left);
    let error = json!({"ground": "error_corrected", "statement": {"ru": "Ошибка."}});
    app.approve(&app.propose(&reinstated, "reinstatement", &error));
    app.time_passes(TimeDelta::days(14));
    assert_eq!(app.run_job("suspensions"), 0);
    for (member, status) in [
        (&excluded, "excluded"),
        (&left, "withdrawn"),
        (&reinstated, "active"),
    ] {
        let shown = app.member(member);
        assert_eq!(shown.text("/status"), status);
        assert_eq!(shown.json().get("suspendedUntil"), None);
    }
}

fn a_request_that_is_repeated_suspends_once(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let path = format!("{}/urgent-suspension", member_path(&member));
    let urgent = Call::post(path).token(&app.staff.registrars[0]);
    let urgent = urgent.header("idempotency-key", "urgent-1");
    let first = app.send(urgent.clone().json(&violation())).must_be(200);
    let again = app.send(urgent.clone().json(&violation())).must_be(200);
    assert_eq!(first.json(), again.json());
    assert_eq!(app.events(&member), ["included", "suspended"]);
    let other = with(&violation(), "/statement/ru", json!("Другое."));
    let answer = app.send(urgent.json(&other));
    answer.must_be_refused(422, "idempotency-key-reused");
}

fn a_suspension_that_cannot_be_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let to = |id: &str, change: &str| {
        let path = format!("{}/{change}", member_path(id));
        Call::post(path).token(&app.staff.registrars[0])
    };
    let valid = violation();
    let mut cases = Vec::new();
    for change in ["suspension", "urgent-suspension"] {
        let set = |place: &str, value: Value| to(&member, change).json(&with(&valid, place, value));
        let only = |ground: &str| {
            let body = json!({"ground": ground, "statement": {"ru": "Нарушение."}});
            to(&member, change).json(&body)
        };
        #[rustfmt::skip]
        cases.extend([
            invalid_body(change, to(&member, change).json(&json!({})), "/ground", "missing_field"),
            invalid_body(change, set("/ground", json!("dissolved")), "/ground", "not_a_ground_to_suspend"),
            invalid_body(change, set("/ground", json!("appeal_upheld")), "/ground", "not_a_ground_to_suspend"),
            invalid_body(change, set("/clauses", json!(["Z.9"])), "/clauses", "unknown_clause"),
            invalid_body(change, set("/statement", json!({})), "/statement", "empty"),
            invalid_body(change, set("/statement/ru", json!("\u{0}")), "/statement/ru", "forbidden_character"),
            invalid_body(change, only("charter_violation"), "/clauses", "missing"),
            invalid_body(change, only("law_violation"), "/law", "missing"),
            refused(change, to(NOBODY, change).json(&valid), 404, "member-unknown"),
            refused(change, to(&member, change).json(&valid).header("if-match", "\"0\""), 412, "changed"),
        ]);
    }
    let until = |value: Value| to(&member, "suspension").json(&with(&valid, "/until", value));
    let urgent =
        to(&member, "urgent-suspension").json(&with(&valid, "/until", json!("2027-01-01")));
    let reinstate = |ground: &str| {
        let body = json!({"ground": ground, "statement": {"ru": "Нет."}});
        to(&member, "reinstatement").json(&body)
    };
    #[rustfmt::skip]
    cases.extend([
        invalid_body("yesterday", until(json!("2026-11-21")), "/until", "in_the_past"),
        invalid_body("today", until(json!("2026-11-22")), "/until", "in_the_past"),
        invalid_body("no day", until(json!("2026-11-31")), "/until", "malformed_date"),
        invalid_body("a time", until(json!("2026-12-31T00:00:00Z")), "/until", "malformed_date"),
        invalid_body("a year of five digits", until(json!("12026-12-31")), "/until", "malformed_date"),
        invalid_body("a number", until(json!(2026)), "/until", "wrong_type"),
        invalid_body("an urgent one with a term", urgent, "/until", "unknown_field"),
        refused("reinstating an active one", reinstate("appeal_upheld"), 409, "membership-status"),
    ]);
    refuses(app, cases);
    app.suspend(&member, &valid);
    #[rustfmt::skip]
    let cases = [
        invalid_body("reinstated for a violation", reinstate("charter_violation"), "/ground", "not_a_ground_to_reinstate"),
        refused("suspended twice", to(&member, "suspension").json(&valid), 409, "membership-status"),
        refused("and urgently", to(&member, "urgent-suspension").json(&valid), 409, "membership-status"),
    ];
    refuses(app, cases);
}

fn a_suspension_whose_term_passed_before_it_was_approved_is_not_carried_out(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let body = with(&unreachable(), "/until", json!("2026-11-23"));
    let proposed = app.propose(&member, "suspension", &body);
    app.time_passes(TimeDelta::days(1));
    let before = app.footprint();
    app.approval(&proposed)
        .must_be_refused(409, "proposal-stale");
    assert_eq!(app.footprint(), before);
}
