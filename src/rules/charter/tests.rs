mod refusals;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::rules::organisation::{Organisation, OrganisationInput};

const SHIPPED: [&str; 5] = [
    "cities-for-digital-rights",
    "digital-ethics-of-childhood",
    "ombudsmen-digital-rights",
    "open-government",
    "wsis-plus-20",
];

fn charters() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("charters")
}

fn shipped(slug: &str) -> CharterVersion {
    let toml = fs::read_to_string(charters().join(format!("{slug}.toml"))).unwrap();
    let files = Definition::referenced_files(&toml)
        .unwrap()
        .into_iter()
        .map(|name| {
            let content = fs::read_to_string(charters().join(&name)).unwrap();
            (name, content)
        })
        .collect();
    let definition = Definition::from_toml(&toml, &files).unwrap();
    definition.check().unwrap()
}

fn childhood() -> CharterVersion {
    shipped("digital-ethics-of-childhood")
}

/// The smallest definition that is accepted, in JSON.
fn smallest() -> Value {
    let field = |id| json!({"id": id, "label": {"en": id}, "required": true});
    json!({
        "slug": "small",
        "version": 1,
        "title": {"en": "Small charter"},
        "custodian": {"en": "Its custodian"},
        "languages": ["en"],
        "text": {"en": "# Small charter\n"},
        "clauses": [{"id": "A.1", "title": {"en": "Do good"}}],
        "eligibility": {"categories": [{"code": "city", "name": {"en": "City"}}]},
        "memorandum": {
            "fields": [field("date"), field("organisation"), field("fullName"), field("signature")],
            "template": {"en": "{{organisation}} accedes.\n{{date}} {{fullName}} {{signature}}"},
        },
        "signingForms": ["paper"],
        "policy": {"domainProofRequired": false, "twoPersons": ["admission", "exclusion"]},
    })
}

fn english() -> Lang {
    Lang::parse("en").unwrap()
}

fn signed_by(position: Option<&str>) -> MemorandumFields {
    MemorandumFields {
        date: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
        organisation: Name::parse("Школа № 5 {{date}}").unwrap(),
        full_name: Name::parse("Фамилия Имя").unwrap(),
        position: position.map(|position| Name::parse(position).unwrap()),
    }
}

#[test]
fn every_shipped_definition_is_a_charter() {
    for slug in SHIPPED {
        let version = shipped(slug);
        assert_eq!(version.slug().as_str(), slug);
        assert_eq!(version.version(), 1);
        let languages: Vec<_> = version.languages().iter().map(Lang::as_str).collect();
        assert_eq!(languages, ["ru", "en"]);
    }
}

#[test]
fn the_charter_of_childhood_has_every_clause_of_its_document() {
    let version = childhood();
    let mut expected = Vec::new();
    for (section, count) in [("P", 5), ("A", 17), ("B", 10), ("C", 2), ("D", 3)] {
        expected.extend((1..=count).map(|number| format!("{section}.{number}")));
    }
    let ids: Vec<_> = version
        .clauses()
        .iter()
        .map(|clause| clause.id.to_string())
        .collect();
    assert_eq!(ids, expected);
    assert_eq!(
        version
            .clause("B.5")
            .unwrap()
            .section
            .as_ref()
            .unwrap()
            .as_str(),
        "B"
    );
    assert_eq!(version.clause("B.11"), None);
}

#[test]
fn the_charter_of_childhood_is_open_to_organisations_of_any_country_and_to_no_person() {
    let version = childhood();
    let accepts = |code| version.accepts_category(&Category::parse(code).unwrap());
    for code in [
        "educational_institution",
        "parents_association",
        "commercial_organisation",
    ] {
        assert!(accepts(code), "{code}");
    }
    assert!(!accepts(Category::NATURAL_PERSON));
    assert!(version.accepts_country(Country::parse("KZ").unwrap()));
}

#[test]
fn a_founder_is_recognised_by_any_of_its_names() {
    let version = childhood();
    assert_eq!(version.founders().len(), 9);
    for (asked, expected) in [
        ("ЯНДЕКС", Some("Yandex")),
        ("пао  \"Мегафон\"", Some("MegaFon")),
        ("Mail.Ru Group", Some("VK")),
        ("Вымпел-Коммуникации", Some("Beeline")),
        ("Яндекс Маркет", None),
        ("", None),
    ] {
        let found = version.founder_named(&["Nobody", asked]);
        let name = found
            .and_then(|founder| founder.name.get(&english()))
            .map(Name::as_str);
        assert_eq!(name, expected, "{asked}");
    }
}

#[test]
fn known_members_are_organisations_that_the_charter_accepts() {
    let version = childhood();
    let path = charters().join("digital-ethics-of-childhood/members.json");
    let mut members: BTreeMap<String, Vec<Value>> =
        serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let founders = members.remove("founders").unwrap();
    let joiners = members.remove("joiners").unwrap();
    assert!(members.is_empty());
    assert_eq!((founders.len(), joiners.len()), (9, 13));
    for mut member in founders.iter().chain(&joiners).cloned() {
        let note = member.as_object_mut().unwrap().remove("note");
        let input: OrganisationInput = serde_json::from_value(member.clone()).unwrap();
        match Organisation::parse(input) {
            Ok(organisation) => {
                assert!(version.accepts_category(&organisation.category), "{member}");
            }
            Err(faults) => {
                let codes: Vec<_> = faults.iter().map(|fault| fault.code).collect();
                assert_eq!(codes, ["no_key"], "{member}");
                assert!(note.is_some(), "{member}");
            }
        }
    }
    for member in &founders {
        let name = member.pointer("/name/ru").and_then(Value::as_str).unwrap();
        assert!(version.founder_named(&[name]).is_some(), "{name}");
    }
}

