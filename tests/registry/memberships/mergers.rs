//! Members that become one, and members that change their name.

use serde_json::{Value, json};

use super::{the_log_obeys_the_rules_of_claims, told};
use crate::{
    bad_input::{invalid_body, refused, refuses},
    support::{
        app::TestApp,
        charters::{self, CHILDHOOD},
        client::{Call, text},
        on_both_databases,
        organisations::{ogrn, school, school_number},
        routes::NOBODY,
        steps::member_path,
    },
};

on_both_databases!(
    a_member_merged_into_another_leaves_it_its_keys_and_names_and_both_histories_say_so,
    a_member_that_has_a_domain_takes_none_in_a_merger,
    a_merger_that_cannot_be_is_refused,
    a_merger_grows_stale_with_either_member,
    a_member_that_is_renamed_is_found_by_its_former_name_and_its_history_tells_both,
);

fn into(member: &str) -> Value {
    json!({"into": member, "statement": {"ru": "Школы объединены."}})
}

fn a_member_merged_into_another_leaves_it_its_keys_and_names_and_both_histories_say_so(
    app: &TestApp,
) {
    app.publish(&charters::definition(CHILDHOOD));
    let [ceasing, going_on] =
        [school(), school_number(1)].map(|one| app.admit(CHILDHOOD, &one, false));
    let merged = app.approve(&app.propose(&ceasing, "merger", &into(&going_on)));
    assert_eq!(text(&merged, "/id"), going_on);
    assert_eq!(text(&merged, "/name/ru"), "Гимназия № 1");
    assert_eq!(text(&merged, "/domain"), "school.example");
    assert_eq!(
        merged["aliases"],
        json!(["School No. 1", "Средняя школа № 1"])
    );
    let ceased = app.member(&ceasing);
    assert_eq!(ceased.text("/status"), "withdrawn");
    assert_eq!(ceased.text("/mergedInto"), going_on);

    let old = "RU-OGRN:1022800000002".to_owned();
    let (domain, own) = (
        "domain:school.example".to_owned(),
        format!("RU-OGRN:{}", ogrn(1)),
    );
    let told = told(app, &[&old, &domain, &own]);
    let mut all = vec![old.clone(), own, domain.clone()];
    all.sort();
    let moved = format!("{ceasing}→");
    assert_eq!(
        told[2..],
        [
            (
                "withdrew".to_owned(),
                ceasing.clone(),
                vec![old.clone(), domain.clone()]
            ),
            (moved.clone(), going_on.clone(), vec![old]),
            (moved, going_on.clone(), vec![domain]),
            ("amended".to_owned(), going_on.clone(), all),
        ]
    );
    for (member, event, other) in [
        (&ceasing, "withdrew", &going_on),
        (&going_on, "amended", &ceasing),
    ] {
        let last = app.history(member).pop().unwrap();
        assert_eq!(
            (text(&last, "/event").as_str(), &text(&last, "/other")),
            (event, other)
        );
    }
    let record: Value = serde_json::from_slice(&app.newest_record(&ceasing)).unwrap();
    assert_eq!(
        record["credentialSubject"]["decision"]["ground"],
        "dissolved"
    );
    // Who asks for the old name finds the member that goes on.
    let found = app.find(&[("q", "Средняя школа"), ("status", "active")]);
    assert_eq!(found.len(), 1);
    assert_eq!(text(&found[0], "/id"), going_on);
    the_log_obeys_the_rules_of_claims(app);
}

fn a_member_that_has_a_domain_takes_none_in_a_merger(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut other = school_number(1);
    other["domain"] = json!("gymnasium.example");
    let [ceasing, going_on] = [school(), other].map(|one| app.admit(CHILDHOOD, &one, false));
    let merged = app.approve(&app.propose(&ceasing, "merger", &into(&going_on)));
    assert_eq!(text(&merged, "/domain"), "gymnasium.example");
    assert_eq!(merged["identifiers"].as_array().unwrap().len(), 2);
    // The former member's domain is still its own, and has to be decided about.
    let tag = app.member(&going_on).header("etag").to_owned();
    let call = Call::patch(member_path(&going_on)).token(&app.staff.registrars[0]);
    let call = call.header("if-match", tag);
    let call = call.json(&json!({"domain": "school.example", "domainAttested": true}));
    app.send(call).must_be_refused(409, "former-member");
    the_log_obeys_the_rules_of_claims(app);
}

