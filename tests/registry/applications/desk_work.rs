//! Who sees to an application and by when, and what the secretariat notes about it.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::school_number,
    steps::{Applied, application_path},
};

on_both_databases!(
    applications_are_assigned_and_found_by_who_sees_to_them_and_by_when,
    a_change_to_what_somebody_else_has_changed_is_refused,
    comments_are_read_by_those_they_are_for_and_erased_by_who_may,
    a_step_that_is_repeated_with_its_key_is_taken_once,
);

/// The identifiers in a list, as the clerk sees it.
fn listed(app: &TestApp, query: &str) -> Vec<String> {
    let call = Call::get(format!("/v1/applications?{query}")).token(&app.staff.clerk);
    let items = app.send(call).must_be(200).items();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    items.iter().map(id).collect()
}

fn assign(app: &TestApp, applied: &Applied, token: &str, body: &Value) -> Value {
    let call = Call::patch(application_path(&applied.id)).token(token);
    app.send(call.json(body)).must_be(200).json()
}

fn applications_are_assigned_and_found_by_who_sees_to_them_and_by_when(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let [first, second, third] = [1, 2, 3].map(|number| {
        app.time_passes(TimeDelta::seconds(1));
        app.apply(CHILDHOOD, &school_number(number))
    });
    let (clerk, registrar) = (&app.staff.clerk, &app.staff.registrars[0]);
    // The charter gives fourteen days to reply.
    assert_eq!(
        app.application_at_desk(&first.id)["desk"]["dueOn"],
        "2026-12-06"
    );
    let own = assign(
        app,
        &first,
        clerk,
        &json!({"assignee": "self", "dueOn": "2026-12-10"}),
    );
    assert_eq!(own["desk"]["dueOn"], "2026-12-10");
    let id = own["desk"]["assignee"].clone();
    // By name, by identifier, and to nobody again.
    let by_name = assign(app, &second, registrar, &json!({"assignee": "clerk"}));
    assert_eq!(by_name["desk"]["assignee"], id);
    assert_eq!(listed(app, "assignee=self"), [&*first.id, &second.id]);
    assign(
        app,
        &second,
        registrar,
        &json!({"assignee": null, "dueOn": null}),
    );
    assign(app, &third, registrar, &json!({ "assignee": id }));
    let of_clerk = format!("assignee={}", id.as_str().unwrap());
    assert_eq!(listed(app, &of_clerk), [&*first.id, &third.id]);
    assert_eq!(listed(app, "sort=due"), [&*third.id, &first.id]);
    assert_eq!(listed(app, "overdue=true"), [""; 0]);
    app.time_passes(TimeDelta::days(15));
    assert_eq!(listed(app, "overdue=true"), [&*third.id]);
    app.time_passes(TimeDelta::days(15));
    assert_eq!(listed(app, "overdue=true&limit=1"), [&*third.id]);
    let pages = app.pages("/v1/applications?overdue=true&limit=1", clerk);
    assert_eq!(pages.len(), 2);
    // What the applicant has to do next is not due at the desk.
    app.return_for_correction(&third.id, &[]);
    assert_eq!(listed(app, "overdue=true"), [&*first.id]);
    for (body, slug) in [
        (json!({"assignee": "auditor"}), "assignee-unknown"),
        (json!({"assignee": "administrator"}), "assignee-unknown"),
        (json!({"assignee": "nobody"}), "assignee-unknown"),
        (
            json!({"assignee": crate::support::routes::NOBODY}),
            "assignee-unknown",
        ),
    ] {
        let call = Call::patch(application_path(&first.id)).token(clerk);
        app.send(call.json(&body)).must_be_refused(422, slug);
    }
}

fn a_change_to_what_somebody_else_has_changed_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school_number(1));
    let (clerk, registrar) = (&app.staff.clerk, &app.staff.registrars[0]);
    let shown = Call::get(application_path(&applied.id)).token(clerk);
    let tag = app.send(shown).must_be(200).header("etag").to_owned();
    assign(app, &applied, registrar, &json!({"assignee": "self"}));
    let path = |step: &str| format!("{}/{step}", application_path(&applied.id));
    let because = json!({"reason": "Нет."});
    let before = app.footprint();
    for call in [
        Call::patch(application_path(&applied.id)).json(&json!({"assignee": "self"})),
        Call::post(path("confirmation")).json(&json!({"how": "Звонок."})),
        Call::post(path("return")).json(&because),
        Call::post(path("matches/acknowledgement")).json(&because),
        Call::post(path("resubmission")).json(&json!({})),
        Call::post(path("reopening")),
    ] {
        let call = call.token(clerk).header("if-match", &tag);
        app.send(call).must_be_refused(412, "changed");
    }
    assert_eq!(app.footprint(), before);
}

