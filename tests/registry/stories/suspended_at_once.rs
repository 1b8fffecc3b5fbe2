//! A registrar suspends a member at once; nobody confirms it, and after a fortnight it lapses.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    app::TestApp, charters::CHILDHOOD, client::Call, on_both_databases, organisations::school,
    steps::member_path,
};

on_both_databases!(an_urgent_suspension_that_nobody_confirms_lapses_after_a_fortnight);

fn an_urgent_suspension_that_nobody_confirms_lapses_after_a_fortnight(app: &TestApp) {
    app.opens();
    let member = app.admit(CHILDHOOD, &school(), false);

    let path = format!("{}/urgent-suspension", member_path(&member));
    let reasons = json!({"ground": "unreachable", "statement": {"ru": "Сайт взломан."}});
    let call = Call::post(path).token(&app.staff.registrars[0]);
    let suspended = app.send(call.json(&reasons));
    assert!(suspended.status < 300, "{}", suspended.json());
    assert_eq!(app.member(&member).text("/status"), "suspended");

    app.time_passes(TimeDelta::days(13));
    assert_eq!(app.run_job("suspensions"), 0);
    app.time_passes(TimeDelta::days(1) + TimeDelta::seconds(1));
    assert_eq!(app.run_job("suspensions"), 1);
    assert_eq!(app.member(&member).text("/status"), "active");
    assert_eq!(
        app.story_of(&member),
        ["included", "suspended", "reinstated"]
    );
    app.all_is_well();
}
