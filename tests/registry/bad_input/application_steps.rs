//! Steps of an application whose body, token or header cannot be.

use serde_json::{Value, json};

use super::{Case, invalid_body, malformed, not_an_object, refused, refuses, with};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD},
    client::Call,
    on_both_databases,
    organisations::{application, school, school_number},
    routes::NOBODY,
    steps::application_path,
};

on_both_databases!(
    an_application_entered_by_a_clerk_without_when_and_how_is_refused,
    a_step_whose_body_cannot_be_is_refused_at_its_place,
    a_resubmission_that_cannot_be_is_refused_at_its_place,
    a_list_of_applications_by_what_cannot_be_is_refused,
    persons_of_no_application_are_neither_exported_nor_erased,
);

/// Names that nobody can read: what and name.
const UNREADABLE: [(&str, &str); 6] = [
    ("a bidi override", "Школа\u{202E}1"),
    ("a zero-width space", "Шко\u{200B}ла"),
    ("a soft hyphen", "Шко\u{AD}ла"),
    ("a tag character", "Школа\u{E0041}"),
    ("a NUL", "Школа\0"),
    ("a private character", "Школа\u{E000}"),
];

fn an_application_entered_by_a_clerk_without_when_and_how_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let path = format!("/v1/charters/{CHILDHOOD}/applications");
    let mut valid = application(&school());
    valid["channel"] = json!("oral");
    valid["entered"] = json!({"receivedOn": "2026-11-20", "how": "Звонок"});
    let by = |token: &str, body: &Value| Call::post(&path).token(token).json(body);
    let clerk = |place: &str, value: Value| by(&app.staff.clerk, &with(&valid, place, value));
    let anybody = |place: &str, value: Value| by("", &with(&application(&school()), place, value));
    let entered = json!({"receivedOn": "2026-11-20"});
    let unreachable = json!({"name": "Фамилия Имя", "position": "Директор"});
    let referrer = with(&application(&school()), "/origin", json!("member_referral"));
    let referrer = with(&referrer, "/referrer", json!(NOBODY));
    let missing = "missing_field";
    let not_allowed = "not_allowed";
    #[rustfmt::skip]
    let mut cases = vec![
        invalid_body("not said when", clerk("/entered", json!(null)), "/entered", missing),
        invalid_body("no day", clerk("/entered", json!({"how": "Звонок"})), "/entered/receivedOn", missing),
        invalid_body("no such day", clerk("/entered/receivedOn", json!("2026-02-30")), "/entered/receivedOn", "invalid_value"),
        invalid_body("tomorrow's tomorrow", clerk("/entered/receivedOn", json!("2026-11-24")), "/entered/receivedOn", "in_the_future"),
        invalid_body("too long a story", clerk("/entered/how", json!("о".repeat(301))), "/entered/how", "too_long"),
        invalid_body("what else", clerk("/entered/who", json!("x")), "/entered/who", "unknown_field"),
        invalid_body("nobody to call", clerk("/contact", unreachable.clone()), "/contact/phone", missing),
        refused("by import", clerk("/channel", json!("import")), 422, "channel-not-allowed"),
        invalid_body("the public enters", anybody("/entered", entered.clone()), "/entered", not_allowed),
        invalid_body("a partner enters", by(&app.staff.partner, &with(&application(&school()), "/entered", entered)), "/entered", not_allowed),
        invalid_body("the public without an address", anybody("/contact", unreachable), "/contact/email", missing),
        invalid_body("a referrer without a referral", anybody("/referrer", json!(NOBODY)), "/referrer", not_allowed),
        invalid_body("a referrer that is none", anybody("/referrer", json!("x")), "/referrer", "invalid_value"),
        invalid_body("a campaign without one", anybody("/campaign", json!("RU-AMU")), "/campaign", not_allowed),
        invalid_body("a campaign nowhere", anybody("/campaign", json!("RU-XX")), "/campaign", "unknown_region"),
        refused("referred by a stranger", by("", &referrer), 422, "referrer-unknown"),
    ];
    for (what, text) in UNREADABLE {
        let call = clerk("/entered/how", json!(text));
        cases.push(invalid_body(
            what,
            call,
            "/entered/how",
            "forbidden_character",
        ));
    }
    refuses(app, cases);
}

