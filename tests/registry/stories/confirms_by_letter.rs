//! A school applies on the website, follows the link in the letter that comes, and becomes a member.

use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::Call,
    on_both_databases,
    organisations::{application, school},
    pdf,
    steps::application_path,
};

on_both_databases!(with letters: a_school_that_follows_its_letters_link_becomes_a_member);

fn a_school_that_follows_its_letters_link_becomes_a_member(app: &TestApp) {
    app.opens();
    let applied = app.apply_as("", CHILDHOOD, &application(&school()));
    let early = Call::post(format!("{}/memorandum", application_path(&applied.id)));
    app.send(early.token(&app.staff.clerk).json(&json!({})))
        .must_be_refused(409, "contact-not-confirmed");

    let letters = app.letters();
    let received = letters
        .iter()
        .find(|read| read.template() == "application_received")
        .unwrap();
    let (_, token) = received.body.split_once("token=").unwrap();
    let token: String = token
        .chars()
        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
        .collect();
    let path = format!("{}/confirmation", application_path(&applied.id));
    let follow = Call::post(path).json(&json!({"token": token}));
    let confirmed = app.send(follow).must_be(200);
    assert_eq!(confirmed.text("/state"), "confirmed");

    app.issue_memorandum(&applied.id);
    app.upload_scan(&applied, pdf::scan(0));
    let member = app.approve(&app.propose_admission(&applied.id, &json!({"domainAttested": true})));
    assert_eq!(member["status"], "active");
    assert_eq!(
        app.letters_to_contact(),
        [
            "application_accepted",
            "application_confirmed",
            "application_received",
            "memorandum_issued",
            "memorandum_signed",
        ]
    );
    let rows = app.audit();
    let confirmed = rows
        .iter()
        .find(|row| row.body.action.to_string() == "application.confirmed")
        .unwrap();
    assert_eq!(confirmed.body.subject.as_deref(), Some(&*applied.id));
    assert!(rows.iter().all(|row| !format!("{row:?}").contains(&token)));
    app.all_is_well();
}
