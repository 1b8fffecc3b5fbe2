//! Applications that are not well-formed, not valid, or not admissible.

use serde_json::{Value, json};

use super::{Case, invalid_body, malformed, not_an_object, refused, refuses, with, without};
use crate::support::{
    app::TestApp,
    charters::{self, CHILDHOOD, CLOSED},
    client::Call,
    on_both_databases,
    organisations::{application, school},
};

on_both_databases!(
    an_application_that_is_not_json_is_refused_at_its_place,
    an_application_with_wrong_missing_or_unknown_fields_is_refused_at_its_place,
    an_application_with_values_that_cannot_be_is_refused_at_its_place,
    an_application_of_a_natural_person_is_refused,
    an_application_learns_of_all_its_faults_at_once,
    an_application_that_the_charter_does_not_admit_is_refused,
);

fn send_to(charter: &str) -> Call {
    Call::post(format!("/v1/charters/{charter}/applications"))
}

/// The partner applies with this body.
fn apply(app: &TestApp, body: &Value) -> Call {
    send_to(CHILDHOOD).token(&app.staff.partner).json(body)
}

fn an_application_that_is_not_json_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let of = |body: Vec<u8>| send_to(CHILDHOOD).token(&app.staff.partner).bytes(body);
    let json = |body: Vec<u8>| of(body).header("content-type", "application/json");
    let mut cases: Vec<Case> = malformed()
        .into_iter()
        .map(|(what, body, pointer, code)| {
            refused(what, json(body), 400, "malformed-json").at(&pointer, code)
        })
        .collect();
    for (what, body) in not_an_object() {
        cases.push(invalid_body(what, apply(app, &body), "", "wrong_type"));
    }
    let valid = application(&school()).to_string().into_bytes();
    let long = [valid.clone(), vec![b' '; 64 * 1024]].concat();
    #[rustfmt::skip]
    let others = [
        refused("more than 64 KiB", json(long), 413, "too-large"),
        refused("no media type", of(valid.clone()), 415, "unsupported-media-type"),
        refused("another media type", of(valid.clone()).header("content-type", "text/plain"), 415, "unsupported-media-type"),
        refused("a form", of(b"a=1".to_vec()).header("content-type", "application/x-www-form-urlencoded"), 415, "unsupported-media-type"),
    ];
    cases.extend(others);
    refuses(app, cases);
    // A parameter of the media type changes nothing.
    let call = of(valid).header("content-type", "Application/JSON; charset=utf-8");
    app.send(call).must_be(201);
}

fn an_application_with_wrong_missing_or_unknown_fields_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let valid = application(&school());
    #[rustfmt::skip]
    let wrong = [
        ("/organisation", json!("Школа"), "/organisation"),
        ("/organisation", json!(null), "/organisation"),
        ("/organisation/name", json!("Школа"), "/organisation/name"),
        ("/organisation/name/ru", json!(1), "/organisation/name/ru"),
        ("/organisation/name/ru", json!(null), "/organisation/name/ru"),
        ("/organisation/category", json!(true), "/organisation/category"),
        ("/organisation/region", json!(["RU-AMU"]), "/organisation/region"),
        ("/organisation/aliases", json!("Школа"), "/organisation/aliases"),
        ("/organisation/aliases", json!(["a", {}]), "/organisation/aliases/1"),
        ("/organisation/identifiers", json!({}), "/organisation/identifiers"),
        ("/organisation/identifiers/0/value", json!(1_022_800_000_002_u64), "/organisation/identifiers/0/value"),
        ("/contact", json!([]), "/contact"),
        ("/contact/email", json!(7), "/contact/email"),
        ("/language", json!(["ru"]), "/language"),
    ];
    #[rustfmt::skip]
    let missing = [
        "/organisation",
        "/organisation/name",
        "/organisation/category",
        "/organisation/identifiers/0/scheme",
        "/organisation/identifiers/0/value",
        "/contact",
        "/contact/name",
        "/contact/position",
        "/contact/email",
    ];
    let unknown = [
        "/status",
        "/organisation/Name",
        "/organisation/founder",
        "/organisation/identifiers/0/valid",
        "/contact/passport",
    ];
    let mut cases = Vec::new();
    for (place, value, pointer) in wrong {
        let body = with(&valid, place, value);
        let what = format!("a wrong type at {place}");
        cases.push(invalid_body(
            &what,
            apply(app, &body),
            pointer,
            "wrong_type",
        ));
    }
    for place in missing {
        let call = apply(app, &without(&valid, place));
        cases.push(invalid_body(
            "a missing field",
            call,
            place,
            "missing_field",
        ));
    }
    for place in unknown {
        let call = apply(app, &with(&valid, place, json!(true)));
        cases.push(invalid_body(
            "an unknown field",
            call,
            place,
            "unknown_field",
        ));
    }
    for (place, word) in [("/origin", "fate"), ("/channel", "telegram")] {
        let call = apply(app, &with(&valid, place, json!(word)));
        cases.push(invalid_body(
            "an unknown word",
            call,
            place,
            "unknown_value",
        ));
    }
    refuses(app, cases);
}

