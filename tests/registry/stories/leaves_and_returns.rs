//! A member withdraws, and returns: it is the same member, with the number it had.

use crate::support::{
    app::TestApp, charters::CHILDHOOD, client::text, on_both_databases, organisations::school,
};

on_both_databases!(a_member_that_withdraws_and_returns_is_the_same_member);

fn a_member_that_withdraws_and_returns_is_the_same_member(app: &TestApp) {
    app.opens();
    // The application with which it will return is written before it leaves: the same people sign it.
    let returning = app.apply_and_sign(CHILDHOOD, &school());
    let member = app.admit(CHILDHOOD, &school(), false);
    let number = app.member(&member).text("/number");

    app.withdraw_member(&member);
    assert_eq!(app.member(&member).text("/status"), "withdrawn");

    let readmitted = app.readmit(&returning, &member);
    assert_eq!(text(&readmitted, "/id"), member);
    assert_eq!(text(&readmitted, "/number"), number);
    assert_eq!(text(&readmitted, "/status"), "active");
    assert_eq!(
        app.story_of(&member),
        ["included", "withdrew", "readmitted"]
    );
    assert_eq!(app.find(&[]).len(), 1);
    app.all_is_well();
}
