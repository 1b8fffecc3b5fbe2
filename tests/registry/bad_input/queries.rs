//! Addresses, query parameters and methods that lead nowhere.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use ureq::http::Method;

use super::{Case, NOBODY, refused, refuses};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{school, school_number},
    steps::members_of,
};

on_both_databases!(
    a_query_parameter_that_cannot_be_is_refused_by_its_name,
    a_cursor_of_another_list_or_of_nobodys_making_is_refused,
    an_address_at_which_nothing_is_leads_to_a_problem,
    a_method_that_an_address_does_not_have_is_refused,
    a_request_that_breaks_the_rules_of_http_gets_a_problem_where_it_gets_an_answer,
);

/// A request that must be refused for this parameter.
fn wrong(call: Call, parameter: &str, code: &str) -> Case {
    refused("a query", call, 400, "invalid-query").at(&format!("/{parameter}"), code)
}

fn a_query_parameter_that_cannot_be_is_refused_by_its_name(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let members = members_of(CHILDHOOD);
    #[rustfmt::skip]
    let on_members = [
        ("limit=0", "limit", "out_of_range"),
        ("limit=101", "limit", "out_of_range"),
        ("limit=-1", "limit", "out_of_range"),
        ("limit=ten", "limit", "out_of_range"),
        ("limit=", "limit", "out_of_range"),
        ("limit=5&limit=6", "limit", "duplicate"),
        ("page=2", "page", "unknown_parameter"),
        ("Status=active", "Status", "unknown_parameter"),
        ("status=dead", "status", "unknown_value"),
        ("status=active,dead", "status", "unknown_value"),
        ("sort=size", "sort", "unknown_value"),
        ("sort=--name", "sort", "unknown_value"),
        ("founder=maybe", "founder", "invalid_value"),
        ("since=yesterday", "since", "invalid_value"),
        ("since=2026-02-30", "since", "invalid_value"),
        ("since=-99999-01-01", "since", "invalid_value"),
        ("country=XX", "country", "unknown_country"),
        ("region=RU-XX", "region", "unknown_region"),
        ("category=Schools!", "category", "forbidden_character"),
        ("q=", "q", "empty"),
        ("q=%21%3F", "q", "empty"),
    ];
    let on_queue = [
        ("state=sleeping", "state", "unknown_value"),
        ("channel=telegram", "channel", "unknown_value"),
        ("charter=No+slug", "charter", "forbidden_character"),
        ("charter=a%00b", "charter", "forbidden_character"),
        ("limit=1000", "limit", "out_of_range"),
        ("partner=1", "partner", "unknown_parameter"),
    ];
    let on_decisions = [
        ("state=open", "state", "unknown_value"),
        ("kind=promotion", "kind", "unknown_value"),
        ("charter=a%00b", "charter", "forbidden_character"),
        ("since=2026-11-22", "since", "unknown_parameter"),
    ];
    let mut cases = Vec::new();
    for (query, parameter, code) in on_members {
        cases.push(wrong(
            Call::get(format!("{members}?{query}")),
            parameter,
            code,
        ));
    }
    for (query, parameter, code) in on_queue {
        let call = Call::get(format!("/v1/applications?{query}"));
        cases.push(wrong(call.token(&app.staff.auditor), parameter, code));
    }
    for (query, parameter, code) in on_decisions {
        let call = Call::get(format!("/v1/decisions?{query}"));
        cases.push(wrong(call.token(&app.staff.auditor), parameter, code));
    }
    for form in ["ndjson", "csv", "jsonld"] {
        for since in ["", "-1", "x", "1e3", "2026-11-22", "18446744073709551616"] {
            let call = Call::get(format!("{members}.{form}?since={since}"));
            cases.push(wrong(call, "since", "invalid_value"));
        }
        let call = Call::get(format!("{members}.{form}?after=1"));
        cases.push(wrong(call, "after", "unknown_parameter"));
    }
    for before in ["", "-1", "x", "18446744073709551616"] {
        let call = Call::get(format!(
            "/v1/charters/{CHILDHOOD}/events.atom?before={before}"
        ));
        cases.push(wrong(call, "before", "invalid_value"));
        let call = Call::get(format!("{members}/{NOBODY}/events.atom?before={before}"));
        cases.push(wrong(call, "before", "invalid_value"));
        let call = Call::get(format!("/v1/events?after={before}"));
        cases.push(wrong(call, "after", "invalid_value"));
    }
    for (query, parameter, code) in [
        ("limit=0", "limit", "out_of_range"),
        ("limit=101", "limit", "out_of_range"),
        ("limit=256", "limit", "invalid_value"),
        ("before=1", "before", "unknown_parameter"),
    ] {
        cases.push(wrong(
            Call::get(format!("/v1/events?{query}")),
            parameter,
            code,
        ));
    }
    for path in ["/v1/operators", "/v1/partners", "/v1/charters"] {
        let call = Call::get(format!("{path}?limit=0")).token(&app.staff.auditor);
        cases.push(wrong(call, "limit", "out_of_range"));
        let call = Call::get(format!("{path}?name=a")).token(&app.staff.auditor);
        cases.push(wrong(call, "name", "unknown_parameter"));
    }
    refuses(app, cases);
}