fn an_application_with_values_that_cannot_be_is_refused_at_its_place(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let valid = application(&school());
    let identifier = |scheme: &str, value: &str| json!([{"scheme": scheme, "value": value}]);
    let languages: Value = (b'a'..=b'z')
        .flat_map(|one| [[one, b'a'], [one, b'b']])
        .map(|tag| (String::from_utf8(tag.to_vec()).unwrap(), json!("Школа")))
        .collect::<serde_json::Map<_, _>>()
        .into();
    let eleven: Vec<Value> = (0..11)
        .map(|number| json!({"scheme": "X", "value": format!("{number}A")}))
        .collect();
    let twice = json!([{"scheme": "X", "value": "1"}, {"scheme": "X", "value": " 1 "}]);
    #[rustfmt::skip]
    let table = [
        // Text that people cannot read as it stands.
        ("/organisation/name/ru", json!(""), "", "empty"),
        ("/organisation/name/ru", json!(" — "), "", "empty"),
        ("/organisation/name/ru", json!("я".repeat(301)), "", "too_long"),
        ("/organisation/name/ru", json!("Школа\u{0}"), "", "forbidden_character"),
        ("/organisation/name/ru", json!("Шко\u{7}ла"), "", "forbidden_character"),
        ("/organisation/name/ru", json!("\u{202E}Школа"), "", "forbidden_character"),
        ("/organisation/name/ru", json!("Шко\u{200B}ла"), "", "forbidden_character"),
        ("/organisation/name/ru", json!("Шко\u{2028}ла"), "", "forbidden_character"),
        ("/organisation/aliases", json!(["Школа", "\u{2066}"]), "/1", "forbidden_character"),
        ("/organisation/aliases", json!(vec!["Школа"; 21]), "", "too_many"),
        ("/organisation/name", json!({}), "", "empty"),
        ("/organisation/name/russian", json!("Школа"), "", "invalid_language"),
        ("/organisation/name", languages, "", "too_many"),
        // Where it is.
        ("/organisation/country", json!("XX"), "", "unknown_country"),
        ("/organisation/country", json!("Россия"), "", "unknown_country"),
        ("/organisation/region", json!("RU-XX"), "", "unknown_region"),
        ("/organisation/region", json!("Амурская область"), "", "unknown_region"),
        // What it is.
        ("/organisation/category", json!(""), "", "empty"),
        ("/organisation/category", json!("School!"), "", "forbidden_character"),
        // How it is found.
        ("/organisation/website", json!("school.example"), "", "invalid_url"),
        ("/organisation/website", json!("ftp://school.example"), "", "wrong_scheme"),
        ("/organisation/website", json!("https://a:b@school.example"), "", "user_in_url"),
        ("/organisation/domain", json!("localhost"), "", "single_label"),
        ("/organisation/domain", json!("127.0.0.1"), "", "ip_address"),
        ("/organisation/domain", json!("school.example:443"), "", "forbidden_character"),
        ("/organisation/domain", json!("https://school.example"), "", "forbidden_character"),
        ("/organisation/identifiers", json!([{"scheme": "RU-OGRN", "value": "1022800000003"}]), "/0/value", "wrong_check_digit"),
        ("/organisation/identifiers", identifier("RU-OGRN", "102280000000"), "/0/value", "wrong_length"),
        ("/organisation/identifiers", identifier("RU-OGRN", "0000000000000"), "/0/value", "placeholder"),
        ("/organisation/identifiers", identifier("RU-OGRN", "102280000000O"), "/0/value", "forbidden_character"),
        ("/organisation/identifiers", identifier("RU-INN", "7707083894"), "/0/value", "wrong_check_digit"),
        ("/organisation/identifiers", identifier("LEI", "5493001KJTIIGC8Y1R13"), "/0/value", "wrong_check_digit"),
        ("/organisation/identifiers", identifier("ru-ogrn", "1022800000002"), "/0/scheme", "invalid_scheme"),
        ("/organisation/identifiers", json!(eleven), "", "too_many"),
        ("/organisation/identifiers", twice, "/1", "duplicate"),
        // Whom to speak to.
        ("/contact/name", json!("\u{202D}Фамилия"), "", "forbidden_character"),
        ("/contact/position", json!(""), "", "empty"),
        ("/contact/email", json!("office"), "", "invalid_email"),
        ("/contact/email", json!("office@localhost"), "", "single_label"),
        ("/contact/phone", json!("позвоните"), "", "forbidden_character"),
        ("/language", json!("по-русски"), "", "invalid_language"),
    ];
    let mut cases: Vec<Case> = table
        .into_iter()
        .map(|(place, value, below, code)| {
            let call = apply(app, &with(&valid, place, value));
            invalid_body(
                "a value that cannot be",
                call,
                &format!("{place}{below}"),
                code,
            )
        })
        .collect();
    let elsewhere = with(&valid, "/organisation/country", json!("KZ"));
    let call = apply(app, &elsewhere);
    cases.push(invalid_body(
        "a region of another country",
        call,
        "/organisation/region",
        "region_outside_country",
    ));
    let nameless = without(
        &without(&valid, "/organisation/domain"),
        "/organisation/identifiers",
    );
    let call = apply(app, &nameless);
    cases.push(invalid_body(
        "nothing to know it by",
        call,
        "/organisation/identifiers",
        "no_key",
    ));
    refuses(app, cases);
}