#[test]
fn a_version_survives_its_canonical_document() {
    for slug in SHIPPED {
        let version = shipped(slug);
        let bytes = serde_json::to_string(&version.canonical_document()).unwrap();
        let again: CharterVersion = serde_json::from_str(&bytes).unwrap();
        assert_eq!(again, version);
        assert_eq!(serde_json::to_string(&again).unwrap(), bytes);
    }
}

#[test]
fn the_canonical_document_has_its_fields_in_canonical_order() {
    for slug in SHIPPED {
        let document = shipped(slug).canonical_document();
        let sorted = serde_json::to_value(&document).unwrap();
        assert_eq!(
            serde_json::to_string(&document).unwrap(),
            sorted.to_string()
        );
    }
}

#[test]
fn lists_without_an_order_of_their_own_are_sorted_in_the_canonical_document() {
    let mut definition = smallest();
    *definition.pointer_mut("/signingForms").unwrap() = json!(["paper", "ed25519"]);
    *definition.pointer_mut("/policy/twoPersons").unwrap() = json!(["exclusion", "admission"]);
    let other = definition.clone();
    *definition.pointer_mut("/signingForms").unwrap() = json!(["ed25519", "paper"]);
    let canonical = |value: &Value| {
        let definition = Definition::from_json(&value.to_string()).unwrap();
        definition.check().unwrap().canonical_document()
    };
    assert_eq!(canonical(&definition), canonical(&other));
}

#[test]
fn a_definition_in_toml_names_only_files_below_it() {
    let toml = fs::read_to_string(charters().join("open-government.toml")).unwrap();
    let missing = Definition::from_toml(&toml, &BTreeMap::new()).unwrap_err();
    let found: Vec<_> = missing
        .iter()
        .map(|fault| (fault.pointer.as_str(), fault.code))
        .collect();
    let expected = [
        "/text/en",
        "/text/ru",
        "/memorandum/template/en",
        "/memorandum/template/ru",
    ];
    assert_eq!(found, expected.map(|pointer| (pointer, "missing_file")));
    for path in [
        "/etc/passwd",
        "../secret",
        "open-government/../../secret",
        "a//b",
        "",
        r"a\b",
    ] {
        let toml = toml.replace("\"open-government/en.md\"", &format!("{path:?}"));
        let faults = Definition::referenced_files(&toml).unwrap_err();
        assert_eq!(faults.first().unwrap().code, "unsafe_path", "{path}");
    }
}

#[test]
fn a_memorandum_is_the_template_with_its_values_as_they_are() {
    let version = Definition::from_json(&smallest().to_string())
        .unwrap()
        .check()
        .unwrap();
    let text = version
        .memorandum_text(&english(), &signed_by(None))
        .unwrap();
    let expected = "Школа № 5 {{date}} accedes.\n2026-11-20 Фамилия Имя ____________________\n";
    assert_eq!(text, expected);
}

#[test]
fn a_memorandum_of_the_charter_of_childhood_names_charter_organisation_and_signatory() {
    let version = childhood();
    let russian = Lang::parse("ru").unwrap();
    let text = version
        .memorandum_text(&russian, &signed_by(Some("Директор")))
        .unwrap();
    assert!(text.contains("\n\nХартия «Цифровая этика детства»\n\n"));
    assert!(text.ends_with(
        "\n\nФамилия, имя, отчество: Фамилия Имя\n\nДолжность: Директор\n\nПодпись: ____________________\n"
    ));
}

#[test]
fn a_memorandum_is_refused_without_a_required_position_or_in_another_language() {
    let version = childhood();
    let refusal = version
        .memorandum_text(&english(), &signed_by(None))
        .unwrap_err();
    assert_eq!(refusal, MemorandumRefusal::PositionMissing);
    let french = Lang::parse("fr").unwrap();
    let refusal = version
        .memorandum_text(&french, &signed_by(Some("Head")))
        .unwrap_err();
    assert_eq!(refusal, MemorandumRefusal::NoSuchLanguage(french));
}

proptest! {
    #[test]
    fn any_text_is_read_without_a_panic(raw in any::<String>()) {
        let _ = (Definition::from_json(&raw), Definition::referenced_files(&raw));
        let _ = (ClauseId::parse(&raw), Markdown::parse(&raw), folded(&raw));
    }

    #[test]
    fn any_template_is_refused_or_gives_one_final_line_feed(raw in "[a-z {}\n]{0,60}|\\{\\{(date|charter|position)\\}\\}") {
        if let Ok(template) = Prose::parse(&raw).and_then(Template::parse) {
            let text = template.fill(&Name::parse("Charter").unwrap(), &signed_by(None));
            prop_assert!(text.ends_with('\n') && !text.ends_with("\n\n"));
        }
    }
}
