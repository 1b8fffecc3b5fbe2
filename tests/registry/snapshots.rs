//! The documents that the registry signs, to the byte: the clock stands still and the keys are always the same.

use charter_proof::canonical::to_jcs;
use serde_json::Value;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::school,
    steps::path_of,
};

on_both_databases!(what_the_registry_signs_and_logs_stands_as_published);

fn what_the_registry_signs_and_logs_stands_as_published(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);
    let history = app.history(&member);
    let [included, excluded] = [0, 1].map(|place| app.record(&text(&history[place], "/record")));
    insta::assert_snapshot!("record_of_an_inclusion", readable(&included));
    insta::assert_snapshot!("record_of_an_exclusion", readable(&excluded));
    let log = app.log();
    insta::assert_snapshot!("log_created", readable(&log[0]));
    insta::assert_snapshot!("charter_published", readable(&log[2]));
    insta::assert_snapshot!("member_included", readable(&log[4]));
    insta::assert_snapshot!("state", readable(&log[5]));
    let did = app.send(Call::get("/.well-known/did.json")).must_be(200);
    insta::assert_snapshot!("did_document", in_lines(&did.json()));
    let known = path_of(&text(&history[0], "/record")).to_owned();
    assert_eq!(
        app.send(Call::get(known)).header("content-type"),
        "application/vc"
    );
}

/// Canonical JSON, broken into lines. That it is canonical says that these lines give every byte of it.
fn readable(document: &[u8]) -> String {
    let value: Value = serde_json::from_slice(document).unwrap();
    assert_eq!(to_jcs(&value).unwrap(), document);
    in_lines(&value)
}

fn in_lines(document: &Value) -> String {
    serde_json::to_string_pretty(document).unwrap()
}
