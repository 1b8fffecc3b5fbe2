//! What a definition may not say: each fault at its place, all of them at once.

use serde_json::{Value, json};

use super::super::Definition;
use super::smallest;

fn faults_of(definition: &Value) -> Vec<(String, &'static str)> {
    Definition::from_json(&definition.to_string())
        .and_then(|definition| definition.check())
        .map_or_else(
            |faults| {
                faults
                    .into_iter()
                    .map(|fault| (fault.pointer, fault.code))
                    .collect()
            },
            |_| Vec::new(),
        )
}

/// For each row: the smallest definition with the value at the place gives just this fault.
fn refuses_in_place_of_what_is_accepted(table: &[(&str, Value, &str, &str)]) {
    assert_eq!(faults_of(&smallest()), []);
    for (place, value, pointer, code) in table {
        let mut definition = smallest();
        *definition.pointer_mut(place).unwrap() = value.clone();
        let expected = [((*pointer).to_owned(), *code)];
        assert_eq!(faults_of(&definition), expected, "{place} {value}");
    }
}

#[test]
fn what_a_charter_may_not_say_is_refused_at_its_place() {
    let table = [
        ("/slug", json!("No slug"), "/slug", "forbidden_character"),
        ("/version", json!(0), "/version", "out_of_range"),
        ("/version", json!(-1), "/version", "out_of_range"),
        ("/languages", json!([]), "/languages", "empty"),
        (
            "/languages",
            json!(["en", "EN"]),
            "/languages/1",
            "duplicate",
        ),
        (
            "/languages",
            json!(["english"]),
            "/languages/0",
            "invalid_language",
        ),
        ("/title", json!({}), "/title/en", "missing_language"),
        (
            "/title",
            json!({"en": "A", "ru": "Б"}),
            "/title/ru",
            "unknown_language",
        ),
        (
            "/title/en",
            json!("\u{202e}A"),
            "/title/en",
            "forbidden_character",
        ),
        ("/text/en", json!(" \n"), "/text/en", "empty"),
        ("/text/en", json!("a\tb"), "/text/en", "forbidden_character"),
        ("/clauses", json!([]), "/clauses", "empty"),
        (
            "/clauses/0/id",
            json!("A..1"),
            "/clauses/0/id",
            "malformed_clause_id",
        ),
        (
            "/clauses",
            json!([{"id": "1", "title": {"en": "A"}}, {"id": "1", "title": {"en": "B"}}]),
            "/clauses/1/id",
            "duplicate",
        ),
        (
            "/clauses/0",
            json!({"id": "1", "section": "Z", "title": {"en": "A"}}),
            "/clauses/0/section",
            "unknown_section",
        ),
        (
            "/eligibility/categories/0/code",
            json!("natural_person"),
            "/eligibility/categories/0/code",
            "natural_person",
        ),
        (
            "/eligibility/categories",
            json!([]),
            "/eligibility/categories",
            "empty",
        ),
    ];
    refuses_in_place_of_what_is_accepted(&table);
}

#[test]
fn what_a_memorandum_or_policy_may_not_say_is_refused_at_its_place() {
    let table = [
        (
            "/memorandum/template/en",
            json!("{{organisation}} {{date}} {{fullName}} {{signature}} {{inn}}"),
            "/memorandum/template/en",
            "unknown_placeholder",
        ),
        (
            "/memorandum/template/en",
            json!("{{organisation}} {{date}} {{fullName}} {{signature"),
            "/memorandum/template/en",
            "unclosed_placeholder",
        ),
        (
            "/memorandum/template/en",
            json!("{{organisation}} {{date}} {{fullName}} signature}}"),
            "/memorandum/template/en",
            "unopened_placeholder",
        ),
        (
            "/memorandum/template/en",
            json!("{{organisation}} {{date}} {{fullName}}"),
            "/memorandum/template/en",
            "fields_differ",
        ),
        (
            "/memorandum/template",
            json!({}),
            "/memorandum/template/en",
            "missing_language",
        ),
        (
            "/memorandum/fields/0/required",
            json!(false),
            "/memorandum/fields/0/required",
            "must_be_required",
        ),
        ("/signingForms", json!([]), "/signingForms", "empty"),
        (
            "/signingForms",
            json!(["fax"]),
            "/signingForms/0",
            "unknown_word",
        ),
        (
            "/policy/twoPersons",
            json!(["admission"]),
            "/policy/twoPersons",
            "missing_decision",
        ),
    ];
    refuses_in_place_of_what_is_accepted(&table);
}

#[test]
fn what_is_added_to_a_definition_is_checked_too() {
    let table = [
        (
            "",
            "effectiveOn",
            json!("2021-2-3"),
            "/effectiveOn",
            "malformed_date",
        ),
        (
            "",
            "effectiveOn",
            json!("2021-02-30"),
            "/effectiveOn",
            "malformed_date",
        ),
        (
            "",
            "sourceNote",
            json!({"en": ""}),
            "/sourceNote/en",
            "empty",
        ),
        ("", "colour", json!("red"), "", "malformed"),
        (
            "/policy",
            "daysToReply",
            json!(0),
            "/policy/daysToReply",
            "out_of_range",
        ),
        (
            "/policy",
            "daysUntilLapse",
            json!(731),
            "/policy/daysUntilLapse",
            "out_of_range",
        ),
        (
            "/policy",
            "daysOfValidity",
            json!(29),
            "/policy/daysOfValidity",
            "out_of_range",
        ),
        (
            "/eligibility",
            "countries",
            json!(["RU", "XX"]),
            "/eligibility/countries/1",
            "unknown_country",
        ),
        (
            "",
            "founders",
            json!([{"name": {"en": "One"}}, {"name": {"en": "Two"}, "aliases": ["«ONE»"]}]),
            "/founders/1",
            "duplicate",
        ),
    ];
    for (parent, key, value, pointer, code) in table {
        let mut definition = smallest();
        let object = definition
            .pointer_mut(parent)
            .unwrap()
            .as_object_mut()
            .unwrap();
        object.insert(key.to_owned(), value.clone());
        assert_eq!(
            faults_of(&definition),
            [(pointer.to_owned(), code)],
            "{key} {value}"
        );
    }
}

#[test]
fn every_fault_is_told_at_once() {
    let mut definition = smallest();
    *definition.pointer_mut("/slug").unwrap() = json!("");
    *definition.pointer_mut("/version").unwrap() = json!(0);
    let expected = [
        ("/slug".to_owned(), "empty"),
        ("/version".to_owned(), "out_of_range"),
    ];
    assert_eq!(faults_of(&definition), expected);
}

#[test]
fn a_language_given_twice_is_refused() {
    let json = smallest()
        .to_string()
        .replace(r#"{"en":"Small charter"}"#, r#"{"en":"A","en":"B"}"#);
    let faults = Definition::from_json(&json).unwrap_err();
    assert_eq!(faults.first().unwrap().code, "malformed");
    assert!(faults.first().unwrap().detail.contains("given twice"));
}
