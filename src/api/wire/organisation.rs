//! An organisation in JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rules::organisation::{IdentifierInput, Organisation, OrganisationInput};

/// An organisation.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "name": {"ru": "Средняя школа № 1", "en": "School No. 1"},
    "category": "educational_institution",
    "region": "RU-AMU",
    "website": "https://school.example",
    "domain": "school.example",
    "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000002"}]
}))]
pub struct OrganisationBody {
    /// The name by language (BCP 47), 1 to 300 characters each.
    pub name: BTreeMap<String, String>,
    /// Other names it is known by, at most 20.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The category, one of those that the charter admits.
    pub category: String,
    /// The country, ISO 3166-1 alpha-2; taken from the region when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// The region, ISO 3166-2.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The website's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    /// The domain by which it will be known, once a registrar has attested that it controls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Its numbers in official registers, at most 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<IdentifierBody>,
}

/// A number in an official register.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentifierBody {
    /// The register: `RU-OGRN`, `RU-INN`, `LEI` (their check digits are verified), or another.
    #[schema(example = "RU-OGRN", pattern = "^[A-Z][A-Z0-9-]*$")]
    pub scheme: String,
    /// The number.
    #[schema(example = "1022800000002")]
    pub value: String,
}

impl From<OrganisationBody> for OrganisationInput {
    fn from(body: OrganisationBody) -> Self {
        let identifier = |body: IdentifierBody| IdentifierInput {
            scheme: body.scheme,
            value: body.value,
        };
        Self {
            name: body.name,
            aliases: body.aliases,
            category: body.category,
            country: body.country,
            region: body.region,
            website: body.website,
            domain: body.domain,
            identifiers: body.identifiers.into_iter().map(identifier).collect(),
        }
    }
}

impl From<&Organisation> for OrganisationBody {
    fn from(organisation: &Organisation) -> Self {
        let identifiers = organisation
            .identifiers
            .iter()
            .map(|identifier| IdentifierBody {
                scheme: identifier.scheme().to_string(),
                value: identifier.value().to_owned(),
            });
        Self {
            name: by_language(&organisation.name),
            aliases: organisation
                .aliases
                .iter()
                .map(ToString::to_string)
                .collect(),
            category: organisation.category.to_string(),
            country: organisation.country.as_ref().map(ToString::to_string),
            region: organisation.region.as_ref().map(ToString::to_string),
            website: organisation.website.as_ref().map(ToString::to_string),
            domain: organisation.domain.as_ref().map(ToString::to_string),
            identifiers: identifiers.collect(),
        }
    }
}

/// A text by language, as JSON has it.
pub fn by_language<T: std::fmt::Display>(
    text: &crate::rules::text::Localized<T>,
) -> BTreeMap<String, String> {
    text.iter()
        .map(|(language, value)| (language.to_string(), value.to_string()))
        .collect()
}