fn a_cursor_of_another_list_or_of_nobodys_making_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for organisation in [school(), school_number(1)] {
        app.admit(CHILDHOOD, &organisation, false);
    }
    let members = members_of(CHILDHOOD);
    let get = |path: &str| Call::get(path).token(&app.staff.auditor);
    let next = |path: &str| app.send(get(path)).must_be(200).text("/next");
    let by_name = next(&format!("{members}?sort=name&limit=1"));
    let of_queue = next("/v1/applications?limit=1");
    let of_operators = next("/v1/operators?limit=1");
    let made = |key: Value| URL_SAFE_NO_PAD.encode(key.to_string());
    #[rustfmt::skip]
    let lists = [
        (format!("{members}?"), vec![by_name.clone(), of_queue.clone(), made(json!(["", "1"]))]),
        (format!("{members}?sort=since&"), vec![by_name.clone(), made(json!(["-99999-01-01", 1])), made(json!(["+99999-01-01", 1]))]),
        (format!("{members}?sort=name&"), vec![of_queue.clone(), made(json!(["\u{0}", 1]))]),
        ("/v1/applications?".to_owned(), vec![
            by_name.clone(),
            made(json!(["-99999-01-01T00:00:00Z", NOBODY])),
            made(json!(["+99999-01-01T00:00:00Z", NOBODY])),
            made(json!(["2026-11-22T09:00:00Z", "1"])),
        ]),
        ("/v1/decisions?".to_owned(), vec![by_name.clone(), made(json!(["-99999-01-01T00:00:00Z", NOBODY]))]),
        ("/v1/operators?".to_owned(), vec![by_name.clone(), made(json!("\u{0}")), made(json!(1))]),
        ("/v1/partners?".to_owned(), vec![by_name.clone(), made(json!("a\u{0}"))]),
        ("/v1/charters?".to_owned(), vec![by_name, made(json!("No slug")), made(json!("\u{0}"))]),
    ];
    let mut cases = Vec::new();
    for (path, mut cursors) in lists {
        cursors.extend([
            "1".to_owned(),
            "!".to_owned(),
            String::new(),
            format!("{of_operators}="),
        ]);
        for cursor in cursors {
            let call = get(&format!("{path}cursor={cursor}"));
            cases.push(wrong(call, "cursor", "invalid_cursor"));
        }
    }
    refuses(app, cases);
}

