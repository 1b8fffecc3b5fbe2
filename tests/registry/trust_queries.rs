//! Trust registry queries (TRQP 2.0): whether an organisation is a member, now or at a time.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::{
    bad_input::{Case, invalid_body, refused, refuses, with, without},
    support::{
        app::{PUBLIC, TestApp},
        charters::{self, CHILDHOOD},
        client::{Answer, Call, text},
        on_both_databases,
        organisations::{ogrn, school, school_number},
        steps::path_of,
    },
};

on_both_databases!(
    a_member_is_authorised_and_recognised_by_each_of_its_names,
    who_was_a_member_is_told_as_of_each_time,
    a_key_that_went_to_another_is_whose_it_was_at_the_time,
    a_query_that_is_none_of_ours_is_refused,
);

const DID: &str = "did:web:registry.example";

fn query(entity: &str, time: Option<&str>) -> Value {
    let mut query = json!({
        "entity_id": entity,
        "authority_id": DID,
        "action": "member-of",
        "resource": format!("{PUBLIC}/charters/{CHILDHOOD}"),
    });
    if let Some(time) = time {
        query["context"] = json!({"time": time, "locator": "hall 2"});
    }
    query
}

fn asked(app: &TestApp, path: &str, query: &Value) -> Answer {
    app.send(Call::post(path).json(query)).must_be(200)
}

fn is_authorized(app: &TestApp, entity: &str, time: Option<&str>) -> bool {
    let answer = asked(app, "/authorization", &query(entity, time)).json();
    let recognised = asked(app, "/recognition", &query(entity, time)).json();
    assert_eq!(answer["authorized"], recognised["recognized"]);
    answer["authorized"].as_bool().unwrap()
}

