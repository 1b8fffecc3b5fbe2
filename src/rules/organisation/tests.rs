use proptest::prelude::*;

use super::*;

fn school() -> OrganisationInput {
    OrganisationInput {
        name: [("ru", "Школа «Журавлик»"), ("en", "Zhuravlik School")]
            .map(|(lang, name)| (lang.to_owned(), name.to_owned()))
            .into(),
        aliases: vec!["Журавлик".to_owned()],
        category: "educational_institution".to_owned(),
        country: Some("RU".to_owned()),
        region: Some("RU-AMU".to_owned()),
        website: Some("https://www.school.example/".to_owned()),
        domain: Some("www.school.example".to_owned()),
        identifiers: vec![
            identifier("RU-OGRN", "1027700132195"),
            identifier("RU-INN", "7707083893"),
        ],
    }
}

fn identifier(scheme: &str, value: &str) -> IdentifierInput {
    IdentifierInput {
        scheme: scheme.to_owned(),
        value: value.to_owned(),
    }
}

/// The pointers and codes of what is refused.
fn refusals(input: OrganisationInput) -> Vec<(String, &'static str)> {
    let errors = Organisation::parse(input).unwrap_err();
    errors
        .into_iter()
        .map(|error| (error.pointer, error.code))
        .collect()
}

fn at(pointer: &str, code: &'static str) -> (String, &'static str) {
    (pointer.to_owned(), code)
}

#[test]
fn a_complete_organisation_is_read_in_canonical_form() {
    let organisation = Organisation::parse(school()).unwrap();
    assert_eq!(
        organisation.website.as_ref().unwrap().as_str(),
        "https://www.school.example"
    );
    assert_eq!(
        organisation.claim_keys(),
        [
            "RU-INN:7707083893",
            "RU-OGRN:1027700132195",
            "domain:school.example"
        ]
    );
    let schemes: Vec<_> = organisation
        .identifiers
        .iter()
        .map(|i| i.scheme().as_str())
        .collect();
    assert_eq!(schemes, ["RU-INN", "RU-OGRN"]);
}

#[test]
fn every_wrong_field_is_reported_at_once() {
    let found = refusals(OrganisationInput {
        name: [
            ("ru".to_owned(), "a".repeat(301)),
            ("x".to_owned(), "X".to_owned()),
        ]
        .into(),
        aliases: vec!["Fine".to_owned(), String::new()],
        category: "School".to_owned(),
        country: Some("XX".to_owned()),
        region: Some("RU-XXX".to_owned()),
        website: Some("javascript:alert(1)".to_owned()),
        domain: Some("localhost".to_owned()),
        identifiers: vec![
            identifier("RU-INN", "7707083893"),
            identifier("RU-OGRN", "1027700132196"),
            identifier("ogrn", "1"),
            identifier("RU-INN", "500100732259"),
            identifier("RU-INN", "77 07 08 38 93"),
        ],
    });
    assert_eq!(
        found,
        [
            at("/name/ru", "too_long"),
            at("/name/x", "invalid_language"),
            at("/aliases/1", "empty"),
            at("/category", "forbidden_character"),
            at("/country", "unknown_country"),
            at("/region", "unknown_region"),
            at("/website", "wrong_scheme"),
            at("/domain", "single_label"),
            at("/identifiers/1/value", "wrong_check_digit"),
            at("/identifiers/2/scheme", "invalid_scheme"),
            at("/identifiers/3/value", "natural_person"),
            at("/identifiers/4", "duplicate"),
        ]
    );
}

#[test]
fn an_identifier_or_a_domain_is_required() {
    let with_neither = || OrganisationInput {
        domain: None,
        identifiers: Vec::new(),
        ..school()
    };
    assert_eq!(refusals(with_neither()), [at("/identifiers", "no_key")]);
    let with_domain = OrganisationInput {
        domain: school().domain,
        ..with_neither()
    };
    assert!(Organisation::parse(with_domain).is_ok());
    let with_identifiers = OrganisationInput {
        identifiers: school().identifiers,
        ..with_neither()
    };
    assert!(Organisation::parse(with_identifiers).is_ok());
}

#[test]
fn a_wrong_key_is_not_reported_as_a_missing_one() {
    let found = refusals(OrganisationInput {
        domain: Some("localhost".to_owned()),
        identifiers: Vec::new(),
        ..school()
    });
    assert_eq!(found, [at("/domain", "single_label")]);
}

#[test]
fn a_region_brings_its_country() {
    let input = OrganisationInput {
        country: None,
        ..school()
    };
    assert_eq!(
        Organisation::parse(input).unwrap().country,
        Country::parse("RU").ok()
    );
    let input = OrganisationInput {
        country: None,
        region: None,
        ..school()
    };
    assert_eq!(Organisation::parse(input).unwrap().country, None);
}

