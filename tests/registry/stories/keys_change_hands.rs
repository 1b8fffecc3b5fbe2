//! A school leaves and another takes over its domain: two registrars give the key to the one that has it now.

use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::text,
    on_both_databases,
    organisations::{school, school_number},
};

on_both_databases!(a_domain_that_changed_hands_is_reassigned_by_two_registrars);

fn a_domain_that_changed_hands_is_reassigned_by_two_registrars(app: &TestApp) {
    app.opens();
    let former = app.admit(CHILDHOOD, &school(), false);
    let heir = app.admit(CHILDHOOD, &school_number(1), false);
    app.withdraw_member(&former);

    let reassignment = json!({
        "claims": ["domain:school.example"],
        "domainAttested": true,
        "ground": "dissolved",
        "statement": {"ru": "Домен перешёл к гимназии."},
    });
    let amended = app.approve(&app.propose(&heir, "claim-reassignment", &reassignment));
    assert_eq!(text(&amended, "/domain"), "school.example");
    assert_eq!(app.story_of(&heir), ["included", "amended"]);
    assert_eq!(app.story_of(&former), ["included", "withdrew"]);
    app.all_is_well();
}