fn an_application_of_a_natural_person_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let valid = application(&school());
    let identified = |scheme: &str, value: &str| {
        let identifiers = json!([{"scheme": scheme, "value": value}]);
        apply(app, &with(&valid, "/organisation/identifiers", identifiers))
    };
    let category = with(&valid, "/organisation/category", json!("natural_person"));
    let value = "/organisation/identifiers/0/value";
    let by = "natural_person";
    #[rustfmt::skip]
    let cases = [
        invalid_body("by category", apply(app, &category), "/organisation/category", by),
        invalid_body("by INN", identified("RU-INN", "500100732259"), value, by),
        invalid_body("by OGRNIP", identified("RU-OGRNIP", "304500116000157"), value, by),
        invalid_body("by OGRNIP as OGRN", identified("RU-OGRN", "304500116000157"), value, by),
        invalid_body("by SNILS", identified("RU-SNILS", "11223344595"), value, by),
    ];
    refuses(app, cases);
}

fn an_application_learns_of_all_its_faults_at_once(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    let mut body = application(&school());
    for (place, value) in [
        ("/organisation/name/ru", "\u{202E}"),
        ("/organisation/category", "natural_person"),
        ("/organisation/region", "RU-XX"),
        ("/organisation/identifiers/0/value", "1022800000003"),
        ("/contact/email", "office"),
        ("/language", "?"),
    ] {
        body = with(&body, place, json!(value));
    }
    let case = refused("six faults", apply(app, &body), 422, "invalid-body")
        .at("/organisation/name/ru", "forbidden_character")
        .at("/organisation/category", "natural_person")
        .at("/organisation/region", "unknown_region")
        .at("/organisation/identifiers/0/value", "wrong_check_digit")
        .at("/contact/email", "invalid_email")
        .at("/language", "invalid_language");
    refuses(app, [case]);
}

fn an_application_that_the_charter_does_not_admit_is_refused(app: &TestApp) {
    app.publish(&charters::definition(CHILDHOOD));
    app.publish(&charters::closed_circle());
    let valid = application(&school());
    let set = |place: &str, value: Value| with(&valid, place, value);
    let partner = |body: &Value| apply(app, body);
    let clerk = |body: &Value| send_to(CHILDHOOD).token(&app.staff.clerk).json(body);
    let anybody = |body: &Value| send_to(CHILDHOOD).json(body);
    let abroad = with(
        &without(&valid, "/organisation/region"),
        "/organisation/country",
        json!("DE"),
    );
    let by = |channel: &str| set("/channel", json!(channel));
    #[rustfmt::skip]
    let cases = [
        refused("no such charter", send_to("no-such").json(&valid), 404, "charter-unknown"),
        refused("a city", partner(&set("/organisation/category", json!("city"))), 422, "category-not-accepted"),
        refused("from abroad", send_to(CLOSED).json(&abroad), 422, "country-not-accepted"),
        refused("in French", partner(&set("/language", json!("fr"))), 422, "language-not-offered"),
        refused("a partner by letter", partner(&by("letter")), 422, "channel-not-allowed"),
        refused("the public as a partner", anybody(&by("partner")), 422, "channel-not-allowed"),
        refused("the public by import", anybody(&by("import")), 422, "channel-not-allowed"),
        refused("a clerk by the website", clerk(&by("website")), 422, "channel-not-allowed"),
    ];
    refuses(app, cases);
}