fn now(app: &TestApp) -> String {
    let now: DateTime<Utc> = app.in_storage(async |desk| desk.now());
    now.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn a_member_is_authorised_and_recognised_by_each_of_its_names(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut organisation = school();
    organisation["website"] = json!("https://pages.example/about");
    let member = app.admit(CHILDHOOD, &organisation, false);
    let shown = app.member(&member).json();
    let domain = text(&shown, "/domain");
    for entity in [
        format!("member:{member}"),
        format!("{PUBLIC}/members/{member}"),
        format!("domain:{domain}"),
        format!("domain:WWW.{}", domain.to_uppercase()),
        "RU-OGRN:1022800000002".to_owned(),
        format!("https://{domain}/"),
        "https://pages.example".to_owned(),
    ] {
        let answer = asked(app, "/authorization", &query(&entity, None));
        let told = answer.json();
        assert_eq!(told["authorized"], true, "{entity}: {told}");
        assert_eq!(told["entity_id"], entity);
        assert_eq!(told["time_evaluated"], now(app));
        assert_eq!(told.get("time_requested"), None);
        assert_eq!(told["record"], shown["record"]);
        let proof = text(&told, "/proof");
        app.send(Call::get(path_of(&proof))).must_be(200);
        assert_eq!(
            answer.header("link"),
            format!("<{proof}>; rel=\"describedby\"")
        );
        assert_eq!(answer.header("cache-control"), "no-store");
        assert!(is_authorized(app, &entity, None));
    }
    for nobody in [
        "domain:other.example",
        "RU-OGRN:1",
        "https://other.example/x",
        "https://",
        "member:1",
        "a school",
        "",
        "\u{0}",
    ] {
        let told = asked(app, "/authorization", &query(nobody, None)).json();
        assert_eq!(told["authorized"], false, "{nobody:?}");
        assert_eq!(told.get("proof"), None, "{nobody:?}");
    }
    // A mirror of the address, with the registry's own as the authority.
    let mut by_address = query(&format!("domain:{domain}"), None);
    by_address["authority_id"] = json!(PUBLIC);
    assert_eq!(
        asked(app, "/recognition", &by_address).json()["recognized"],
        true
    );
}

fn who_was_a_member_is_told_as_of_each_time(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let before = now(app);
    app.time_passes(TimeDelta::hours(1));
    let member = app.admit(CHILDHOOD, &school(), false);
    let admitted = now(app);
    app.time_passes(TimeDelta::hours(1));
    app.suspend(&member, &crate::support::steps::violation());
    let suspended = now(app);
    app.time_passes(TimeDelta::hours(1));
    app.exclude(&member);
    let excluded = now(app);
    let entity = format!("member:{member}");
    for (time, expected, status) in [
        (&before, false, "no such member"),
        (&admitted, true, "is active"),
        (&suspended, false, "is suspended"),
        (&excluded, false, "is excluded"),
    ] {
        let told = asked(app, "/authorization", &query(&entity, Some(time))).json();
        assert_eq!(told["authorized"], expected, "{told}");
        assert_eq!(told["time_requested"], **time);
        assert_eq!(told["context"], json!({"time": time, "locator": "hall 2"}));
        assert!(text(&told, "/message").contains(status), "{told}");
    }
    assert!(!is_authorized(app, &entity, None));
}

fn a_key_that_went_to_another_is_whose_it_was_at_the_time(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let members = [school(), school_number(1)].map(|one| app.admit(CHILDHOOD, &one, false));
    let first = now(app);
    app.time_passes(TimeDelta::hours(1));
    app.withdraw_member(&members[0]);
    let nobodys = now(app);
    app.time_passes(TimeDelta::hours(1));
    let reassigned = json!({
        "claims": ["domain:school.example"],
        "domainAttested": true,
        "ground": "dissolved",
        "statement": {"ru": "Прежний участник ликвидирован."},
    });
    app.approve(&app.propose(&members[1], "claim-reassignment", &reassigned));
    let second = now(app);
    app.time_passes(TimeDelta::hours(1));
    let who = |time: &str| {
        let told = asked(
            app,
            "/authorization",
            &query("domain:school.example", Some(time)),
        );
        let told = told.json();
        let whose = members
            .iter()
            .position(|id| text(&told, "/message").contains(id.as_str()));
        (told["authorized"].as_bool().unwrap(), whose)
    };
    assert_eq!(who(&first), (true, Some(0)));
    assert_eq!(who(&nobodys), (false, Some(0)));
    assert_eq!(who(&second), (true, Some(1)));
    assert_eq!(who(&now(app)), (true, Some(1)));
    let by_number = format!("RU-OGRN:{}", ogrn(1));
    assert!(is_authorized(app, &by_number, Some(&first)));
    // A key that is given up is nobody's, and was somebody's.
    app.amend(&members[1], &json!({"domain": null}));
    app.time_passes(TimeDelta::hours(1));
    assert_eq!(who(&now(app)), (false, None));
    assert_eq!(who(&second), (true, Some(1)));
}

fn a_query_that_is_none_of_ours_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let good = query("domain:school.example", None);
    for path in ["/authorization", "/recognition"] {
        let post = |body: &Value| Call::post(path).json(body);
        let unknown =
            |what: &str, body: Value| refused(what, post(&body), 404, "trust-query-unknown");
        let at = |time: &str| post(&with(&good, "/context", json!({"time": time})));
        let time = "/context/time";
        let mut cases: Vec<Case> = vec![
            unknown(
                "another authority",
                with(&good, "/authority_id", json!("did:web:other.example")),
            ),
            unknown("another action", with(&good, "/action", json!("issue"))),
            unknown(
                "no charter",
                with(&good, "/resource", json!("engineer-license")),
            ),
            unknown(
                "a charter of nobody's",
                with(
                    &good,
                    "/resource",
                    json!(format!("{PUBLIC}/charters/nothing")),
                ),
            ),
            unknown(
                "no slug",
                with(&good, "/resource", json!(format!("{PUBLIC}/charters/A%00"))),
            ),
            invalid_body("a day", at("2026-11-22"), time, "malformed_moment"),
            invalid_body("an index", at("3"), time, "malformed_moment"),
            invalid_body(
                "an offset",
                at("2026-11-22T10:00:00+03:00"),
                time,
                "malformed_moment",
            ),
            invalid_body(
                "the future",
                at("9999-01-01T00:00:00Z"),
                time,
                "in_the_future",
            ),
            invalid_body(
                "before the log",
                at("1999-01-01T00:00:00Z"),
                time,
                "before_the_log",
            ),
        ];
        for field in ["entity_id", "authority_id", "action", "resource"] {
            let pointer = format!("/{field}");
            let less = without(&good, &pointer);
            cases.push(invalid_body(
                "a field less",
                post(&less),
                &pointer,
                "missing_field",
            ));
        }
        let more = with(&good, "/entity", json!("x"));
        cases.push(invalid_body(
            "a field more",
            post(&more),
            "/entity",
            "unknown_field",
        ));
        cases.push(
            refused(
                "no JSON",
                Call::post(path).body("application/json", "{"),
                400,
                "malformed-json",
            )
            .at("", "syntax"),
        );
        cases.push(refused(
            "a form",
            Call::post(path).body("text/plain", "x"),
            415,
            "unsupported-media-type",
        ));
        refuses(app, cases);
        app.send(Call::get(path))
            .must_be_refused(405, "method-not-allowed");
    }
}
