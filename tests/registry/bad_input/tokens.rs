//! Callers who are not who they say, or may not do what they ask.

use charter_registry::rules::token::{ENTROPY, Token, TokenKind};
use chrono::TimeDelta;
use serde_json::json;

use super::{refused, refuses};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::{Call, text},
    on_both_databases,
    organisations::{application, school, school_number},
    steps::application_path,
};

on_both_databases!(
    a_token_that_is_none_opens_nothing,
    a_token_that_was_revoked_or_has_expired_opens_nothing,
    a_token_opens_only_what_is_its_holders,
    an_idempotency_key_that_cannot_be_or_stands_for_another_request_is_refused,
);

fn a_token_that_is_none_opens_nothing(app: &TestApp) {
    let ask = || Call::get("/v1/applications");
    let bearing = |token: &str| ask().token(token);
    let real = &app.staff.clerk;
    let made_up = Token::new(TokenKind::Operator, &[7; ENTROPY]);
    // The clerk's own identifier, another secret, the checksum right.
    let id = real.split('_').nth(2).unwrap();
    let same_id = [id.as_bytes(), &[b'A'; ENTROPY]].concat();
    let digits: Vec<u8> = same_id.iter().map(|digit| entropy_of(*digit)).collect();
    let forged = Token::new(TokenKind::Operator, digits[..ENTROPY].try_into().unwrap());
    assert_eq!(forged.id(), id);
    let as_partner = Token::new(TokenKind::Partner, digits[..ENTROPY].try_into().unwrap());
    let mut mistyped = real.clone();
    mistyped.pop();
    mistyped.push(if real.ends_with('0') { '1' } else { '0' });
    let (none, invalid) = ("unauthenticated", "invalid-token");
    #[rustfmt::skip]
    let cases = [
        refused("no token", ask(), 401, none),
        refused("an empty header", ask().header("authorization", ""), 401, invalid),
        refused("an empty token", ask().header("authorization", "Bearer "), 401, invalid),
        refused("a password", ask().header("authorization", "Basic YWRtaW46YWRtaW4="), 401, invalid),
        refused("no scheme", ask().header("authorization", real), 401, invalid),
        refused("malformed", bearing("chr_op_1_2"), 401, invalid),
        refused("mistyped", bearing(&mistyped), 401, invalid),
        refused("half of one", bearing(&real[..real.len() / 2]), 401, invalid),
        refused("one and more", bearing(&format!("{real}0")), 401, invalid),
        refused("made up", bearing(made_up.reveal()), 401, invalid),
        refused("forged", bearing(forged.reveal()), 401, invalid),
        refused("forged as a partner's", bearing(as_partner.reveal()), 401, invalid),
        refused("in the query", Call::get(format!("/v1/applications?token={real}")), 401, none),
    ];
    refuses(app, cases);
    let bytes = b"GET /v1/applications HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer \xFF\xFE\r\n\r\n";
    app.send_raw(bytes).must_be_refused(401, invalid);
    let answer = app.send(ask());
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}

/// A byte that [`Token::new`] writes as this base62 digit.
fn entropy_of(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'Z' => digit - b'A' + 10,
        _ => digit - b'a' + 36,
    }
}

fn a_token_that_was_revoked_or_has_expired_opens_nothing(app: &TestApp) {
    let administrator = app.staff.administrator.as_str();
    let add = |name: &str, days: u16| {
        let body = json!({"name": name, "role": "auditor", "expiresInDays": days});
        let call = Call::post("/v1/operators").token(administrator).json(&body);
        let added = app.send(call).must_be(201).json();
        (text(&added, "/id"), text(&added, "/token"))
    };
    let (_, short) = add("short", 1);
    let (revoked_holder, revoked) = add("revoked", 30);
    let (closed_holder, closed) = add("closed", 30);
    let ask = |token: &str| Call::get("/v1/applications").token(token);
    for token in [&short, &revoked, &closed, &app.staff.partner] {
        app.send(ask(token)).must_be(200);
    }
    let tokens = format!("/v1/operators/{revoked_holder}/tokens");
    let listed = app
        .send(Call::get(&tokens).token(administrator))
        .must_be(200)
        .items();
    assert_eq!(text(&listed[0], "/lastUsedAt"), "2026-11-22T09:00:00Z");
    let delete = |path: String| {
        app.send(Call::delete(path).token(administrator))
            .must_be(204)
    };
    delete(format!("{tokens}/{}", text(&listed[0], "/id")));
    delete(format!("/v1/operators/{closed_holder}"));
    let partners = app
        .send(Call::get("/v1/partners").token(administrator))
        .items();
    let partner = partners
        .iter()
        .find(|partner| partner["name"] == "schools.example");
    delete(format!("/v1/partners/{}", text(partner.unwrap(), "/id")));

    app.time_passes(TimeDelta::days(1) - TimeDelta::seconds(1));
    app.send(ask(&short)).must_be(200);
    app.time_passes(TimeDelta::seconds(1));
    let invalid = "invalid-token";
    #[rustfmt::skip]
    let cases = [
        refused("expired", ask(&short), 401, invalid),
        refused("revoked", ask(&revoked), 401, invalid),
        refused("of a closed account", ask(&closed), 401, invalid),
        refused("of a closed partner", ask(&app.staff.partner), 401, invalid),
    ];
    refuses(app, cases);
}

