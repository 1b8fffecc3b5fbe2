//! A contact person confirms the address by the link in a letter, or by word to a clerk.

use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{application, school, school_number},
    routes::NOBODY,
    steps::application_path,
};

on_both_databases!(
    the_link_of_a_letter_confirms_the_address_once_and_says_so_again,
    a_link_that_is_not_the_letters_confirms_nothing_and_tells_nothing,
    a_memorandum_is_made_out_for_the_public_only_once_the_address_is_confirmed,
    another_address_is_confirmed_anew,
);

/// The request that the page behind the link sends.
fn follow(application: &str, token: &str) -> Call {
    let path = format!("{}/confirmation", application_path(application));
    Call::post(path).json(&json!({ "token": token }))
}

fn the_link_of_a_letter_confirms_the_address_once_and_says_so_again(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_as("", CHILDHOOD, &application(&school()));
    let token = app.confirmation_token(&applied.id);
    let first = app.send(follow(&applied.id, &token)).must_be(200);
    assert_eq!(first.text("/state"), "confirmed");
    assert_eq!(first.text("/confirmedAt"), "2026-11-22T09:00:00Z");
    app.time_passes(TimeDelta::days(30));
    let again = app.send(follow(&applied.id, &token)).must_be(200);
    assert_eq!(again.json(), first.json());
    // A clerk who hears it, too, changes nothing either.
    assert_eq!(app.confirm_by_word(&applied.id).json(), first.json());
    // What the contact person learns is nobody's personal data.
    let fields: Vec<_> = first.json().as_object().unwrap().keys().cloned().collect();
    assert_eq!(fields, ["confirmedAt", "id", "state"]);
}

fn a_link_that_is_not_the_letters_confirms_nothing_and_tells_nothing(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [applied, other] =
        [1, 2].map(|number| app.apply_as("", CHILDHOOD, &application(&school_number(number))));
    let token = app.confirmation_token(&applied.id);
    let others = app.confirmation_token(&other.id);
    let refused = |application: &str, token: &str| {
        let before = app.footprint();
        let answer = app.send(follow(application, token));
        let detail = answer.json()["detail"].clone();
        answer.must_be_refused(403, "confirmation-refused");
        assert_eq!(app.footprint(), before);
        detail
    };
    let details = [
        refused(&applied.id, &others),
        refused(NOBODY, &token),
        refused(&applied.id, "chr_cf_"),
        refused(&applied.id, &applied.token),
        refused(&applied.id, &format!("{token}0")),
        refused(&applied.id, ""),
    ];
    assert!(details.iter().all(|detail| *detail == details[0]));
    app.time_passes(TimeDelta::days(8));
    assert_eq!(refused(&applied.id, &token), details[0]);
    // It opens nothing else.
    let call = Call::get(application_path(&applied.id)).token(&token);
    app.send(call).must_be_refused(401, "invalid-token");
}

fn a_memorandum_is_made_out_for_the_public_only_once_the_address_is_confirmed(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_as("", CHILDHOOD, &application(&school()));
    let issue = || {
        let path = format!("{}/memorandum", application_path(&applied.id));
        Call::post(path).token(&app.staff.clerk).json(&json!({}))
    };
    let before = app.footprint();
    app.send(issue())
        .must_be_refused(409, "contact-not-confirmed");
    assert_eq!(app.footprint(), before);
    app.confirm_by_word(&applied.id);
    let shown = app.application_at_desk(&applied.id);
    assert_eq!(shown["state"], "confirmed");
    assert_eq!(shown["desk"]["confirmedHow"], "По телефону.");
    app.send(issue()).must_be(200);
}

fn another_address_is_confirmed_anew(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_as("", CHILDHOOD, &application(&school()));
    let token = app.confirmation_token(&applied.id);
    app.send(follow(&applied.id, &token)).must_be(200);
    app.return_for_correction(&applied.id, &["/contact/phone"]);
    let phone = json!({"contact": {"phone": "+7 416 222-33-45"}});
    assert_eq!(app.resubmit(&applied, &phone).text("/state"), "confirmed");
    app.return_for_correction(&applied.id, &["/contact/email"]);
    let email = json!({"contact": {"email": "director@school.example"}});
    let answer = app.resubmit(&applied, &email);
    assert_eq!(answer.text("/state"), "received");
    assert_eq!(answer.json().get("confirmedAt"), None);
    app.send(follow(&applied.id, &token))
        .must_be_refused(403, "confirmation-refused");
    let token = app.confirmation_token(&applied.id);
    let answer = app.send(follow(&applied.id, &token)).must_be(200);
    assert_eq!(answer.text("/state"), "confirmed");
}
