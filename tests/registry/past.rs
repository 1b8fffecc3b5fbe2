//! The registry as it was: `?asOf=` of a member and of the list.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Answer, Call},
    on_both_databases,
    organisations::{school, school_number},
    steps::{member_path, members_of, violation},
};

on_both_databases!(
    before_and_after_each_event_a_member_is_shown_as_it_was,
    the_list_is_shown_as_it_was_page_by_page,
    what_is_before_the_log_or_in_the_future_is_refused,
);

fn now(app: &TestApp) -> DateTime<Utc> {
    app.in_storage(async |desk| desk.now())
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn as_of(app: &TestApp, path: &str, moment: &str) -> Answer {
    app.send(Call::get(format!("{path}?asOf={moment}")))
}

/// What anybody is told of both members now.
fn shown(app: &TestApp, members: &[String]) -> Vec<Value> {
    let told = members
        .iter()
        .map(|member| app.send(Call::get(member_path(member))));
    told.map(|answer| answer.must_be(200).json()).collect()
}

fn before_and_after_each_event_a_member_is_shown_as_it_was(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let members = [school(), school_number(1)].map(|one| app.admit(CHILDHOOD, &one, false));
    let mut until = violation();
    until["until"] = json!("2027-12-01");
    let reassigned = json!({
        "claims": ["domain:school.example"],
        "domainAttested": true,
        "ground": "dissolved",
        "statement": {"ru": "Прежний участник ликвидирован."},
    });
    let steps: [&dyn Fn(); 7] = [
        &|| drop(app.amend(&members[0], &json!({"name": {"ru": "Лицей № 1"}}))),
        &|| drop(app.suspend(&members[0], &until)),
        &|| {
            let reasons = json!({"ground": "error_corrected", "statement": {"ru": "Ошибка."}});
            app.approve(&app.propose(&members[0], "reinstatement", &reasons));
        },
        &|| drop(app.amend(&members[0], &json!({"aliases": ["Первая"]}))),
        &|| drop(app.exclude(&members[0])),
        &|| drop(app.approve(&app.propose(&members[1], "claim-reassignment", &reassigned))),
        &|| drop(app.withdraw_member(&members[1])),
    ];
    let mut was = Vec::new();
    for step in steps {
        was.push((now(app), app.log().len(), shown(app, &members)));
        app.time_passes(TimeDelta::hours(1));
        step();
        app.time_passes(TimeDelta::hours(1));
    }
    was.push((now(app), app.log().len(), shown(app, &members)));
    for pair in was.windows(2) {
        assert_ne!(pair[0].2, pair[1].2);
    }
    for (at, size, expected) in &was {
        let a_second_before_the_next = *at + TimeDelta::minutes(59);
        let moments = [
            written(*at),
            written((a_second_before_the_next).min(now(app))),
            (size - 1).to_string(),
        ];
        for moment in moments {
            let told = members
                .iter()
                .map(|member| as_of(app, &member_path(member), &moment));
            let told: Vec<Value> = told.map(|one| one.must_be(200).json()).collect();
            assert_eq!(&told, expected, "{moment}");
        }
    }
    // With a fraction of a second, and in another offset, it is the same moment.
    let (at, _, expected) = &was[1];
    let moscow = at.with_timezone(&chrono::FixedOffset::east_opt(3 * 3600).unwrap());
    let moscow = moscow
        .to_rfc3339_opts(SecondsFormat::Millis, false)
        .replace('+', "%2B");
    let told = as_of(app, &member_path(&members[0]), &moscow).must_be(200);
    assert_eq!(&told.json(), &expected[0]);
    // The same question is answered alike, and with a tag.
    let path = format!("{}?asOf=4", member_path(&members[0]));
    let answer = app.send(Call::get(&path)).must_be(200);
    let again = Call::get(&path).header("if-none-match", answer.header("etag"));
    app.send(again).must_be(304);
}

fn the_list_is_shown_as_it_was_page_by_page(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut members = Vec::new();
    for number in 1..6 {
        members.push(app.admit(CHILDHOOD, &school_number(number), number == 9));
    }
    app.exclude(&members[1]);
    let size = app.log().len();
    let path = members_of(CHILDHOOD);
    let before: Vec<Value> = app.pages(&format!("{path}?limit=2"), "").concat();
    app.time_passes(TimeDelta::hours(1));
    app.exclude(&members[3]);
    app.admit(CHILDHOOD, &school_number(6), false);

    let moment = format!("asOf={}", size - 1);
    let listed = |query: &str| {
        let pages = app.pages(&format!("{path}?{query}&{moment}"), "");
        pages.concat()
    };
    assert_eq!(listed("limit=2"), before);
    assert_eq!(listed("limit=100"), before);
    assert_eq!(listed("status=excluded&limit=1"), [before[1].clone()]);
    assert_eq!(listed("status=active").len(), 4);
    assert_eq!(listed("founder=true"), [Value::Null; 0]);
    assert_eq!(listed("category=city"), [Value::Null; 0]);
    let now = app.pages(&format!("{path}?asOf={}", app.log().len() - 1), "");
    assert_eq!(now.concat(), app.pages(&path, "").concat());
    // Once the charter was published there was nobody yet.
    let published = app.send(Call::get(format!("{path}?asOf=2"))).must_be(200);
    assert_eq!(published.items(), [Value::Null; 0]);
}

fn what_is_before_the_log_or_in_the_future_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let size = app.log().len();
    let later = written(now(app) + TimeDelta::seconds(1));
    let (page, list) = (member_path(&member), members_of(CHILDHOOD));
    for path in [&page, &list] {
        for (moment, code) in [
            (size.to_string().as_str(), "in_the_future"),
            (&u64::MAX.to_string(), "in_the_future"),
            (&later, "in_the_future"),
            ("9999-12-31T23:59:59Z", "in_the_future"),
            ("1999-12-31T23:59:59Z", "before_the_log"),
            ("0001-01-01T00:00:00Z", "before_the_log"),
            ("2026-11-22", "malformed_moment"),
            ("-1", "malformed_moment"),
            ("", "malformed_moment"),
            ("%00", "malformed_moment"),
        ] {
            let problem = as_of(app, path, moment).must_be(400).problem();
            assert_eq!(
                problem.errors,
                [("/asOf".to_owned(), code.to_owned())],
                "{moment}"
            );
        }
    }
    for query in ["q=school", "sort=name", "sort=-number"] {
        let call = Call::get(format!("{list}?{query}&asOf=4"));
        let problem = app.send(call).must_be(400).problem();
        assert_eq!(problem.errors[0].1, "not_with_this", "{query}");
    }
    // Before its admission it was no member, and before its publication the charter none.
    as_of(app, &page, "2").must_be_refused(404, "member-unknown");
    as_of(app, &list, "1").must_be_refused(404, "charter-unknown");
    as_of(app, &format!("{list}/{}", uuid::Uuid::nil()), "4")
        .must_be_refused(404, "member-unknown");
}