fn a_token_opens_only_what_is_its_holders(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mine = app.apply(CHILDHOOD, &school());
    let others = app.apply_as(
        &app.staff.other_partner,
        CHILDHOOD,
        &application(&school_number(1)),
    );
    app.issue_memorandum(&others.id);
    let path = application_path(&others.id);
    let read = |token: &str| Call::get(&path).token(token);
    let staff = &app.staff;
    let reason = json!({"reason": "Нет."});
    let reject = |token: &str| {
        Call::post(format!("{path}/rejection"))
            .token(token)
            .json(&reason)
    };
    let withdraw = |token: &str| Call::post(format!("{path}/withdrawal")).token(token);
    let link = |path: &str, token: &str| Call::get(format!("{path}?token={token}"));
    let linked_post = format!(
        "{}/withdrawal?token={}",
        application_path(&mine.id),
        mine.token
    );
    let publish = Call::post("/v1/charters").json(&charters::definition("wsis-plus-20"));
    let (unknown, forbidden) = ("application-unknown", "forbidden");
    #[rustfmt::skip]
    let cases = [
        refused("another partner's application", read(&staff.partner), 404, unknown),
        refused("another applicant's application", read(&mine.token), 404, unknown),
        refused("another's memorandum", Call::get(format!("{path}/memorandum")).token(&mine.token), 404, unknown),
        refused("another's, taken back", withdraw(&mine.token), 404, unknown),
        refused("another partner's, taken back", withdraw(&staff.partner), 404, unknown),
        refused("another's, by link", link(&path, &mine.token), 404, unknown),
        refused("no token in the link", link(&path, "chr_ap_1_2"), 401, "invalid-token"),
        refused("a clerk's token in the link", link(&path, &staff.clerk), 401, "invalid-token"),
        refused("a link that would write", Call::post(linked_post), 401, "unauthenticated"),
        refused("an applicant who rejects", reject(&others.token), 403, forbidden),
        refused("a partner who rejects", reject(&staff.partner), 403, forbidden),
        refused("an auditor who rejects", reject(&staff.auditor), 403, forbidden),
        refused("an administrator who rejects", reject(&staff.administrator), 403, forbidden),
        refused("an administrator who reads an application", read(&staff.administrator), 403, forbidden),
        refused("a registrar who manages people", Call::get("/v1/operators").token(&staff.registrars[0]), 403, forbidden),
        refused("a clerk who publishes", publish.token(&staff.clerk), 403, forbidden),
    ];
    refuses(app, cases);
}

fn an_idempotency_key_that_cannot_be_or_stands_for_another_request_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let path = format!("/v1/charters/{CHILDHOOD}/applications");
    let apply = |number: u32, key: &[u8]| {
        let call = Call::post(&path)
            .token(&app.staff.partner)
            .header("idempotency-key", key);
        call.json(&application(&school_number(number)))
    };
    app.send(apply(1, b"used")).must_be(201);
    let elsewhere =
        Call::post("/v1/charters/open-government/applications").token(&app.staff.partner);
    let elsewhere = elsewhere
        .header("idempotency-key", "used")
        .json(&application(&school_number(1)));
    let header = "invalid-header";
    #[rustfmt::skip]
    let cases = [
        refused("an empty key", apply(1, b""), 400, header),
        refused("a key with a space", apply(1, b"a b"), 400, header),
        refused("a key of bytes", apply(1, b"\xD0\xBA"), 400, header),
        refused("a key too long", apply(1, &[b'k'; 256]), 400, header),
        refused("another body", apply(2, b"used"), 422, "idempotency-key-reused"),
        refused("another address", elsewhere, 422, "idempotency-key-reused"),
    ];
    refuses(app, cases);
    app.send(apply(1, &[b'k'; 255])).must_be(201);
}
