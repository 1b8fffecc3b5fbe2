//! Rate limits: who is counted with whom, what a client is told, and whom proxies may speak for.

use charter_registry::config::settings::{FORWARDED_HEADER, RATE_LIMITS, TRUSTED_PROXIES};
use chrono::TimeDelta;
use serde_json::json;

use crate::support::{
    app::TestApp,
    client::{Answer, Call},
};

/// A registry behind a proxy, with these limits.
fn limited(limits: &str) -> TestApp {
    TestApp::set(&[(&TRUSTED_PROXIES, "127.0.0.1"), (&RATE_LIMITS, limits)])
}

/// Asks for the charters, by way of the proxy, from this address.
fn read_from(app: &TestApp, address: &str) -> Answer {
    app.send(Call::get("/v1/charters").header("x-forwarded-for", address))
}

#[test]
fn a_network_that_reads_too_much_is_told_when_to_come_back_and_others_are_served() {
    let app = limited("reads=3/60");
    for remaining in [2, 1, 0] {
        let answer = read_from(&app, "198.51.100.1").must_be(200);
        assert_eq!(answer.header("ratelimit-policy"), "\"reads\";q=3;w=60");
        let whole_again = 60 - remaining * 20;
        let standing = format!("\"reads\";r={remaining};t={whole_again}");
        assert_eq!(answer.header("ratelimit"), standing);
    }
    let refused = read_from(&app, "198.51.100.1");
    refused.must_be_refused(429, "rate-limited");
    assert_eq!(refused.header("retry-after"), "20");
    assert_eq!(refused.header("ratelimit"), "\"reads\";r=0;t=60");
    // A page of another origin may see it.
    let exposed = refused.header("access-control-expose-headers");
    assert!(
        exposed.is_empty() || exposed.contains("RateLimit"),
        "{exposed}"
    );

    read_from(&app, "198.51.100.2").must_be(200);
    app.time_passes(TimeDelta::seconds(19));
    read_from(&app, "198.51.100.1").must_be(429);
    app.time_passes(TimeDelta::seconds(1));
    read_from(&app, "198.51.100.1").must_be(200);
    read_from(&app, "198.51.100.1").must_be(429);
}

#[test]
fn what_supervisors_and_monitors_ask_is_never_refused() {
    let app = limited("reads=1/60");
    read_from(&app, "198.51.100.1").must_be(200);
    read_from(&app, "198.51.100.1").must_be(429);
    for path in ["/healthz", "/readyz", "/metrics"] {
        let call = Call::get(path).header("x-forwarded-for", "198.51.100.1");
        let answer = app.send(call).must_be(200);
        assert_eq!(answer.header("ratelimit-policy"), "", "{path}");
    }
    // What does not exist is asked for by those who try.
    let call = Call::get("/wp-login.php").header("x-forwarded-for", "198.51.100.1");
    app.send(call).must_be_refused(429, "rate-limited");
}

#[test]
fn a_client_cannot_take_another_address_whatever_it_sends() {
    let app = limited("reads=1/60");
    read_from(&app, "198.51.100.1").must_be(200);
    for forged in [
        "203.0.113.1, 198.51.100.1",
        "unknown, 198.51.100.1",
        "\", 198.51.100.1",
    ] {
        read_from(&app, forged).must_be(429);
    }
    let other_header = Call::get("/v1/charters")
        .header("x-forwarded-for", "198.51.100.1")
        .header("forwarded", "for=203.0.113.2");
    app.send(other_header).must_be(429);

    // Where no proxy is trusted, everybody is whoever connects.
    let app = TestApp::set(&[(&RATE_LIMITS, "reads=1/60")]);
    read_from(&app, "198.51.100.1").must_be(200);
    read_from(&app, "198.51.100.2").must_be(429);
}

#[test]
fn a_header_that_cannot_be_read_is_counted_with_the_proxy_that_sent_it() {
    let app = TestApp::set(&[
        (&TRUSTED_PROXIES, "127.0.0.0/8"),
        (&FORWARDED_HEADER, "forwarded"),
        (&RATE_LIMITS, "reads=2/60"),
    ]);
    let read = |forwarded: &[u8]| {
        let call = Call::get("/v1/charters").header("forwarded", forwarded);
        app.send(call).status
    };
    assert_eq!(read(b"for=\"[2001:db8::1]:443\""), 200);
    assert_eq!(read(b"For=\"[2001:db8::2]\";proto=https"), 200);
    assert_eq!(read(b"for=\"[2001:db8::3]\""), 429, "one /64 is one client");
    let unreadable: [&[u8]; 8] = [
        b"",
        b"for",
        b"for=",
        b"for=\"",
        b";,=\"\\",
        b"for=\xff\xfe",
        b"for=999.0.0.1",
        b"for=_secret",
    ];
    let statuses = unreadable.map(read);
    assert_eq!(statuses, [200, 200, 429, 429, 429, 429, 429, 429]);
}

#[test]
fn a_network_that_tries_tokens_is_not_asked_for_another_one() {
    let app = limited("failures=2/60");
    let knock = |token: &str, address: &str| {
        let call = Call::get("/v1/applications").token(token);
        app.send(call.header("x-forwarded-for", address))
    };
    for wrong in ["nonsense", "chr_operator_000000000000_x"] {
        knock(wrong, "198.51.100.1").must_be_refused(401, "invalid-token");
    }
    // Even a token that is valid: otherwise the answers would still tell which one is.
    let clerk = &app.staff.clerk;
    knock(clerk, "198.51.100.1").must_be_refused(429, "rate-limited");
    knock(clerk, "198.51.100.2").must_be(200);
    read_from(&app, "198.51.100.1").must_be(200);
    app.time_passes(TimeDelta::seconds(30));
    knock(clerk, "198.51.100.1").must_be(200);
}

#[test]
fn who_holds_a_token_is_counted_wherever_the_requests_come_from() {
    let app = limited("token-reads=2/60, reads=1/60");
    let read = |token: &str, address: &str| {
        let call = Call::get("/v1/applications").token(token);
        app.send(call.header("x-forwarded-for", address)).status
    };
    let (clerk, auditor) = (&app.staff.clerk, &app.staff.auditor);
    assert_eq!(read(clerk, "198.51.100.1"), 200);
    assert_eq!(read(clerk, "198.51.100.2"), 200);
    assert_eq!(read(clerk, "198.51.100.3"), 429);
    assert_eq!(read(auditor, "198.51.100.3"), 200);
    // Without a token it is the network that counts.
    assert_eq!(read("", "198.51.100.3"), 401);
    assert_eq!(read("", "198.51.100.3"), 429);
}

#[test]
fn applications_and_verifications_have_budgets_of_their_own() {
    let app = limited("applications=1/3600, verifications=1/60, writes=1/60");
    let send = |call: Call| app.send(call.header("x-forwarded-for", "198.51.100.1"));
    let apply = || send(Call::post("/v1/charters/unknown/applications").json(&json!({})));
    let verify = || send(Call::post("/v1/verify").body("application/vc", "{}"));
    apply().must_be(422);
    let refused = apply();
    refused.must_be_refused(429, "rate-limited");
    assert_eq!(refused.header("retry-after"), "3600");
    assert_ne!(verify().status, 429);
    verify().must_be_refused(429, "rate-limited");
    assert_ne!(send(Call::delete("/v1/charters")).status, 429);
    send(Call::delete("/v1/charters")).must_be_refused(429, "rate-limited");
    let partner = Call::post("/v1/charters/unknown/applications").json(&json!({}));
    send(partner.token(&app.staff.partner)).must_be(422);
}
