//! What the demo publishes and whom it admits: the sample charters, held in the program.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{cli::answer::Failed, rules::charter::Definition};

/// The charter that the story is about.
pub(super) const CHARTER: &str = "digital-ethics-of-childhood";

/// A sample charter: its definition, and the files that it names.
struct Sample {
    toml: &'static str,
    files: [(&'static str, &'static str); 4],
}

macro_rules! sample {
    ($slug:literal) => {
        Sample {
            toml: include_str!(concat!("../../../charters/", $slug, ".toml")),
            files: [
                (
                    concat!($slug, "/ru.md"),
                    include_str!(concat!("../../../charters/", $slug, "/ru.md")),
                ),
                (
                    concat!($slug, "/en.md"),
                    include_str!(concat!("../../../charters/", $slug, "/en.md")),
                ),
                (
                    concat!($slug, "/memorandum.ru.md"),
                    include_str!(concat!("../../../charters/", $slug, "/memorandum.ru.md")),
                ),
                (
                    concat!($slug, "/memorandum.en.md"),
                    include_str!(concat!("../../../charters/", $slug, "/memorandum.en.md")),
                ),
            ],
        }
    };
}

const SAMPLES: [Sample; 5] = [
    sample!("digital-ethics-of-childhood"),
    sample!("cities-for-digital-rights"),
    sample!("ombudsmen-digital-rights"),
    sample!("open-government"),
    sample!("wsis-plus-20"),
];

const MEMBERS: &str = include_str!("../../../charters/digital-ethics-of-childhood/members.json");

/// The definitions of the five charters, texts included.
pub(super) fn charters() -> Result<Vec<Definition>, Failed> {
    SAMPLES
        .iter()
        .map(|sample| {
            let files: BTreeMap<String, String> = sample
                .files
                .iter()
                .map(|(name, text)| ((*name).to_owned(), (*text).to_owned()))
                .collect();
            Definition::from_toml(sample.toml, &files).map_err(|faults| {
                faults.into_iter().fold(
                    Failed::because("a sample charter is not valid"),
                    |failed, fault| failed.and(format!("{}: {}", fault.pointer, fault.detail)),
                )
            })
        })
        .collect()
}

/// The nine founders of [`CHARTER`], as organisations in the API's form.
pub(super) fn founders() -> Result<Vec<Value>, Failed> {
    let members: BTreeMap<String, Vec<Value>> = serde_json::from_str(MEMBERS)?;
    Ok(members.get("founders").cloned().unwrap_or_default())
}
