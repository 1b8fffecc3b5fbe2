//! The charters that come with the registry, as an administrator sends them.

use std::{collections::BTreeMap, fs, path::Path};

use charter_registry::rules::charter::Definition;
use serde_json::{Value, json};

/// The charter "Digital Ethics of Childhood".
pub const CHILDHOOD: &str = "digital-ethics-of-childhood";

/// A charter of the tests that admits few: Russian organisations, scans only, domains proven.
pub const CLOSED: &str = "closed-circle";

/// The slugs of the charters that come with the registry, sorted.
pub const SHIPPED: [&str; 5] = [
    "cities-for-digital-rights",
    CHILDHOOD,
    "ombudsmen-digital-rights",
    "open-government",
    "wsis-plus-20",
];

/// The folder of the charters.
pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/charters"))
}

/// A charter's definition, its texts inline.
pub fn definition(slug: &str) -> Value {
    let toml = fs::read_to_string(folder().join(format!("{slug}.toml"))).unwrap();
    let names = Definition::referenced_files(&toml).unwrap();
    let files: BTreeMap<String, String> = names
        .into_iter()
        .map(|name| {
            let content = fs::read_to_string(folder().join(&name)).unwrap();
            (name, content)
        })
        .collect();
    serde_json::to_value(Definition::from_toml(&toml, &files).unwrap()).unwrap()
}

/// The definition of [`CLOSED`].
pub fn closed_circle() -> Value {
    let mut definition = definition(CHILDHOOD);
    definition["slug"] = json!(CLOSED);
    definition["eligibility"]["countries"] = json!(["RU"]);
    definition["signingForms"] = json!(["handwritten_scan"]);
    definition["policy"]["domainProofRequired"] = json!(true);
    definition["founders"] = json!([]);
    definition
}
