//! A charter in JSON.

use std::collections::BTreeMap;

use charter_proof::identity::Base;
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::organisation::by_language;
use crate::{rules::charter::Definition, storage::charters::Published};

/// A charter's version, in brief.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CharterItem {
    /// The charter's name in addresses.
    #[schema(example = "digital-ethics-of-childhood")]
    pub slug: String,
    /// The charter's permanent address, as records have it.
    pub id: String,
    /// The version's number.
    pub version: u32,
    /// The title by language.
    pub title: BTreeMap<String, String>,
    /// Who keeps the charter, by language.
    pub custodian: BTreeMap<String, String>,
    /// The languages of text and memorandum.
    pub languages: Vec<String>,
    /// SHA-256 of the version's canonical document.
    pub digest: String,
    /// When the version was published.
    pub published_at: DateTime<Utc>,
    /// The index of its log entry.
    pub log_index: u64,
}

impl CharterItem {
    /// The version as the registry at `base` shows it.
    pub fn new(published: &Published, base: &Base) -> Self {
        let version = &published.version;
        Self {
            slug: version.slug().to_string(),
            id: base.charter_url(version.slug().as_str()),
            version: version.version(),
            title: by_language(version.title()),
            custodian: by_language(version.custodian()),
            languages: version
                .languages()
                .iter()
                .map(ToString::to_string)
                .collect(),
            digest: published.digest.prefixed(),
            published_at: published.published_at,
            log_index: published.log_index,
        }
    }
}

/// A charter's version, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct Charter {
    /// In brief.
    #[serde(flatten)]
    pub item: CharterItem,
    /// The canonical document: text, clauses, who may accede, how it is signed.
    pub definition: Definition,
}

impl Charter {
    /// The version as the registry at `base` shows it.
    pub fn new(published: &Published, base: &Base) -> Self {
        Self {
            item: CharterItem::new(published, base),
            definition: published.version.canonical_document(),
        }
    }
}
