//! The API's document: committed, current, and enough for a partner's developer to work from.

use std::{collections::BTreeSet, env, fs, path::Path};

use serde_json::Value;

/// The committed table of roles.
const ROLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/roles.md");

/// The committed document.
const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");

#[test]
fn the_committed_document_is_current() {
    let document = charter_registry::api::openapi().to_pretty_json().unwrap();
    is_committed(FILE, &format!("{document}\n"));
}

#[test]
fn the_committed_table_of_roles_is_the_one_that_is_checked() {
    is_committed(ROLES, &charter_registry::api::access::as_markdown());
}

/// Holds a file against what it is made from, or makes it anew where that is asked for.
fn is_committed(file: &str, current: &str) {
    if env::var_os("UPDATE_OPENAPI").is_some() {
        fs::create_dir_all(Path::new(file).parent().unwrap()).unwrap();
        fs::write(file, current).unwrap();
    }
    let committed = fs::read_to_string(file).unwrap_or_default();
    assert!(
        committed == current,
        "{file} is not what the routes and their table of access produce. If the change is meant, run\n\n    \
         UPDATE_OPENAPI=1 cargo test --test registry openapi\n\nand commit the file."
    );
}

/// Every operation with a name for messages, its path, and itself.
fn operations(document: &Value) -> Vec<(String, &str, &Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            found.push((
                format!("{} {path}", method.to_ascii_uppercase()),
                path.as_str(),
                operation,
            ));
        }
    }
    found
}

fn document() -> Value {
    serde_json::to_value(charter_registry::api::openapi()).unwrap()
}

fn is_json(media_type: &str) -> bool {
    media_type.ends_with("json") || media_type == "application/vc"
}

/// What is documented in place, or where a reference leads.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => document.pointer(reference.trim_start_matches('#')).unwrap(),
        None => value,
    }
}

#[test]
fn every_operation_is_described_and_has_a_name_of_its_own() {
    let document = document();
    let mut names = BTreeSet::new();
    for (what, _, operation) in operations(&document) {
        for field in ["summary", "description", "operationId"] {
            let text = operation[field].as_str().unwrap_or_default();
            assert!(!text.is_empty(), "{what} has no {field}");
        }
        let name = operation["operationId"].as_str().unwrap();
        assert!(
            names.insert(name),
            "{what}: another operation is called {name}"
        );
        let is_camel_case = name.starts_with(|letter: char| letter.is_ascii_lowercase())
            && name.chars().all(|letter| letter.is_ascii_alphanumeric());
        assert!(is_camel_case, "{what}: {name}");
        assert_eq!(
            operation["tags"].as_array().map(Vec::len),
            Some(1),
            "{what}: tags"
        );
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let told = parameter["description"].as_str().unwrap_or_default();
            assert!(
                !told.is_empty(),
                "{what}: {} has no description",
                parameter["name"]
            );
        }
    }
}

#[test]
fn every_body_in_json_has_an_example() {
    let document = document();
    for (what, _, operation) in operations(&document) {
        let bodies = operation["requestBody"]["content"].as_object();
        for (media_type, body) in bodies
            .into_iter()
            .flatten()
            .filter(|(kind, _)| is_json(kind))
        {
            let schema = resolved(&document, &body["schema"]);
            let has_example = [&body["example"], &body["examples"], &schema["example"]]
                .iter()
                .any(|example| !example.is_null());
            assert!(has_example, "{what} has no example of {media_type}");
        }
    }
}

#[test]
fn every_operation_names_the_problems_that_it_can_answer() {
    let document = document();
    let from_memory = ["/healthz", "/metrics", "/problems"];
    for (what, path, operation) in operations(&document) {
        let responses = operation["responses"].as_object().unwrap();
        assert!(
            responses
                .keys()
                .any(|status| status.starts_with(['2', '3'])),
            "{what}"
        );
        let problems: Vec<_> = responses
            .iter()
            .filter(|(status, _)| status.starts_with(['4', '5']))
            .collect();
        assert!(
            !problems.is_empty() || from_memory.contains(&path),
            "{what} names no problem"
        );
        for (status, problem) in problems {
            let schema = &problem["content"]["application/problem+json"]["schema"];
            assert_eq!(
                schema["$ref"], "#/components/schemas/Problem",
                "{what} {status}"
            );
            let told = problem["description"].as_str().unwrap();
            for line in told.lines() {
                let slug = line
                    .strip_prefix("- `")
                    .and_then(|rest| rest.split('`').next());
                let kind = charter_registry::api::problem::catalogue::find(slug.unwrap());
                assert_eq!(kind.unwrap().status.to_string(), *status, "{what}: {line}");
            }
            let lines: BTreeSet<_> = told.lines().collect();
            assert_eq!(
                lines.len(),
                told.lines().count(),
                "{what} {status} repeats itself"
            );
        }
        let is_secured = operation["security"].is_array();
        assert_eq!(is_secured, responses.contains_key("401"), "{what}: 401");
    }
}
