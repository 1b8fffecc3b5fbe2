//! The excluded cannot return as strangers, and nobody is taken for a member by looking like one.

use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{ogrn, school, school_number},
    steps::{Applied, application_path},
};

on_both_databases!(
    the_excluded_is_known_again_under_a_new_name_by_its_number,
    the_excluded_is_known_again_under_another_number_by_its_domain,
    the_excluded_is_known_again_with_neither_by_its_name_and_its_pages,
    the_number_of_an_excluded_member_is_known_again_in_an_invented_register,
    a_name_that_a_member_once_had_is_known_again,
    a_key_that_a_member_gave_up_is_free_and_looked_at,
    a_name_that_looks_or_sounds_like_a_members_is_looked_at_first,
    what_was_looked_at_once_is_looked_at_again_when_it_has_changed,
    whom_an_application_resembles_is_told_to_the_secretariat_alone,
);

/// The kinds of resemblance of an application, as the secretariat sees them.
fn kinds(app: &TestApp, applied: &Applied) -> Vec<String> {
    let shown = app.application_at_desk(&applied.id);
    let matches = shown["desk"]["matches"].as_array().unwrap();
    let kind = |found: &Value| found["kind"].as_str().unwrap().to_owned();
    let mut kinds: Vec<String> = matches.iter().map(kind).collect();
    kinds.dedup();
    kinds
}

/// The proposal to admit, which is refused so.
fn refused_admission(app: &TestApp, applied: &Applied, slug: &str) {
    let before = app.footprint();
    let path = format!("{}/admission", application_path(&applied.id));
    let call = Call::post(path).token(&app.staff.registrars[0]);
    app.send(call.json(&json!({}))).must_be_refused(409, slug);
    assert_eq!(app.footprint(), before);
}

/// A school that was a member and was excluded.
fn excluded_school(app: &TestApp) -> String {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    member
}

fn the_excluded_is_known_again_under_a_new_name_by_its_number(app: &TestApp) {
    let member = excluded_school(app);
    let mut returning = school_number(5);
    returning["identifiers"] = school()["identifiers"].clone();
    let applied = app.apply_and_sign(CHILDHOOD, &returning);
    assert_eq!(
        kinds(app, &applied),
        ["same_key", "same_value", "same_contact"]
    );
    let shown = app.application_at_desk(&applied.id);
    assert_eq!(shown["desk"]["possibleReturn"], true);
    assert_eq!(shown["desk"]["matches"][0]["member"], json!(member));
    assert_eq!(shown["desk"]["matches"][0]["status"], "excluded");
    // To have looked at it is not enough: the key is the former member's.
    app.acknowledge_matches(&applied.id);
    refused_admission(app, &applied, "former-member");
}

fn the_excluded_is_known_again_under_another_number_by_its_domain(app: &TestApp) {
    excluded_school(app);
    let mut returning = school_number(5);
    returning["domain"] = json!("www.school.example");
    let applied = app.apply_and_sign(CHILDHOOD, &returning);
    assert_eq!(
        kinds(app, &applied),
        ["same_key", "same_host", "same_contact"]
    );
    // Without its domain attested it would be admitted by its number, so somebody looks at it first.
    refused_admission(app, &applied, "unreviewed-match");
    app.acknowledge_matches(&applied.id);
    let path = format!("{}/admission", application_path(&applied.id));
    let call = Call::post(path).token(&app.staff.registrars[0]);
    app.send(call.json(&json!({"domainAttested": true})))
        .must_be_refused(409, "former-member");
}

fn the_excluded_is_known_again_with_neither_by_its_name_and_its_pages(app: &TestApp) {
    excluded_school(app);
    let mut named = school_number(5);
    named["name"] = json!({"en": "Srednyaya shkola № 1"});
    let named = app.apply_and_sign(CHILDHOOD, &named);
    assert_eq!(kinds(app, &named), ["confusable_name", "same_contact"]);
    refused_admission(app, &named, "unreviewed-match");
    let mut linked = school_number(6);
    linked["website"] = json!("http://school.example/about");
    let linked = app.apply_and_sign(CHILDHOOD, &linked);
    assert_eq!(kinds(app, &linked), ["same_host", "same_contact"]);
    refused_admission(app, &linked, "unreviewed-match");
}

fn the_number_of_an_excluded_member_is_known_again_in_an_invented_register(app: &TestApp) {
    excluded_school(app);
    let mut returning = school_number(5);
    returning["identifiers"] = json!([{"scheme": "MY-LIST", "value": "OGRN-1022800000002"}]);
    let applied = app.apply_and_sign(CHILDHOOD, &returning);
    assert_eq!(
        kinds(app, &applied),
        ["same_value", "same_contact", "unknown_scheme"]
    );
    refused_admission(app, &applied, "unreviewed-match");
    app.acknowledge_matches(&applied.id);
    app.propose_admission(&applied.id, &json!({}));
}

