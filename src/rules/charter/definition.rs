//! The written form of a charter's version.
//!
//! One shape serves definition files, request bodies and canonical documents. In a definition file
//! (TOML) `text` and `memorandum.template` name files; in JSON they hold the texts themselves.
//! Nothing here is checked beyond its shape: [`Definition::check`] does that.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::CharterVersion;
use super::check::check;
use crate::rules::text::{FieldError, Invalid, pointer_to};

/// One string per language, by language code; a language given twice is refused.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
#[serde(transparent)]
pub struct ByLanguage(pub BTreeMap<String, String>);

/// A charter's version as written.
///
/// The fields here and below stand in the order of RFC 8785 §3.2.3, so that serialising a
/// definition gives canonical JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Definition {
    /// The provisions that decisions and complaints can cite.
    pub clauses: Vec<ClauseDefinition>,
    /// Who keeps the charter, by language.
    pub custodian: ByLanguage,
    /// The day since which this version holds, `2021-11-29`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effective_on: Option<String>,
    /// Who may accede.
    pub eligibility: EligibilityDefinition,
    /// The organisations that founded the charter.
    #[serde(default)]
    pub founders: Vec<FounderDefinition>,
    /// The languages in which every text is given; the first is the default of an application.
    pub languages: Vec<String>,
    /// The memorandum of accession.
    pub memorandum: MemorandumDefinition,
    /// How decisions are made, and their deadlines.
    pub policy: PolicyDefinition,
    /// The parts under which clauses stand.
    #[serde(default)]
    pub sections: Vec<SectionDefinition>,
    /// The forms of signing accepted.
    pub signing_forms: Vec<String>,
    /// The charter's name in addresses.
    pub slug: String,
    /// Where the full text comes from, by language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_note: Option<ByLanguage>,
    /// The text in Markdown, by language; in TOML the names of the files that hold it.
    pub text: ByLanguage,
    /// The charter's title, by language.
    pub title: ByLanguage,
    /// The version's number, from 1.
    pub version: i64,
}

/// A provision as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ClauseDefinition {
    /// Its number, such as `B.5`.
    pub id: String,
    /// The section it stands under.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub section: Option<String>,
    /// What it says, in a line, by language.
    pub title: ByLanguage,
}

/// A part of the charter as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SectionDefinition {
    /// Its letter or number, such as `B`.
    pub id: String,
    /// Its heading, by language.
    pub title: ByLanguage,
}

/// Who may accede, as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EligibilityDefinition {
    /// The categories of organisations accepted.
    pub categories: Vec<CategoryDefinition>,
    /// The countries accepted, ISO 3166-1 alpha-2; absent where any country is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub countries: Option<Vec<String>>,
}

/// A category of organisations as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CategoryDefinition {
    /// Its code, such as `educational_institution`.
    pub code: String,
    /// Its name, by language.
    pub name: ByLanguage,
}

/// A founder as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FounderDefinition {
    /// Other names it is known by.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its name, by language.
    pub name: ByLanguage,
}

/// The memorandum as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct MemorandumDefinition {
    /// What its parties fill in.
    pub fields: Vec<FieldDefinition>,
    /// The text with placeholders, by language; in TOML the names of the files that hold it.
    pub template: ByLanguage,
}

/// A field of the memorandum as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FieldDefinition {
    /// The placeholder it fills.
    pub id: String,
    /// Its label in a form, by language.
    pub label: ByLanguage,
    /// Whether it must be filled.
    pub required: bool,
}

/// The rules for the desk as written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PolicyDefinition {
    /// Days for which an accession holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_of_validity: Option<i64>,
    /// Days a member has to answer a complaint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_to_reply: Option<i64>,
    /// Days without progress after which an application lapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_until_lapse: Option<i64>,
    /// Whether an applicant must prove that it controls its domain.
    pub domain_proof_required: bool,
    /// The decisions that one registrar proposes and another approves.
    pub two_persons: Vec<String>,
}

impl Definition {
    /// The files that a definition in TOML refers to, relative to it; sorted, each once.
    ///
    /// Codes: `malformed`, `unsafe_path`.
    pub fn referenced_files(toml: &str) -> Result<Vec<String>, Vec<FieldError>> {
        let mut definition = Self::shape_of(toml)?;
        let mut faults = Vec::new();
        let mut names = Vec::new();
        definition.each_reference(|pointer, name| {
            if is_plain_relative_path(name) {
                names.push(name.clone());
            } else {
                let detail = "This does not name a file below the definition; a path such as \
                              \"charter/en.md\" is expected.";
                faults.push(Invalid::new("unsafe_path", detail).at(pointer));
            }
        });
        if !faults.is_empty() {
            return Err(faults);
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// Reads a definition in TOML, with the contents of the files it refers to by their names.
    ///
    /// Codes: `malformed`, `missing_file`.
    pub fn from_toml(
        toml: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<Self, Vec<FieldError>> {
        let mut definition = Self::shape_of(toml)?;
        let mut faults = Vec::new();
        definition.each_reference(|pointer, name| {
            if let Some(content) = files.get(name.as_str()) {
                name.clone_from(content);
            } else {
                let detail = format!("The file {name:?} is missing; add it.");
                faults.push(Invalid::new("missing_file", detail).at(pointer));
            }
        });
        if faults.is_empty() {
            Ok(definition)
        } else {
            Err(faults)
        }
    }

    /// Reads a definition in JSON, its texts inline; the canonical document is one. Code:
    /// `malformed`.
    pub fn from_json(json: &str) -> Result<Self, Vec<FieldError>> {
        serde_json::from_str(json).map_err(|error| vec![malformed(&error)])
    }

    /// Checks everything a charter's version must fulfil; all faults found are told at once.
    pub fn check(&self) -> Result<CharterVersion, Vec<FieldError>> {
        check(self)
    }

    fn shape_of(toml: &str) -> Result<Self, Vec<FieldError>> {
        toml::from_str(toml).map_err(|error| vec![malformed(&error)])
    }

    /// Visits each value that names a file in TOML, with its JSON Pointer.
    fn each_reference(&mut self, mut visit: impl FnMut(String, &mut String)) {
        for (at, references) in [
            ("/text", &mut self.text),
            ("/memorandum/template", &mut self.memorandum.template),
        ] {
            for (language, name) in &mut references.0 {
                visit(pointer(at, language), name);
            }
        }
    }
}

/// The JSON Pointer of the member `key` of the value at `parent`.
pub(super) fn pointer(parent: &str, key: impl fmt::Display) -> String {
    format!("{parent}{}", pointer_to(&key.to_string()))
}

fn malformed(error: &impl fmt::Display) -> FieldError {
    Invalid::new(
        "malformed",
        format!("This is not a charter's definition: {error}"),
    )
    .at("")
}

fn is_plain_relative_path(name: &str) -> bool {
    name.split('/').all(|part| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    })
}

impl<'de> Deserialize<'de> for ByLanguage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Languages;

        impl<'de> Visitor<'de> for Languages {
            type Value = ByLanguage;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("an object with one string per language")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<ByLanguage, A::Error> {
                let mut texts = BTreeMap::new();
                while let Some((language, text)) = entries.next_entry::<String, String>()? {
                    if texts.contains_key(&language) {
                        return Err(A::Error::custom(format!(
                            "the language {language:?} is given twice"
                        )));
                    }
                    texts.insert(language, text);
                }
                Ok(ByLanguage(texts))
            }
        }

        deserializer.deserialize_map(Languages)
    }
}
