//! An excluded member tries again: under a new name with its old number, with a new number and its old domain, and
//! with neither.

use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    on_both_databases,
    organisations::{school, school_number},
};

on_both_databases!(
    under_a_new_name_with_the_same_number_it_is_known,
    with_another_number_and_the_same_domain_it_is_known,
    with_neither_it_is_another_organisation_that_two_registrars_must_take,
);

/// The member is excluded while an application like this one is under way; admission must say who it is.
fn is_known_by(app: &TestApp, disguise: &Value) {
    app.opens();
    let again = app.apply_and_sign(CHILDHOOD, disguise);
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);

    let before = app.footprint();
    let answer = app.ask_to_admit(&again, "admission", &json!({"domainAttested": true}));
    answer.must_be_refused(409, "former-member");
    assert!(answer.text("/detail").contains(&member));
    assert_eq!(app.footprint(), before);
    assert_eq!(app.story_of(&member), ["included", "excluded"]);
    app.all_is_well();
}

fn under_a_new_name_with_the_same_number_it_is_known(app: &TestApp) {
    let mut disguise = school();
    disguise["name"] = json!({"ru": "Лицей будущего"});
    disguise["domain"] = json!("future.example");
    disguise["website"] = json!("https://future.example");
    is_known_by(app, &disguise);
}

fn with_another_number_and_the_same_domain_it_is_known(app: &TestApp) {
    let mut disguise = school_number(1);
    disguise["domain"] = school()["domain"].clone();
    is_known_by(app, &disguise);
}

fn with_neither_it_is_another_organisation_that_two_registrars_must_take(app: &TestApp) {
    app.opens();
    let member = app.admit(CHILDHOOD, &school(), false);
    app.exclude(&member);

    let applied = app.apply_and_sign(CHILDHOOD, &school_number(1));
    assert_eq!(
        app.find(&[("status", "active")]).len(),
        0,
        "nobody is in by applying"
    );
    let newcomer = app.approve(&app.propose_admission(&applied.id, &json!({})));
    assert_ne!(newcomer["id"], member.as_str());
    assert_eq!(newcomer["number"], "000002");
    assert_eq!(app.member(&member).text("/status"), "excluded");
    app.all_is_well();
}
