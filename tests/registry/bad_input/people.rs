//! Accounts that cannot be made or closed.

use serde_json::{Value, json};

use super::{NOBODY, invalid_body, refused, refuses};
use crate::support::{
    app::TestApp,
    client::{Call, text},
    on_both_databases,
};

on_both_databases!(
    an_account_that_cannot_be_is_refused_at_its_place,
    an_account_that_is_needed_or_unknown_is_not_closed,
);

fn an_account_that_cannot_be_is_refused_at_its_place(app: &TestApp) {
    let add = |body: Value| {
        let call = Call::post("/v1/operators").token(&app.staff.administrator);
        call.json(&body)
    };
    let partner = |body: Value| {
        let call = Call::post("/v1/partners").token(&app.staff.administrator);
        call.json(&body)
    };
    let days = |days: Value| add(json!({"name": "new", "role": "clerk", "expiresInDays": days}));
    let range = "out_of_range";
    #[rustfmt::skip]
    let cases = [
        invalid_body("no role", add(json!({"name": "new"})), "/role", "missing_field"),
        invalid_body("no name", add(json!({"role": "clerk"})), "/name", "missing_field"),
        invalid_body("an unknown role", add(json!({"name": "new", "role": "tsar"})), "/role", "unknown_value"),
        invalid_body("an empty name", add(json!({"name": "", "role": "clerk"})), "/name", "empty"),
        invalid_body("a hidden name", add(json!({"name": "a\u{200B}", "role": "clerk"})), "/name", "forbidden_character"),
        invalid_body("a password", add(json!({"name": "a", "role": "clerk", "password": "a"})), "/password", "unknown_field"),
        invalid_body("no day", days(json!(0)), "/expiresInDays", range),
        invalid_body("a day ago", days(json!(-1)), "/expiresInDays", range),
        invalid_body("more than ten years", days(json!(3661)), "/expiresInDays", range),
        invalid_body("half a day", days(json!(0.5)), "/expiresInDays", "wrong_type"),
        invalid_body("days as text", days(json!("90")), "/expiresInDays", "wrong_type"),
        refused("a name that is taken", add(json!({"name": "clerk", "role": "auditor"})), 409, "name-taken"),
        refused("a partner's name that is taken", partner(json!({"name": "schools.example"})), 409, "name-taken"),
        invalid_body("a partner with a role", partner(json!({"name": "a", "role": "clerk"})), "/role", "unknown_field"),
        invalid_body("a partner without a name", partner(json!({})), "/name", "missing_field"),
    ];
    refuses(app, cases);
}

fn an_account_that_is_needed_or_unknown_is_not_closed(app: &TestApp) {
    let administrator = app.staff.administrator.as_str();
    let listed = |path: &str| {
        app.send(Call::get(path).token(administrator))
            .must_be(200)
            .items()
    };
    let operators = listed("/v1/operators");
    let id = |name: &str| {
        let found = operators.iter().find(|operator| operator["name"] == name);
        text(found.unwrap(), "/id")
    };
    let clerk = id("clerk");
    let tokens = format!("/v1/operators/{clerk}/tokens");
    let token = text(&listed(&tokens)[0], "/id");
    let partner = text(&listed("/v1/partners")[0], "/id");
    let close = |path: String| Call::delete(path).token(administrator);
    let make = |path: String| Call::post(path).token(administrator).json(&json!({}));
    let read = |path: String| Call::get(path).token(administrator);
    let for_ever = Call::post(&tokens).token(administrator);
    let for_ever = for_ever.json(&json!({"expiresInDays": 100_000}));
    let (unknown, range) = ("account-unknown", "out_of_range");
    #[rustfmt::skip]
    let cases = [
        refused("the last administrator", close(format!("/v1/operators/{}", id("administrator"))), 409, "last-administrator"),
        refused("the second registrar", close(format!("/v1/operators/{}", id("registrar-2"))), 409, "second-registrar"),
        refused("nobody", close(format!("/v1/operators/{NOBODY}")), 404, unknown),
        refused("no partner", close(format!("/v1/partners/{NOBODY}")), 404, unknown),
        refused("an operator as a partner", close(format!("/v1/partners/{clerk}")), 404, unknown),
        refused("no identifier", close("/v1/operators/clerk".into()), 404, "not-found"),
        refused("no token", close(format!("{tokens}/000000000000")), 404, unknown),
        refused("a token that cannot be", close(format!("{tokens}/%00")), 404, "not-found"),
        refused("another's token", close(format!("/v1/operators/{}/tokens/{token}", id("auditor"))), 404, unknown),
        refused("an operator's token as a partner's", close(format!("/v1/partners/{partner}/tokens/{token}")), 404, unknown),
        refused("nobody's tokens", read(format!("/v1/operators/{NOBODY}/tokens")), 404, unknown),
        refused("no partner's tokens", read(format!("/v1/partners/{NOBODY}/tokens")), 404, unknown),
        refused("a token for nobody", make(format!("/v1/operators/{NOBODY}/tokens")), 404, unknown),
        refused("a token for no partner", make(format!("/v1/partners/{NOBODY}/tokens")), 404, unknown),
        invalid_body("a token for ever", for_ever, "/expiresInDays", range),
    ];
    refuses(app, cases);
    app.send(close(format!("/v1/operators/{clerk}")))
        .must_be(204);
    let late = make(tokens);
    refuses(
        app,
        [refused("a token for one who left", late, 404, unknown)],
    );
}
