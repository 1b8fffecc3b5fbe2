//! Amendments and departures that cannot be.

use serde_json::{Value, json};

use super::{NOBODY, invalid_body, malformed, not_an_object, refused, refuses};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD, CLOSED},
    client::Call,
    on_both_databases,
    organisations::{ogrn, school, school_number},
    steps::{member_path, members_of},
};

on_both_databases!(
    an_amendment_that_cannot_be_is_refused_at_its_place,
    a_key_that_another_holds_or_held_is_not_had_by_an_amendment,
    an_amendment_that_the_charter_does_not_admit_is_refused,
    a_departure_without_its_statement_is_refused,
);

fn an_amendment_that_cannot_be_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let tag = app.member(&member).header("etag").to_owned();
    let to = |id: &str| Call::patch(member_path(id)).token(&app.staff.registrars[0]);
    let amend = |patch: Value| to(&member).header("if-match", &tag).json(&patch);
    let mut cases: Vec<_> = malformed()
        .into_iter()
        .map(|(what, body, pointer, code)| {
            let call = to(&member).header("if-match", &tag);
            let call = call.body("application/merge-patch+json", body);
            refused(what, call, 400, "malformed-json").at(&pointer, code)
        })
        .collect();
    for (what, body) in not_an_object() {
        cases.push(invalid_body(what, amend(body), "", "wrong_type"));
    }
    #[rustfmt::skip]
    let table = [
        (json!({"name": null}), "/name", "missing_field"),
        (json!({"name": {"ru": null, "en": null}}), "/name", "empty"),
        (json!({"name": {"ru": "\u{202E}"}}), "/name/ru", "forbidden_character"),
        (json!({"name": "Школа"}), "/name", "wrong_type"),
        (json!({"aliases": [1]}), "/aliases/0", "wrong_type"),
        (json!({"category": null}), "/category", "missing_field"),
        (json!({"category": "natural_person"}), "/category", "natural_person"),
        (json!({"country": "KZ"}), "/region", "region_outside_country"),
        (json!({"region": "RU-XX"}), "/region", "unknown_region"),
        (json!({"website": "school"}), "/website", "invalid_url"),
        (json!({"identifiers": [{"scheme": "RU-INN", "value": "500100732259"}]}), "/identifiers/0/value", "natural_person"),
        (json!({"identifiers": null, "domain": null}), "/identifiers", "no_key"),
        (json!({"status": "excluded"}), "/status", "unknown_field"),
        (json!({"number": "000001"}), "/number", "unknown_field"),
        (json!({"founder": true}), "/founder", "unknown_field"),
        (json!({"domain": "other.example", "domainAttested": "yes"}), "/domainAttested", "wrong_type"),
    ];
    for (patch, pointer, code) in table {
        let what = patch.to_string();
        cases.push(invalid_body(&what, amend(patch), pointer, code));
    }
    let body = json!({"aliases": ["Первая школа"]});
    let elsewhere = format!("{}/{member}", members_of("no-such"));
    let elsewhere = Call::patch(elsewhere).token(&app.staff.registrars[0]);
    #[rustfmt::skip]
    let others = [
        refused("nothing", amend(json!({})), 409, "no-change"),
        refused("the same", amend(json!({"region": "ru-amu"})), 409, "no-change"),
        refused("a domain unproven", amend(json!({"domain": "other.example"})), 422, "domain-proof-required"),
        refused("no If-Match", to(&member).json(&body), 428, "precondition-required"),
        refused("any If-Match", to(&member).header("if-match", "*").json(&body), 428, "precondition-required"),
        refused("an old If-Match", to(&member).header("if-match", "\"0\"").json(&body), 412, "changed"),
        refused("no tag in If-Match", to(&member).header("if-match", "2").json(&body), 412, "changed"),
        refused("nobody", to(NOBODY).header("if-match", &tag).json(&body), 404, "member-unknown"),
        refused("in no charter", elsewhere.header("if-match", &tag).json(&body), 404, "member-unknown"),
        refused("as text", to(&member).header("if-match", &tag).body("text/plain", "{}"), 415, "unsupported-media-type"),
    ];
    cases.extend(others);
    refuses(app, cases);
}

fn a_key_that_another_holds_or_held_is_not_had_by_an_amendment(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.admit(CHILDHOOD, &school_number(1), false);
    let former = app.admit(CHILDHOOD, &school_number(2), false);
    app.exclude(&former);
    let tag = app.member(&member).header("etag").to_owned();
    let take = |number: u32| {
        let call = Call::patch(member_path(&member)).token(&app.staff.registrars[0]);
        let identifiers = json!([{"scheme": "RU-OGRN", "value": ogrn(number)}]);
        call.header("if-match", &tag)
            .json(&json!({"identifiers": identifiers}))
    };
    #[rustfmt::skip]
    let cases = [
        refused("a member's", take(1), 409, "already-a-member"),
        refused("a former member's", take(2), 409, "former-member"),
    ];
    refuses(app, cases);
    app.send(take(3)).must_be(200);
    // What it gave up is free for another.
    app.apply(
        CHILDHOOD,
        &json!({
            "name": {"ru": "Другая школа"},
            "category": "educational_institution",
            "identifiers": school()["identifiers"],
        }),
    );
}

fn an_amendment_that_the_charter_does_not_admit_is_refused(app: &TestApp) {
    app.publish(&charters::closed_circle());
    let member = app.admit(CLOSED, &school(), false);
    let path = format!("{}/{member}", members_of(CLOSED));
    let tag = app
        .send(Call::get(&path))
        .must_be(200)
        .header("etag")
        .to_owned();
    let amend = |patch: Value| {
        let call = Call::patch(&path).token(&app.staff.registrars[0]);
        call.header("if-match", &tag).json(&patch)
    };
    #[rustfmt::skip]
    let cases = [
        refused("a city", amend(json!({"category": "city"})), 422, "category-not-accepted"),
        refused("moved abroad", amend(json!({"country": "DE", "region": null})), 422, "country-not-accepted"),
        refused("without its domain", amend(json!({"domain": null})), 422, "domain-proof-required"),
    ];
    refuses(app, cases);
}

fn a_departure_without_its_statement_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let to = |id: &str| {
        let path = format!("{}/withdrawal", member_path(id));
        Call::post(path).token(&app.staff.registrars[0])
    };
    let leave = |body: Value| to(&member).json(&body);
    let valid = json!({"statement": {"ru": "По письму участника."}});
    #[rustfmt::skip]
    let cases = [
        invalid_body("no statement", leave(json!({})), "/statement", "missing_field"),
        invalid_body("an empty one", leave(json!({"statement": {}})), "/statement", "empty"),
        invalid_body("in no language", leave(json!({"statement": {"?": "a"}})), "/statement/?", "invalid_language"),
        invalid_body("a text", leave(json!({"statement": "a"})), "/statement", "wrong_type"),
        refused("nobody", to(NOBODY).json(&valid), 404, "member-unknown"),
        refused("changed", leave(valid).header("if-match", "\"0\""), 412, "changed"),
    ];
    refuses(app, cases);
}