fn a_name_that_a_member_once_had_is_known_again(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school_number(1), false);
    app.amend(&member, &json!({"name": {"ru": "Лицей имени основателя"}}));
    let mut named = school_number(2);
    named["name"] = json!({"ru": "ООО «ГИМНАЗИЯ №1»"});
    let applied = app.apply(CHILDHOOD, &named);
    assert_eq!(kinds(app, &applied), ["same_name"]);
}

fn a_key_that_a_member_gave_up_is_free_and_looked_at(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.amend(&member, &json!({"domain": null, "website": null}));
    let mut other = school_number(1);
    other["domain"] = json!("school.example");
    let applied = app.apply_and_sign(CHILDHOOD, &other);
    assert_eq!(kinds(app, &applied), ["same_key", "same_host"]);
    refused_admission(app, &applied, "unreviewed-match");
    app.acknowledge_matches(&applied.id);
    let terms = json!({"domainAttested": true});
    let admitted = app.approve(&app.propose_admission(&applied.id, &terms));
    assert_eq!(admitted["domain"], "school.example");
}

fn a_name_that_looks_or_sounds_like_a_members_is_looked_at_first(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut member = school_number(1);
    member["name"] = json!({"ru": "Сосна и Роса"});
    app.admit(CHILDHOOD, &member, false);
    for (number, name, kind) in [
        (2, "СОСНА И РОСА", "same_name"),
        (3, "Sosna i Rosa", "confusable_name"),
        // Latin letters among the Cyrillic ones.
        (
            4,
            "Co\u{441}\u{43D}\u{430} \u{438} Poc\u{430}",
            "confusable_name",
        ),
    ] {
        let mut alike = school_number(number);
        alike["name"] = json!({ "ru": name });
        let applied = app.apply_and_sign(CHILDHOOD, &alike);
        assert_eq!(kinds(app, &applied), [kind], "{name}");
        refused_admission(app, &applied, "unreviewed-match");
        assert_eq!(
            app.application_at_desk(&applied.id)["desk"]["needsReview"],
            true
        );
        app.acknowledge_matches(&applied.id);
        assert_eq!(
            app.application_at_desk(&applied.id)["desk"]["needsReview"],
            false
        );
        app.propose_admission(&applied.id, &json!({}));
    }
    let other = app.apply_and_sign(CHILDHOOD, &school_number(5));
    assert_eq!(kinds(app, &other), [""; 0]);
    app.propose_admission(&other.id, &json!({}));
}

fn what_was_looked_at_once_is_looked_at_again_when_it_has_changed(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut alike = school_number(1);
    alike["name"] = json!({"ru": "Гимназия № 2"});
    let member = app.admit(CHILDHOOD, &school_number(2), false);
    let applied = app.apply_and_sign(CHILDHOOD, &alike);
    app.acknowledge_matches(&applied.id);
    // Nothing is acknowledged twice.
    let path = format!("{}/matches/acknowledgement", application_path(&applied.id));
    let call = Call::post(path).token(&app.staff.clerk);
    app.send(call.json(&json!({"reason": "Ещё раз."})))
        .must_be_refused(409, "nothing-to-acknowledge");
    let decision = app.propose_admission(&applied.id, &json!({}));
    // Before the approval the member that it resembles is excluded, and so it may be its return.
    app.exclude(&member);
    let call = Call::post(format!("/v1/decisions/{}/approval", decision.id));
    let call = call.token(&app.staff.registrars[1]);
    app.send(call.json(&json!({"digest": decision.digest})))
        .must_be_refused(409, "unreviewed-match");
    app.acknowledge_matches(&applied.id);
    app.approve(&app.propose_admission(&applied.id, &json!({})));
}

fn whom_an_application_resembles_is_told_to_the_secretariat_alone(app: &TestApp) {
    excluded_school(app);
    let mut returning = school_number(5);
    returning["identifiers"] = json!([
        {"scheme": "RU-OGRN", "value": ogrn(5)},
        {"scheme": "RU-OGRN", "value": "1022800000002"},
    ]);
    let body = crate::support::organisations::application(&returning);
    let path = format!("/v1/charters/{CHILDHOOD}/applications");
    let answer = app.send(Call::post(path).json(&body)).must_be(201);
    assert_eq!(answer.json().get("desk"), None);
    let path = application_path(&answer.text("/id"));
    let by_applicant = app.send(Call::get(&path).token(&answer.text("/token")));
    assert_eq!(by_applicant.must_be(200).json().get("desk"), None);
    let by_auditor = app.send(Call::get(&path).token(&app.staff.auditor));
    assert_eq!(
        by_auditor.must_be(200).json()["desk"]["possibleReturn"],
        true
    );
    let listed = app.send(Call::get("/v1/applications").token(&app.staff.clerk));
    let listed = listed.must_be(200).items();
    let id = json!(answer.text("/id"));
    let listed = listed.iter().find(|one| one["id"] == id).unwrap();
    assert_eq!(listed["desk"]["possibleReturn"], true);
}
