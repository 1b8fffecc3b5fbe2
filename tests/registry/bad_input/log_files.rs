//! Redactions, and files of the log that there are not.

use serde_json::{Value, json};

use super::{
    Case, NOBODY, invalid_body, malformed, not_an_object, refused, refuses, with, without,
};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::school,
    steps::path_of,
};

on_both_databases!(
    a_redaction_that_is_not_one_is_refused_at_its_place,
    a_file_of_the_log_that_there_is_not_is_refused,
);

fn a_redaction_that_is_not_one_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let record = text(&app.member(&member).json(), "/record");
    let path = format!("/v1{}/redaction", path_of(&record));
    let call = |path: &str| Call::post(path).token(&app.staff.administrator);
    let post = |body: &Value| call(&path).json(body);
    let good = json!({"ground": "personal_data", "aliases": ["Школа"]});
    let mut cases: Vec<Case> = Vec::new();
    for (what, body, pointer, code) in malformed() {
        let call = call(&path).body("application/json", body);
        cases.push(refused(what, call, 400, "malformed-json").at(&pointer, code));
    }
    for (what, body) in not_an_object() {
        cases.push(invalid_body(what, post(&body), "", "wrong_type"));
    }
    let many: Vec<String> = (0..100)
        .map(|n| format!("01890000-0000-7000-8000-{n:012x}"))
        .collect();
    #[rustfmt::skip]
    let bodies = [
        ("no ground", without(&good, "/ground"), "/ground", "missing_field"),
        ("a ground of its own", with(&good, "/ground", json!("shame")), "/ground", "unknown_value"),
        ("a ground that is a number", with(&good, "/ground", json!(1)), "/ground", "wrong_type"),
        ("a field more", with(&good, "/why", json!("x")), "/why", "unknown_field"),
        ("no name", with(&good, "/name", json!({})), "/name", "empty"),
        ("a name in no language", with(&good, "/name", json!({"Russian language": "Школа"})), "/name/Russian language", "invalid_language"),
        ("an empty name", with(&good, "/name", json!({"ru": " "})), "/name/ru", "empty"),
        ("a name that turns round", with(&good, "/name", json!({"ru": "Шко\u{202e}ла"})), "/name/ru", "forbidden_character"),
        ("an empty alias", with(&good, "/aliases", json!([""])), "/aliases/0", "empty"),
        ("an alias that is none", with(&good, "/aliases", json!([1])), "/aliases/0", "wrong_type"),
        ("aliases that are none", with(&good, "/aliases", json!("Школа")), "/aliases", "wrong_type"),
        ("a statement in no language", with(&good, "/statement", json!({"": "x"})), "/statement/", "invalid_language"),
        ("also what is no record", with(&good, "/also", json!(["1"])), "/also/0", "invalid_value"),
        ("also a hundred others", with(&good, "/also", json!(many)), "/also", "too_many"),
    ];
    for (what, body, pointer, code) in bodies {
        cases.push(invalid_body(what, post(&body), pointer, code));
    }
    let nobodys = format!("/v1/records/{NOBODY}/redaction");
    let text = call(&path).body("text/plain", "x");
    cases.extend([
        refused(
            "nobody's record",
            call(&nobodys).json(&good),
            404,
            "record-unknown",
        ),
        refused(
            "no record",
            call("/v1/records/1/redaction").json(&good),
            404,
            "not-found",
        ),
        refused("a text", text, 415, "unsupported-media-type"),
        refused(
            "nobody",
            Call::post(&path).json(&good),
            401,
            "unauthenticated",
        ),
    ]);
    refuses(app, cases);
}

/// Of these the form is not that of a tile's address, or the log has no such tile.
const NO_BUNDLES: [&str; 17] = [
    "0",
    "00",
    "0000",
    "000.p/0",
    "000.p/256",
    "000.p/200",
    "000.p/04",
    "000.p/-1",
    "000",
    "001",
    "x000",
    "000/000",
    "x001/000",
    "000.p/",
    "%00",
    "18446744073709551616",
    "",
];

fn a_file_of_the_log_that_there_is_not_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut cases = Vec::new();
    let mut missing = |path: String, slug| {
        cases.push(refused("a file", Call::get(path), 404, slug));
    };
    for bundles in ["log/records", "log/tile/entries", "log/tile/0"] {
        for place in NO_BUNDLES {
            missing(format!("/{bundles}/{place}"), "tile-unknown");
        }
    }
    for row in ["-1", "64", "01", "data", "Entries", "%00", "entries0", "0x"] {
        missing(format!("/log/tile/{row}/000.p/1"), "tile-unknown");
    }
    let digest = "0".repeat(64);
    for name in [&digest, &digest[1..], &"A".repeat(64), "x", "%00"] {
        missing(format!("/log/charters/{name}"), "charter-unknown");
    }
    refuses(app, cases);
}