fn an_address_at_which_nothing_is_leads_to_a_problem(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = format!("{}/{NOBODY}", members_of(CHILDHOOD));
    #[rustfmt::skip]
    let table = [
        ("/", "not-found"),
        ("/v1", "not-found"),
        ("/v1/charters/", "not-found"),
        ("/v2/charters", "not-found"),
        ("/v1/CHARTERS", "not-found"),
        ("/v1//charters", "not-found"),
        ("/v1/charters/%2e%2e/keys", "not-found"),
        ("/.env", "not-found"),
        ("/problems/no-such", "not-found"),
        ("/v1/charters/no-such", "charter-unknown"),
        ("/v1/charters/no-such/versions", "charter-unknown"),
        ("/v1/charters/no-such/versions/1", "charter-unknown"),
        ("/v1/charters/no-such/memorandum", "charter-unknown"),
        ("/v1/charters/no-such/members", "charter-unknown"),
        ("/v1/charters/digital-ethics-of-childhood/versions/2", "charter-unknown"),
        ("/v1/charters/digital-ethics-of-childhood/versions/0", "charter-unknown"),
        ("/v1/charters/digital-ethics-of-childhood/versions/4294967295", "charter-unknown"),
        ("/v1/charters/digital-ethics-of-childhood/versions/-1", "not-found"),
        ("/v1/charters/digital-ethics-of-childhood/versions/one", "not-found"),
        ("/v1/charters/digital-ethics-of-childhood/members/1", "not-found"),
        ("/v1/charters/digital-ethics-of-childhood/members/%00", "not-found"),
        (&member, "member-unknown"),
        (&format!("{member}/history"), "member-unknown"),
        (&format!("{member}/record"), "member-unknown"),
        (&format!("/members/{NOBODY}"), "member-unknown"),
        (&format!("/records/{NOBODY}"), "record-unknown"),
        ("/records/1", "not-found"),
        ("/members/1", "not-found"),
        // Names that no charter can have; the second cannot even be stored.
        ("/v1/charters/No%20Slug", "not-found"),
        ("/v1/charters/a%00b", "not-found"),
        ("/v1/charters/a%00b/versions", "not-found"),
        ("/v1/charters/a%00b/versions/1", "not-found"),
        ("/v1/charters/a%00b/memorandum", "not-found"),
        ("/v1/charters/a%00b/members", "not-found"),
        (&format!("/v1/charters/a%00b/members/{NOBODY}"), "not-found"),
        (&format!("/v1/charters/a%00b/members/{NOBODY}/history"), "not-found"),
        (&format!("/v1/charters/a%00b/members/{NOBODY}/record"), "not-found"),
        ("/charters/a%00b", "not-found"),
        ("/problems/%00", "not-found"),
        ("/v1/charters/%FF", "not-found"),
    ];
    let mut cases: Vec<_> = table
        .iter()
        .map(|(path, slug)| refused("an address", Call::get(*path), 404, slug))
        .collect();
    let [registrar, _] = &app.staff.registrars;
    for (call, slug) in [
        (
            Call::get(format!("/v1/applications/{NOBODY}")),
            "application-unknown",
        ),
        (
            Call::get(format!("/v1/applications/{NOBODY}/memorandum")),
            "application-unknown",
        ),
        (
            Call::get(format!("/v1/applications/{NOBODY}/memorandum/scan")),
            "application-unknown",
        ),
        (Call::get("/v1/applications/1"), "not-found"),
        (
            Call::post(format!("/v1/applications/{NOBODY}/rejection"))
                .json(&json!({"reason": "Нет."})),
            "application-unknown",
        ),
        (
            Call::post(format!("/v1/charters/a%00b/members/{NOBODY}/withdrawal"))
                .json(&json!({"statement": {"ru": "Нет."}})),
            "not-found",
        ),
        (
            Call::get(format!("/v1/decisions/{NOBODY}")),
            "decision-unknown",
        ),
        (Call::get("/v1/decisions/latest"), "not-found"),
    ] {
        cases.push(refused("an address", call.token(registrar), 404, slug));
    }
    refuses(app, cases);
}

fn a_method_that_an_address_does_not_have_is_refused(app: &TestApp) {
    let odd = Method::from_bytes(b"BREW").unwrap();
    refuses(
        app,
        [
            (Method::DELETE, "/v1/charters"),
            (Method::PUT, "/v1/charters"),
            (Method::PATCH, "/v1/applications"),
            (Method::POST, "/healthz"),
            (Method::GET, "/v1/verify"),
            (odd, "/v1/charters"),
        ]
        .map(|(method, path)| {
            refused(
                "a method",
                Call::new(method, path),
                405,
                "method-not-allowed",
            )
        }),
    );
}

fn a_request_that_breaks_the_rules_of_http_gets_a_problem_where_it_gets_an_answer(app: &TestApp) {
    let before = app.footprint();
    let post =
        "POST /v1/verify HTTP/1.1\r\nHost: registry.example\r\nContent-Type: application/json\r\n";
    let chunk = format!("{:x}\r\n{}\r\n", 300_000, " ".repeat(300_000));
    let long = format!("{post}Transfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n");
    app.send_raw(long.as_bytes())
        .must_be_refused(413, "too-large");
    let short = format!("{post}Content-Length: 10\r\n\r\n{{");
    app.send_raw(short.as_bytes())
        .must_be_refused(400, "bad-request");
    assert_eq!(app.footprint(), before);
}