fn a_step_whose_body_cannot_be_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply_as("", CHILDHOOD, &application(&school()));
    let path = |step: &str| format!("{}{step}", application_path(&applied.id));
    let post = |step: &str, body: &Value| Call::post(path(step)).token(&app.staff.clerk).json(body);
    let assigned = |body: &Value| Call::patch(path("")).token(&app.staff.clerk).json(body);
    let anybody = |body: &Value| Call::post(path("/confirmation")).json(body);
    let because = |fields: Value| json!({"reason": "Имя.", "fields": fields});
    let (missing, unknown, wrong) = ("missing_field", "unknown_field", "wrong_type");
    let pointer = "invalid_pointer";
    let many = vec!["/contact/name"; 21];
    let ack = "/matches/acknowledgement";
    #[rustfmt::skip]
    let mut cases = vec![
        invalid_body("no token", anybody(&json!({})), "/token", missing),
        invalid_body("a token that is a number", anybody(&json!({"token": 1})), "/token", wrong),
        invalid_body("anybody's word", anybody(&json!({"how": "Звонок"})), "/how", "not_allowed"),
        refused("no such token", anybody(&json!({"token": "chr_cf_x"})), 403, "confirmation-refused"),
        invalid_body("a clerk with a token", post("/confirmation", &json!({"token": "x"})), "/token", "not_allowed"),
        invalid_body("a clerk without a word", post("/confirmation", &json!({})), "/how", missing),
        invalid_body("a clerk's empty word", post("/confirmation", &json!({"how": " "})), "/how", "empty"),
        invalid_body("a return without a reason", post("/return", &json!({})), "/reason", missing),
        invalid_body("a return for nothing", post("/return", &json!({"reason": ""})), "/reason", "empty"),
        invalid_body("a return for too much", post("/return", &json!({"reason": "о".repeat(10_001)})), "/reason", "too_long"),
        invalid_body("a field that is a name", post("/return", &because(json!(["name"]))), "/fields/0", pointer),
        invalid_body("a field of nothing", post("/return", &because(json!(["/contact", "/state"]))), "/fields/1", pointer),
        invalid_body("a field beside", post("/return", &because(json!(["/contacts"]))), "/fields/0", pointer),
        invalid_body("a field in letters", post("/return", &because(json!(["/organisation/имя"]))), "/fields/0", pointer),
        invalid_body("too many fields", post("/return", &because(json!(many))), "/fields", "too_many"),
        invalid_body("fields that are none", post("/return", &because(json!("x"))), "/fields", wrong),
        invalid_body("an acknowledgement without a reason", post(ack, &json!({})), "/reason", missing),
        invalid_body("an acknowledgement of some", post(ack, &json!({"reason": "x", "matches": []})), "/matches", unknown),
        refused("nothing to acknowledge", post(ack, &json!({"reason": "Нет."})), 409, "nothing-to-acknowledge"),
        invalid_body("no comment", post("/comments", &json!({})), "/text", missing),
        invalid_body("an empty comment", post("/comments", &json!({"text": "\n\n"})), "/text", "empty"),
        invalid_body("a comment for all", post("/comments", &json!({"text": "x", "visibility": "public"})), "/visibility", "unknown_value"),
        invalid_body("to a number", assigned(&json!({"assignee": 1})), "/assignee", wrong),
        invalid_body("to nobody's name", assigned(&json!({"assignee": ""})), "/assignee", "empty"),
        invalid_body("by no day", assigned(&json!({"dueOn": "soon"})), "/dueOn", "invalid_value"),
        invalid_body("to another state", assigned(&json!({"state": "accepted"})), "/state", unknown),
        refused("to a stranger", assigned(&json!({"assignee": NOBODY})), 422, "assignee-unknown"),
        refused("not issued yet", post("/memorandum", &json!({})), 409, "contact-not-confirmed"),
    ];
    for (what, text) in UNREADABLE {
        for (step, field) in [
            ("/return", "reason"),
            ("/comments", "text"),
            (ack, "reason"),
            ("/confirmation", "how"),
        ] {
            let call = post(step, &json!({ field: text }));
            cases.push(invalid_body(
                what,
                call,
                &format!("/{field}"),
                "forbidden_character",
            ));
        }
    }
    for step in [
        "/return",
        "/comments",
        ack,
        "/confirmation",
        "/resubmission",
    ] {
        for (what, body) in not_an_object() {
            cases.push(invalid_body(what, post(step, &body), "", "wrong_type"));
        }
        for (what, body, pointer, code) in malformed() {
            let call = Call::post(path(step))
                .token(&app.staff.clerk)
                .body("application/json", body);
            cases.push(refused(what, call, 400, "malformed-json").at(&pointer, code));
        }
    }
    refuses(app, cases);
}

