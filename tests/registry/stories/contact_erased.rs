//! The contact person of a former member is told what is held, and erased; what the member was stays to be verified.

use std::fs;

use charter_registry::rules::audit::Action;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::{Call, text},
    on_both_databases,
    organisations::{application, school},
    steps::application_path,
};

on_both_databases!(with letters: an_erased_contact_leaves_a_member_that_anybody_can_verify);

/// The e-mail address of the contact person, and of nobody else.
const ADDRESS: &str = "contact-person@school.example";

/// How many letters lie in the folder that are to this address.
fn letters_to_it(app: &TestApp) -> usize {
    let letters = fs::read_dir(app.folder().join("letters")).unwrap();
    letters
        .filter(|letter| {
            let letter = fs::read_to_string(letter.as_ref().unwrap().path()).unwrap();
            letter.contains(ADDRESS)
        })
        .count()
}

fn an_erased_contact_leaves_a_member_that_anybody_can_verify(app: &TestApp) {
    app.opens();
    let mut body = application(&school());
    body["contact"]["email"] = json!(ADDRESS);
    let applied = app.apply_as(&app.staff.partner, CHILDHOOD, &body);
    app.issue_memorandum(&applied.id);
    app.upload_scan(&applied, crate::support::pdf::scan(0));
    let terms = json!({"domainAttested": true});
    let decision = app.propose_admission(&applied.id, &terms);
    let member = text(&app.approve(&decision), "/id");
    app.send_letters();
    let sent = letters_to_it(app);
    assert!(sent >= 4, "{sent}");

    // The membership ends, and before the letter about it is sent, the contact person asks.
    let proof = app.newest_record(&member);
    app.withdraw_member(&member);
    let path = application_path(&applied.id);
    let export = Call::get(format!("{path}/personal-data")).token(&applied.token);
    let export = app.send(export).must_be(200).json();
    assert_eq!(text(&export, "/contact/email"), ADDRESS);
    let letters = export["letters"].as_array().unwrap();
    assert_eq!(letters.len(), sent + 1);
    assert_eq!(letters[sent]["template"], "member_withdrew");
    assert_eq!(letters[sent]["state"], "queued");
    let erasure = Call::post(format!("{path}/erasure")).token(&applied.token);
    app.send(erasure).must_be(200);

    // The letter is called off, those that were sent are gone from the folder, and none comes any more.
    let states = || -> Vec<String> {
        let about = app.outbox().into_iter();
        about
            .filter(|letter| letter.recipient.to_string() == "contact")
            .map(|letter| letter.state.to_string())
            .collect()
    };
    let last = states().pop().unwrap();
    assert_eq!(last, "cancelled");
    app.send_letters();
    assert_eq!(letters_to_it(app), 0);
    let newest = app.outbox().into_iter().rev();
    let mut called_off = newest.filter(|letter| letter.state.to_string() == "cancelled");
    let retry = format!("/v1/letters/{}/retry", called_off.next().unwrap().id);
    app.send(Call::post(retry).token(&app.staff.clerk))
        .must_be(200);
    app.send_letters();
    assert_eq!(states().pop().unwrap(), "cancelled");
    assert_eq!(letters_to_it(app), 0);

    // What the desk shows now.
    let shown = app.application_at_desk(&applied.id);
    assert_ne!(shown["erasedAt"], Value::Null);
    assert_eq!(shown["memorandum"], Value::Null);
    for (place, status, slug) in [
        ("contact", 410, "contact-erased"),
        ("personal-data", 410, "contact-erased"),
        ("memorandum", 404, "memorandum-not-issued"),
        ("memorandum/scan", 404, "memorandum-not-issued"),
    ] {
        let call = Call::get(format!("{path}/{place}")).token(&app.staff.registrars[0]);
        let problem = app.send(call).problem();
        assert_eq!(
            (problem.status, problem.slug.as_str()),
            (status, slug),
            "{place}"
        );
    }
    app.send(Call::get(&path).token(&applied.token))
        .must_be(401);

    // Who looked and who erased is written down; whom, only by the application.
    let audit = app.audit();
    let about: Vec<Action> = audit
        .iter()
        .filter(|row| row.body.subject.as_deref() == Some(applied.id.as_str()))
        .map(|row| row.body.action)
        .collect();
    let end = &about[about.len() - 2..];
    assert_eq!(
        end,
        [Action::PersonalDataExported, Action::PersonalDataErased]
    );

    // What was proved is proved, and what the member became is, too.
    assert_eq!(text(&app.verdict(&proof), "/verdict"), "authentic");
    assert_eq!(app.story_of(&member), ["included", "withdrew"]);
    app.all_is_well();
}
