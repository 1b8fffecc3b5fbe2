//! Two members become one: the one goes on with the names and keys of both.

use serde_json::json;

use crate::support::{
    app::TestApp,
    charters::CHILDHOOD,
    client::text,
    on_both_databases,
    organisations::{school, school_number},
};

on_both_databases!(of_two_schools_that_merge_one_goes_on_with_the_names_and_keys_of_both);

fn of_two_schools_that_merge_one_goes_on_with_the_names_and_keys_of_both(app: &TestApp) {
    app.opens();
    let [ceasing, going_on] =
        [school(), school_number(1)].map(|one| app.admit(CHILDHOOD, &one, false));

    let statement = json!({"ru": "Школы объединены."});
    let merger = app.propose(
        &ceasing,
        "merger",
        &json!({"into": going_on, "statement": statement}),
    );
    let joined = app.approve(&merger);
    assert_eq!(text(&joined, "/id"), going_on);
    assert_eq!(text(&joined, "/domain"), "school.example");
    assert_eq!(joined["identifiers"].as_array().unwrap().len(), 2);

    assert_eq!(app.member(&ceasing).text("/mergedInto"), going_on);
    assert_eq!(app.story_of(&ceasing), ["included", "withdrew"]);
    assert_eq!(app.story_of(&going_on), ["included", "amended"]);
    // Whoever looks for the school that is no more finds the one that goes on.
    let found = app.find(&[("q", "Средняя школа"), ("status", "active")]);
    assert_eq!(text(&found[0], "/id"), going_on);
    app.all_is_well();
}