fn comments_are_read_by_those_they_are_for_and_erased_by_who_may(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school_number(1));
    let path = format!("{}/comments", application_path(&applied.id));
    let write = |token: &str, body: &Value| {
        app.time_passes(TimeDelta::seconds(1));
        let answer = app.send(Call::post(&path).token(token).json(body));
        answer.must_be(201).text("/id")
    };
    let (clerk, registrar) = (&app.staff.clerk, &app.staff.registrars[0]);
    let internal = write(clerk, &json!({"text": "Перезвонить в среду."}));
    let told = json!({"text": "Ждём письмо учредителя.", "visibility": "applicant"});
    let told = write(registrar, &told);
    let read = |token: &str| {
        let items = app.send(Call::get(&path).token(token)).must_be(200).items();
        let text = |item: &Value| item["text"].as_str().unwrap_or("(erased)").to_owned();
        items.iter().map(text).collect::<Vec<_>>()
    };
    let both = ["Перезвонить в среду.", "Ждём письмо учредителя."];
    for token in [clerk, registrar, &app.staff.auditor] {
        assert_eq!(read(token), both);
    }
    for token in [&applied.token, &app.staff.partner] {
        assert_eq!(read(token), [both[1]]);
    }
    let call = Call::get(&path).token(&app.staff.other_partner);
    app.send(call).must_be_refused(404, "application-unknown");
    assert_eq!(app.pages(&format!("{path}?limit=1"), clerk).len(), 2);

    let erase = |token: &str, id: &str| Call::delete(format!("{path}/{id}")).token(token);
    app.send(erase(clerk, &told))
        .must_be_refused(403, "forbidden");
    app.send(erase(clerk, &internal)).must_be(204);
    app.send(erase(clerk, &internal)).must_be(204);
    app.send(erase(&app.staff.registrars[1], &told))
        .must_be(204);
    assert_eq!(read(registrar), ["(erased)", "(erased)"]);
    let elsewhere = app.apply(CHILDHOOD, &school_number(2));
    let path = format!("{}/comments/{told}", application_path(&elsewhere.id));
    app.send(Call::delete(path).token(registrar))
        .must_be_refused(404, "comment-unknown");
}

fn a_step_that_is_repeated_with_its_key_is_taken_once(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school_number(1));
    let path = |step: &str| format!("{}/{step}", application_path(&applied.id));
    let clerk = &app.staff.clerk;
    let twice = |call: Call| {
        let key = call.path.replace('/', "-");
        let call = call.header("idempotency-key", key);
        let first = app.send(call.clone());
        assert!(first.status < 300, "{}", first.json());
        let after = app.footprint();
        let second = app.send(call);
        assert_eq!((second.status, second.json()), (first.status, first.json()));
        assert_eq!(app.footprint(), after);
    };
    twice(
        Call::post(path("comments"))
            .token(clerk)
            .json(&json!({"text": "Один раз."})),
    );
    let comments = app.send(Call::get(path("comments")).token(clerk));
    assert_eq!(comments.must_be(200).items().len(), 1);
    twice(
        Call::patch(application_path(&applied.id))
            .token(clerk)
            .json(&json!({"assignee": "self"})),
    );
    twice(
        Call::post(path("return"))
            .token(clerk)
            .json(&json!({"reason": "Имя."})),
    );
    twice(
        Call::post(path("resubmission"))
            .token(&applied.token)
            .json(&json!({})),
    );
    app.withdraw_application(&applied);
    twice(Call::post(path("reopening")).token(clerk));
    // Without a key the same step, taken again, comes too late.
    let again = Call::post(path("reopening")).token(clerk);
    app.send(again).must_be_refused(409, "application-state");
}
