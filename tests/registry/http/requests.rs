//! Conditional requests, methods, identifiers of requests, pages that explain.

use std::collections::BTreeSet;

use charter_registry::api::{access::ENDPOINTS, problem::catalogue};
use ureq::http::Method;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{school, school_number},
    routes::{NOBODY, path_to},
    steps::{member_path, members_of},
};

on_both_databases!(
    a_client_that_has_the_newest_state_is_told_so_and_sent_nothing,
    head_answers_as_get_does_without_the_body,
    a_method_that_is_not_there_is_answered_with_those_that_are,
    a_request_is_known_by_its_identifier,
    a_cursor_goes_into_an_address_as_it_is_and_the_link_keeps_the_filter,
    every_type_of_problem_leads_to_a_page_that_explains_it,
    metrics_count_by_route_and_hold_no_secret,
);

/// A member, and public addresses that have an entity tag.
fn tagged(app: &TestApp) -> (String, Vec<String>) {
    app.publish(&charters::definition(CHILDHOOD));
    let member = app.admit(CHILDHOOD, &school(), false);
    let path = member_path(&member);
    let charter = format!("/v1/charters/{CHILDHOOD}");
    let paths = vec![
        "/v1/charters".to_owned(),
        format!("{charter}/versions"),
        format!("{charter}/versions/1"),
        format!("{charter}/memorandum"),
        charter,
        members_of(CHILDHOOD),
        format!("{path}/history"),
        format!("{path}/record"),
        path,
        "/v1/keys".to_owned(),
        "/.well-known/did.json".to_owned(),
        "/problems".to_owned(),
    ];
    (member, paths)
}

fn a_client_that_has_the_newest_state_is_told_so_and_sent_nothing(app: &TestApp) {
    let (member, paths) = tagged(app);
    let ask = |path: &str, tag: &str| app.send(Call::get(path).header("if-none-match", tag));
    for path in &paths {
        let first = app.send(Call::get(path)).must_be(200);
        assert_eq!(first.header("cache-control"), "public, no-cache", "{path}");
        let tag = first.header("etag");
        assert!(
            tag.len() > 2 && tag.starts_with('"') && tag.ends_with('"'),
            "{path}: {tag}"
        );
        for given in [
            tag.to_owned(),
            format!("W/{tag}"),
            format!("\"other\", {tag}"),
            "*".to_owned(),
        ] {
            let answer = ask(path, &given).must_be(304);
            assert_eq!(answer.header("etag"), tag, "{path}");
            assert!(answer.body.is_empty(), "{path}");
        }
        for given in ["\"other\"", "other", ""] {
            assert_eq!(ask(path, given).must_be(200).body, first.body, "{path}");
        }
    }
    let changed = [
        member_path(&member),
        members_of(CHILDHOOD),
        format!("{}/record", member_path(&member)),
    ];
    let tags = changed.each_ref().map(|path| {
        let answer = app.send(Call::get(path)).must_be(200);
        answer.header("etag").to_owned()
    });
    app.exclude(&member);
    for (path, tag) in changed.iter().zip(tags) {
        assert_ne!(ask(path, &tag).must_be(200).header("etag"), tag, "{path}");
    }
}

fn head_answers_as_get_does_without_the_body(app: &TestApp) {
    let (_, mut paths) = tagged(app);
    paths.extend(
        [
            "/healthz",
            "/readyz",
            "/openapi.json",
            "/nowhere",
            "/v1/charters/none",
        ]
        .map(str::to_owned),
    );
    for path in paths {
        let (get, head) = (app.send(Call::get(&path)), app.send(Call::head(&path)));
        assert_eq!(head.status, get.status, "{path}");
        assert!(head.body.is_empty(), "{path}");
        for header in [
            "content-type",
            "etag",
            "cache-control",
            "access-control-allow-origin",
        ] {
            assert_eq!(head.header(header), get.header(header), "{path}: {header}");
        }
        if get.status == 200 {
            assert_eq!(
                head.header("content-length"),
                get.body.len().to_string(),
                "{path}"
            );
        }
    }
    app.send(Call::head("/v1/applications")).must_be(401);
    app.send(Call::head("/v1/applications").token(&app.staff.auditor))
        .must_be(200);
    app.send(Call::head("/v1/verify")).must_be(405);
}