fn a_resubmission_that_cannot_be_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.admit(CHILDHOOD, &school(), false);
    let applied = app.apply(CHILDHOOD, &school_number(1));
    app.return_for_correction(&applied.id, &[]);
    let path = format!("{}/resubmission", application_path(&applied.id));
    let resubmit = |body: &Value| Call::post(&path).token(&applied.token).json(body);
    let organisation = |fields: Value| resubmit(&json!({ "organisation": fields }));
    let contact = |fields: Value| resubmit(&json!({ "contact": fields }));
    let identifiers = |scheme: &str, value: &str| {
        organisation(json!({"identifiers": [{"scheme": scheme, "value": value}]}))
    };
    let value = "/organisation/identifiers/0/value";
    let missing = "missing_field";
    #[rustfmt::skip]
    let mut cases: Vec<Case> = vec![
        invalid_body("another part", resubmit(&json!({"state": "accepted"})), "/state", "unknown_field"),
        invalid_body("no organisation", resubmit(&json!({"organisation": null})), "/organisation", missing),
        invalid_body("nobody to speak to", resubmit(&json!({"contact": null})), "/contact", missing),
        invalid_body("no name", organisation(json!({"name": null})), "/organisation/name", missing),
        invalid_body("nothing to know it by", organisation(json!({"identifiers": null})), "/organisation/identifiers", "no_key"),
        invalid_body("another field", organisation(json!({"status": "x"})), "/organisation/status", "unknown_field"),
        invalid_body("a natural person", organisation(json!({"category": "natural_person"})), "/organisation/category", "natural_person"),
        invalid_body("another country's region", organisation(json!({"country": "KZ"})), "/organisation/region", "region_outside_country"),
        invalid_body("a mistyped OGRN", identifiers("RU-OGRN", "1022800000003"), value, "wrong_check_digit"),
        invalid_body("a mistyped INN", identifiers("RU-INN", "7707083894"), value, "wrong_check_digit"),
        invalid_body("a mistyped LEI", identifiers("LEI", "5493001KJTIIGC8Y1R13"), value, "wrong_check_digit"),
        invalid_body("no address", contact(json!({"email": null})), "/contact/email", missing),
        invalid_body("no such address", contact(json!({"email": "office"})), "/contact/email", "invalid_email"),
        invalid_body("no position", contact(json!({"position": null})), "/contact/position", missing),
        refused("a city", organisation(json!({"category": "city"})), 422, "category-not-accepted"),
        refused("a member's number", identifiers("RU-OGRN", "1022800000002"), 409, "already-a-member"),
        refused("a member's domain", organisation(json!({"domain": "school.example"})), 409, "already-a-member"),
        refused("another's", Call::post(&path).token(&app.staff.other_partner).json(&json!({})), 404, "application-unknown"),
    ];
    for (what, text) in UNREADABLE {
        for (call, pointer) in [
            (
                organisation(json!({"name": {"ru": text}})),
                "/organisation/name/ru",
            ),
            (
                organisation(json!({"aliases": [text]})),
                "/organisation/aliases/0",
            ),
            (contact(json!({"name": text})), "/contact/name"),
            (contact(json!({"position": text})), "/contact/position"),
        ] {
            cases.push(invalid_body(what, call, pointer, "forbidden_character"));
        }
    }
    refuses(app, cases);
    // What is not normalised is, and stays the same name.
    let decomposed = json!({"organisation": {"name": {"ru": "Гимназия № 1 \u{438}\u{306}"}}});
    let answer = app.resubmit(&applied, &decomposed);
    assert_eq!(answer.text("/organisation/name/ru"), "Гимназия № 1 \u{439}");
}

fn a_list_of_applications_by_what_cannot_be_is_refused(app: &TestApp) {
    let list = |query: &str| Call::get(format!("/v1/applications?{query}")).token(&app.staff.clerk);
    let cases = [
        ("overdue=yes", "/overdue", "unknown_value"),
        ("sort=name", "/sort", "unknown_value"),
        ("assignee=clerk", "/assignee", "invalid_value"),
        ("assignee=", "/assignee", "invalid_value"),
        ("state=open", "/state", "unknown_value"),
        ("due=2026-12-01", "/due", "unknown_parameter"),
        ("overdue=true&overdue=true", "/overdue", "duplicate"),
    ]
    .map(|(query, pointer, code)| {
        refused(query, list(query), 400, "invalid-query").at(pointer, code)
    });
    refuses(app, cases);
}

fn persons_of_no_application_are_neither_exported_nor_erased(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let applied = app.apply(CHILDHOOD, &school());
    let other = app.apply(CHILDHOOD, &school_number(2));
    let at = |id: &str, place: &str| format!("{}/{place}", application_path(id));
    let (clerk, partner) = (&app.staff.clerk, &app.staff.partner);
    let export = |id: &str| Call::get(at(id, "personal-data"));
    let erase = |id: &str| Call::post(at(id, "erasure"));
    let unknown = "application-unknown";
    #[rustfmt::skip]
    let cases = vec![
        refused("export of nobody", export(NOBODY).token(clerk), 404, unknown),
        refused("erasure of nobody", erase(NOBODY).token(clerk), 404, unknown),
        refused("export by what is no UUID", export("1").token(clerk), 404, "not-found"),
        refused("erasure by what is no UUID", erase("1").token(clerk), 404, "not-found"),
        refused("export of somebody else", export(&other.id).token(&applied.token), 404, unknown),
        refused("erasure of somebody else", erase(&other.id).token(&applied.token), 404, unknown),
        refused("export by nobody", export(&applied.id), 401, "unauthenticated"),
        refused("erasure by nobody", erase(&applied.id), 401, "unauthenticated"),
        refused("export by the partner", export(&applied.id).token(partner), 403, "forbidden"),
        refused("erasure by the partner", erase(&applied.id).token(partner), 403, "forbidden"),
        refused("erasure of who is still needed", erase(&applied.id).token(clerk), 409, "application-state"),
    ];
    refuses(app, cases);
}