fn a_merger_that_cannot_be_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.publish(&charters::closed_circle());
    let [member, former, full] =
        [1, 2, 3].map(|number| app.admit(CHILDHOOD, &school_number(number), false));
    let elsewhere = app.admit(charters::CLOSED, &school(), false);
    app.withdraw_member(&former);
    let many: Vec<Value> = (1..=10)
        .map(|number| json!({"scheme": "TEST", "value": number.to_string()}))
        .collect();
    app.amend(&full, &json!({"identifiers": many}));
    let merge = |from: &str, body: Value| {
        let path = format!("{}/merger", member_path(from));
        Call::post(path).token(&app.staff.registrars[0]).json(&body)
    };
    #[rustfmt::skip]
    let cases = [
        invalid_body("nothing", merge(&member, json!({})), "/into", "missing_field"),
        invalid_body("no statement", merge(&member, json!({"into": full, "statement": {}})), "/statement", "empty"),
        invalid_body("into itself", merge(&member, into(&member)), "/into", "same_member"),
        invalid_body("into nobody", merge(&member, into(NOBODY)), "/into", "unknown_member"),
        invalid_body("into a member of another charter", merge(&member, into(&elsewhere)), "/into", "unknown_member"),
        invalid_body("on a ground of its own", merge(&member, json!({"into": full, "ground": "dissolved", "statement": {"ru": "Да."}})), "/ground", "unknown_field"),
        refused("into a former member", merge(&member, into(&former)), 409, "membership-status"),
        refused("a former member", merge(&former, into(&member)), 409, "membership-status"),
        refused("eleven identifiers", merge(&member, into(&full)), 409, "too-many-identifiers"),
        refused("nobody", merge(NOBODY, into(&member)), 404, "member-unknown"),
        refused("changed", merge(&member, into(&full)).header("if-match", "\"0\""), 412, "changed"),
    ];
    refuses(app, cases);
}

fn a_merger_grows_stale_with_either_member(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [ceasing, going_on] =
        [1, 2].map(|number| app.admit(CHILDHOOD, &school_number(number), false));
    for changed in [&going_on, &ceasing] {
        let proposed = app.propose(&ceasing, "merger", &into(&going_on));
        app.amend(
            changed,
            &json!({"aliases": [format!("Новая {}", proposed.id)]}),
        );
        let before = app.footprint();
        app.approval(&proposed)
            .must_be_refused(409, "proposal-stale");
        assert_eq!(app.footprint(), before);
    }
    app.approve(&app.propose(&ceasing, "merger", &into(&going_on)));
}

fn a_member_that_is_renamed_is_found_by_its_former_name_and_its_history_tells_both(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let patch = json!({"name": {"ru": "Лицей будущего"}, "formerNameKept": true});
    let renamed = app.amend(&member, &patch).json();
    assert_eq!(text(&renamed, "/name/ru"), "Лицей будущего");
    assert_eq!(renamed["aliases"], json!(["Средняя школа № 1"]));
    for query in ["Средняя школа", "Лицей будущего"] {
        assert_eq!(app.find(&[("q", query)]).len(), 1, "{query}");
    }
    let names: Vec<_> = app
        .history(&member)
        .iter()
        .map(|event| text(event, "/name/ru"))
        .collect();
    assert_eq!(names, ["Средняя школа № 1", "Лицей будущего"]);
    // A slip of the pen is put right without a trace among the aliases.
    let mended = app
        .amend(&member, &json!({"name": {"ru": "Лицей Будущего"}}))
        .json();
    assert_eq!(mended["aliases"], json!(["Средняя школа № 1"]));
    let tag = app.member(&member).header("etag").to_owned();
    let call = Call::patch(member_path(&member)).token(&app.staff.registrars[0]);
    let call = call
        .header("if-match", tag)
        .json(&json!({"formerNameKept": "yes"}));
    refuses(
        app,
        [invalid_body(
            "a word for yes",
            call,
            "/formerNameKept",
            "wrong_type",
        )],
    );
}
