//! Definitions that are no charter, and versions that cannot be published.

use serde_json::{Value, json};

use super::{Case, invalid_body, malformed, not_an_object, refused, refuses, with, without};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
};

on_both_databases!(
    a_definition_that_is_no_charter_is_refused_at_its_place,
    a_published_version_never_changes_and_none_is_left_out,
);

fn publish(app: &TestApp, definition: &Value) -> Call {
    let call = Call::post("/v1/charters").token(&app.staff.administrator);
    call.json(definition)
}

fn a_definition_that_is_no_charter_is_refused_at_its_place(app: &TestApp) {
    let valid = charters::definition("cities-for-digital-rights");
    let raw = |body: Vec<u8>| {
        let call = Call::post("/v1/charters").token(&app.staff.administrator);
        call.body("application/json", body)
    };
    let mut cases: Vec<Case> = malformed()
        .into_iter()
        .map(|(what, body, pointer, code)| {
            refused(what, raw(body), 400, "malformed-json").at(&pointer, code)
        })
        .collect();
    for (what, body) in not_an_object() {
        cases.push(invalid_body(what, publish(app, &body), "", "wrong_type"));
    }
    for place in [
        "/slug",
        "/text",
        "/clauses",
        "/memorandum/template",
        "/policy/twoPersons",
    ] {
        let call = publish(app, &without(&valid, place));
        cases.push(invalid_body(
            "a missing field",
            call,
            place,
            "missing_field",
        ));
    }
    for place in ["/colour", "/policy/bribe", "/clauses/0/text"] {
        let call = publish(app, &with(&valid, place, json!(1)));
        cases.push(invalid_body(
            "an unknown field",
            call,
            place,
            "unknown_field",
        ));
    }
    #[rustfmt::skip]
    let table = [
        ("/version", json!("1"), "/version", "wrong_type"),
        ("/version", json!(1.5), "/version", "wrong_type"),
        ("/version", json!(0), "/version", "out_of_range"),
        ("/slug", json!("Города"), "/slug", "forbidden_character"),
        ("/slug", json!("a--b"), "/slug", "forbidden_character"),
        ("/languages", json!([]), "/languages", "empty"),
        ("/title/ru", json!("\u{202E}Города"), "/title/ru", "forbidden_character"),
        ("/text/ru", json!("\u{0}"), "/text/ru", "forbidden_character"),
        ("/title", json!({"ru": "Города"}), "/title/en", "missing_language"),
        ("/clauses/1/id", valid["clauses"][0]["id"].clone(), "/clauses/1/id", "duplicate"),
        ("/clauses/0/section", json!("Z"), "/clauses/0/section", "unknown_section"),
        ("/eligibility/categories/0/code", json!("natural_person"), "/eligibility/categories/0/code", "natural_person"),
        ("/eligibility/countries", json!(["XX"]), "/eligibility/countries/0", "unknown_country"),
        ("/signingForms", json!(["fax"]), "/signingForms/0", "unknown_word"),
        ("/effectiveOn", json!("29.11.2021"), "/effectiveOn", "malformed_date"),
        ("/policy/daysToReply", json!(0), "/policy/daysToReply", "out_of_range"),
        ("/policy/twoPersons", json!(["admission"]), "/policy/twoPersons", "missing_decision"),
    ];
    for (place, value, pointer, code) in table {
        let call = publish(app, &with(&valid, place, value));
        cases.push(invalid_body(
            &format!("no charter, by {place}"),
            call,
            pointer,
            code,
        ));
    }
    let long = vec![b' '; 2 * 1024 * 1024 + 1];
    cases.push(refused("more than 2 MiB", raw(long), 413, "too-large"));
    let call = Call::post("/v1/charters").token(&app.staff.administrator);
    let call = call.body("application/toml", "slug = \"a\"");
    cases.push(refused("TOML", call, 415, "unsupported-media-type"));
    refuses(app, cases);
}

fn a_published_version_never_changes_and_none_is_left_out(app: &TestApp) {
    let first = charters::definition(CHILDHOOD);
    let second = with(&first, "/version", json!(2));
    let early = publish(app, &second);
    refuses(app, [refused("too early", early, 409, "version-gap")]);
    app.publish(&first);
    let other = with(&first, "/title/ru", json!("Другая хартия"));
    let third = with(&first, "/version", json!(3));
    #[rustfmt::skip]
    let cases = [
        refused("another content", publish(app, &other), 409, "version-published"),
        refused("one is left out", publish(app, &third), 409, "version-gap"),
    ];
    refuses(app, cases);
    app.publish(&with(&other, "/version", json!(2)));
    let call = publish(app, &with(&second, "/title/en", json!("Another")));
    refuses(
        app,
        [refused("the second again", call, 409, "version-published")],
    );
}
