//! What browsers look at: origins, and the documentation that works without the network.

use charter_registry::api::access::ENDPOINTS;
use ureq::http::Method;

use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::school,
    routes::{call_to, path_to},
};

on_both_databases!(
    pages_of_other_origins_read_what_is_public_and_nothing_else,
    the_documentation_is_whole_without_the_network,
);

/// The files of which the documentation is made, by their ends.
const FILES: [&str; 3] = [".js", ".css", ".png"];

const ORIGIN: &str = "access-control-allow-origin";

fn pages_of_other_origins_read_what_is_public_and_nothing_else(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    for endpoint in ENDPOINTS {
        let is_public = endpoint.method == actix_web::http::Method::GET && endpoint.access.anybody;
        let call = call_to(endpoint, &applied.id).header("origin", "https://elsewhere.example");
        let what = format!("{} {}", call.method, call.path);
        let answer = app.send(call.token(&app.staff.auditor));
        assert_eq!(
            answer.header(ORIGIN),
            if is_public { "*" } else { "" },
            "{what}"
        );
        assert_eq!(
            answer.header("access-control-allow-credentials"),
            "",
            "{what}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{what}");
        if !is_public {
            assert_eq!(answer.header("cache-control"), "no-store", "{what}");
        }
    }
    for endpoint in ENDPOINTS {
        let has_public_read = ENDPOINTS.iter().any(|other| {
            other.path == endpoint.path
                && other.access.anybody
                && other.method == actix_web::http::Method::GET
        });
        let call = Call::options(path_to(endpoint, &applied.id))
            .header("origin", "https://elsewhere.example")
            .header("access-control-request-method", endpoint.method.as_str());
        let answer = app.send(call);
        if has_public_read {
            let answer = answer.must_be(204);
            assert_eq!(answer.header(ORIGIN), "*");
            assert_eq!(answer.header("access-control-allow-methods"), "GET, HEAD");
            let headers = answer
                .header("access-control-allow-headers")
                .to_ascii_lowercase();
            assert!(!headers.contains("authorization"), "{headers}");
        } else {
            answer.must_be_refused(405, "method-not-allowed");
            assert_eq!(answer.header(ORIGIN), "", "{}", endpoint.path);
        }
    }
}

fn the_documentation_is_whole_without_the_network(app: &TestApp) {
    let moved = app.send(Call::get("/docs"));
    assert_eq!(
        (moved.status / 100, moved.header("location")),
        (3, "/docs/")
    );
    let page = app.send(Call::get("/docs/")).must_be(200);
    let page = String::from_utf8(page.body).unwrap();
    let parts = page
        .split(['"', '\''])
        .filter(|part| FILES.iter().any(|kind| part.ends_with(kind)));
    let mut count = 0;
    for part in parts {
        assert!(!part.contains("//"), "{part} comes from elsewhere");
        let file = part.trim_start_matches("./");
        let answer = app
            .send(Call::new(Method::GET, format!("/docs/{file}")))
            .must_be(200);
        if file.contains("initializer") {
            let script = String::from_utf8(answer.body).unwrap();
            assert!(script.contains("/openapi.json"), "{script}");
        }
        count += 1;
    }
    assert!(count >= 3, "{page}");
    let served = app.send(Call::get("/openapi.json")).must_be(200).json();
    assert_eq!(
        served,
        serde_json::to_value(charter_registry::api::openapi()).unwrap()
    );
}