fn a_method_that_is_not_there_is_answered_with_those_that_are(app: &TestApp) {
    let paths: BTreeSet<_> = ENDPOINTS.iter().map(|endpoint| endpoint.path).collect();
    for pattern in paths {
        let of_path = || ENDPOINTS.iter().filter(|endpoint| endpoint.path == pattern);
        let mut allowed: BTreeSet<String> = of_path()
            .map(|endpoint| endpoint.method.to_string())
            .collect();
        if allowed.contains("GET") {
            allowed.insert("HEAD".to_owned());
        }
        let path = path_to(of_path().next().unwrap(), NOBODY);
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
            Method::TRACE,
        ] {
            if allowed.contains(method.as_str()) {
                continue;
            }
            // Who asks does not matter: nobody may.
            let call = Call::new(method.clone(), &path).token(&app.staff.administrator);
            let answer = app.send(call);
            answer.must_be_refused(405, "method-not-allowed");
            let told: BTreeSet<String> = answer
                .header("allow")
                .split(", ")
                .map(str::to_owned)
                .collect();
            assert_eq!(told, allowed, "{method} {path}");
        }
    }
}

fn a_request_is_known_by_its_identifier(app: &TestApp) {
    let ask = |path: &str, id: &str| app.send(Call::get(path).header("x-request-id", id));
    for path in ["/healthz", "/nowhere", "/v1/applications", "/v1/keys"] {
        assert_eq!(
            ask(path, "a-b_c.1").header("x-request-id"),
            "a-b_c.1",
            "{path}"
        );
        for unusable in ["", "a b", "a\u{e9}", &"a".repeat(65), "<script>"] {
            let answer = ask(path, unusable);
            let given = answer.header("x-request-id");
            assert_eq!(given.len(), 36, "{path}: {unusable:?} became {given:?}");
        }
        let ids: BTreeSet<String> = (0..3)
            .map(|_| app.send(Call::get(path)).header("x-request-id").to_owned())
            .collect();
        assert_eq!(ids.len(), 3, "{path}: {ids:?}");
    }
    // `problem` checks that the document's `instance` is the header.
    ask("/nowhere", "mine").must_be_refused(404, "not-found");
}

fn a_cursor_goes_into_an_address_as_it_is_and_the_link_keeps_the_filter(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    for number in 1..4 {
        app.admit(CHILDHOOD, &school_number(number), false);
    }
    let path = format!(
        "{}?q=%D0%B3%D0%B8%D0%BC%D0%BD&sort=-name&limit=2",
        members_of(CHILDHOOD)
    );
    let first = app.send(Call::get(&path)).must_be(200);
    let cursor = first.text("/next");
    let is_word = |letter: char| letter.is_ascii_alphanumeric() || "-_".contains(letter);
    assert!(cursor.chars().all(is_word), "{cursor}");
    let link = first.header("link");
    for kept in [
        "q=%D0%B3%D0%B8%D0%BC%D0%BD",
        "sort=-name",
        "limit=2",
        &format!("cursor={cursor}"),
    ] {
        assert!(link.contains(kept), "{kept} in {link}");
    }
    let second = app
        .send(Call::get(format!("{path}&cursor={cursor}")))
        .must_be(200);
    assert_eq!((first.items().len(), second.items().len()), (2, 1));
    assert_eq!(second.header("link"), "");
    assert!(second.json()["next"].is_null());
}

fn every_type_of_problem_leads_to_a_page_that_explains_it(app: &TestApp) {
    let all = String::from_utf8(app.send(Call::get("/problems")).must_be(200).body).unwrap();
    for kind in catalogue::ALL {
        let page = app
            .send(Call::get(format!("/problems/{}", kind.slug)))
            .must_be(200);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
        assert!(String::from_utf8(page.body).unwrap().contains(kind.title));
        assert!(all.contains(kind.title), "{}", kind.slug);
    }
}

fn metrics_count_by_route_and_hold_no_secret(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    app.send(Call::get(&applied.link)).must_be(200);
    app.send(Call::get("/made/up/by/a/scanner")).must_be(404);
    let metrics = app.send(Call::get("/metrics")).must_be(200);
    assert!(metrics.header("content-type").starts_with("text/plain"));
    let text = String::from_utf8(metrics.body).unwrap();
    let counted =
        "http_requests_total{method=\"GET\",route=\"/v1/applications/{id}\",status=\"200\"}";
    assert!(text.contains(counted), "{text}");
    for secret in [&applied.token, &applied.id, "scanner"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}
