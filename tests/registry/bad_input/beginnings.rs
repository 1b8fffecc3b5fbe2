//! A registry that has begun and has not yet the people it needs.

use serde_json::json;

use super::{refused, refuses};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{application, school},
    pdf,
    steps::application_path,
};

on_both_databases!(without staff: decisions_are_refused_until_there_are_two_registrars);

fn decisions_are_refused_until_there_are_two_registrars(app: &TestApp) {
    let administrator = app.first_administrator();
    let operator = |name: &str, role: &str| {
        let call = Call::post("/v1/operators").token(&administrator);
        let answer = app.send(call.json(&json!({"name": name, "role": role})));
        answer.must_be(201).text("/token")
    };
    let call = Call::post("/v1/charters").token(&administrator);
    app.send(call.json(&charters::definition(CHILDHOOD)))
        .must_be(201);
    let (clerk, first) = (
        operator("clerk", "clerk"),
        operator("registrar-1", "registrar"),
    );
    let applied = app.apply_as("", CHILDHOOD, &application(&school()));
    let confirm = Call::post(format!("{}/confirmation", application_path(&applied.id)));
    let confirm = confirm.token(&clerk).json(&json!({"how": "По телефону."}));
    app.send(confirm).must_be(200);
    let issue = Call::post(format!("{}/memorandum", application_path(&applied.id)));
    app.send(issue.token(&clerk).json(&json!({}))).must_be(200);
    app.upload_scan(&applied, pdf::scan(0));
    let path = format!("{}/admission", application_path(&applied.id));
    let propose = || Call::post(&path).token(&first).json(&json!({}));
    refuses(
        app,
        [refused("alone", propose(), 409, "second-registrar-missing")],
    );
    operator("registrar-2", "registrar");
    app.send(propose()).must_be(201);
}
