//! Nobody answers, the application lapses by its charter's term; months later the school asks to go on.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    app::TestApp, charters::CHILDHOOD, client::Call, on_both_databases, organisations::school, pdf,
    steps::application_path,
};

on_both_databases!(with letters: a_lapsed_application_is_reopened_where_it_stood_and_becomes_a_member);

fn a_lapsed_application_is_reopened_where_it_stood_and_becomes_a_member(app: &TestApp) {
    app.opens();
    let applied = app.apply(CHILDHOOD, &school());
    app.issue_memorandum(&applied.id);
    // The charter gives ninety days; a week before they end somebody is reminded, once.
    app.time_passes(TimeDelta::days(84));
    assert_eq!(app.run_job("reminders"), 1);
    assert_eq!(app.run_job("reminders"), 0);
    app.time_passes(TimeDelta::days(6));
    assert_eq!(app.run_job("lapse"), 1);
    let state = || app.application_at_desk(&applied.id)["state"].clone();
    assert_eq!(state(), "lapsed");

    let scan = Call::put(format!("{}/memorandum/scan", application_path(&applied.id)));
    let scan = scan.body("application/pdf", pdf::scan(0));
    app.send(scan.token(&applied.token))
        .must_be_refused(409, "application-state");
    app.time_passes(TimeDelta::days(60));
    app.reopen(&applied.id);
    assert_eq!(state(), "memorandum_issued");
    app.upload_scan(&applied, pdf::scan(0));
    let member = app.approve(&app.propose_admission(&applied.id, &json!({"domainAttested": true})));
    assert_eq!(member["status"], "active");

    assert_eq!(
        app.letters_to_contact(),
        [
            "application_received",
            "memorandum_issued",
            "application_lapsing",
            "application_lapsed",
            "application_accepted",
            "application_reopened",
            "memorandum_signed",
        ]
    );
    let deeds = app.deeds();
    let at = |wanted| deeds.iter().position(|deed| deed == wanted);
    assert!(
        at("application.lapsed") < at("application.reopened"),
        "{deeds:?}"
    );
    assert!(
        at("application.reopened") < at("application.accepted"),
        "{deeds:?}"
    );
    app.all_is_well();
}