#[test]
fn a_region_of_another_country_is_refused() {
    let input = OrganisationInput {
        country: Some("CN".to_owned()),
        ..school()
    };
    assert_eq!(refusals(input), [at("/region", "region_outside_country")]);
}

#[test]
fn an_alias_given_twice_is_kept_once() {
    let aliases = ["Б", "А", " Б "].map(str::to_owned).to_vec();
    let organisation = Organisation::parse(OrganisationInput {
        aliases,
        ..school()
    })
    .unwrap();
    let kept: Vec<_> = organisation.aliases.iter().map(Name::as_str).collect();
    assert_eq!(kept, ["Б", "А"]);
}

#[test]
fn more_aliases_identifiers_or_languages_than_accepted_are_refused() {
    let numbered = |count: usize| (0..count).map(|n| format!("X{n}"));
    let accepted = OrganisationInput {
        aliases: numbered(20).collect(),
        identifiers: numbered(10).map(|value| identifier("X", &value)).collect(),
        ..school()
    };
    assert!(Organisation::parse(accepted).is_ok());
    let found = refusals(OrganisationInput {
        name: ('a'..='z')
            .flat_map(|a| ['a', 'b'].map(|b| (format!("{a}{b}"), "X".to_owned())))
            .collect(),
        aliases: numbered(21).collect(),
        identifiers: numbered(11).map(|value| identifier("X", &value)).collect(),
        ..school()
    });
    assert_eq!(
        found,
        [
            at("/name", "too_many"),
            at("/aliases", "too_many"),
            at("/identifiers", "too_many")
        ]
    );
}

#[test]
fn no_name_at_all_is_refused() {
    let input = OrganisationInput {
        name: BTreeMap::new(),
        ..school()
    };
    assert_eq!(refusals(input), [at("/name", "empty")]);
}

#[test]
fn categories_are_snake_case_words() {
    assert!(
        Category::parse(Category::NATURAL_PERSON)
            .unwrap()
            .is_natural_person()
    );
    assert!(!Category::parse("company").unwrap().is_natural_person());
    assert!(Category::parse(&"a".repeat(64)).is_ok());
    for (raw, code) in [
        ("", "empty"),
        ("Company", "forbidden_character"),
        ("_a", "forbidden_character"),
        ("1a", "forbidden_character"),
        ("a-b", "forbidden_character"),
        ("a b", "forbidden_character"),
        ("школа", "forbidden_character"),
        (&*"a".repeat(65), "too_long"),
    ] {
        assert_eq!(Category::parse(raw).unwrap_err().code, code, "{raw}");
    }
}

#[test]
fn json_reads_back_as_the_same_organisation() {
    let organisation = Organisation::parse(school()).unwrap();
    let json = serde_json::to_string(&organisation).unwrap();
    assert_eq!(
        serde_json::from_str::<Organisation>(&json).unwrap(),
        organisation
    );
}

#[test]
fn json_with_wrong_or_unknown_fields_is_refused() {
    let json = serde_json::to_value(Organisation::parse(school()).unwrap()).unwrap();
    let mut wrong = json.clone();
    wrong["country"] = "CN".into();
    let error = serde_json::from_value::<Organisation>(wrong)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("/region: "), "{error}");
    let mut unknown = json;
    unknown["contact"] = "a person".into();
    assert!(serde_json::from_value::<Organisation>(unknown).is_err());
}

proptest! {
    #[test]
    fn what_is_accepted_reads_back_from_json_as_itself(
        name in "[а-яa-z «»\u{301}]{1,20}",
        aliases in proptest::collection::vec("[а-яa-z ]{1,6}", 0..4),
        country in proptest::option::of("RU|CN|ru"),
        region in proptest::option::of("RU-AMU|RU-MOW|CN-BJ"),
        domain in proptest::option::of("(www\\.){0,2}[a-zа-я]{1,3}\\.(ru|рф)"),
        identifiers in proptest::collection::vec("[A-C]{1,2}", 0..4),
    ) {
        let input = OrganisationInput {
            name: [("ru".to_owned(), name)].into(),
            aliases,
            category: "company".to_owned(),
            country,
            region,
            website: domain.as_ref().map(|domain| format!("https://{domain}/")),
            domain,
            identifiers: identifiers.iter().map(|value| identifier("X", value)).collect(),
        };
        if let Ok(organisation) = Organisation::parse(input) {
            let json = serde_json::to_string(&organisation).unwrap();
            prop_assert_eq!(serde_json::from_str::<Organisation>(&json).unwrap(), organisation.clone());
            prop_assert!(!organisation.claim_keys().is_empty());
            prop_assert!(organisation.claim_keys().is_sorted());
        }
    }
}
