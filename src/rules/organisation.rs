//! An organisation: its names, where it is, and the keys by which the world asks for it.
//!
//! [`Organisation::parse`] is the one way in; it reports every wrong field at once. Identifiers
//! with their check digits live in `organisation/identifier.rs`, hosts, domains and websites in
//! `organisation/domain.rs`.

use std::collections::{BTreeMap, BTreeSet};

use charter_proof::record::Subject;
use serde::{Deserialize, Serialize};

use crate::rules::region::{Country, Region};
pub use crate::rules::text::FieldError;
use crate::rules::text::{Invalid, Localized, Name, parsed_string, pointer_to};

mod domain;
mod identifier;

pub(crate) use domain::host;
pub use domain::{Domain, Website};
pub use identifier::{Identifier, IdentifierInput, Scheme};

/// What kind of organisation this is, as a charter names kinds: `[a-z][a-z0-9_]{0,63}`.
///
/// Whether a charter accepts the category is the charter's affair. Codes: `empty`, `too_long`,
/// `forbidden_character`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Category(String);

parsed_string!(Category);

impl Category {
    /// The category of natural persons, whom no charter accepts.
    pub const NATURAL_PERSON: &'static str = "natural_person";

    /// The most characters a category may have.
    pub const MAX_CHARS: usize = 64;

    /// Reads a category; nothing is changed.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        if raw.is_empty() {
            return Err(Invalid::new(
                "empty",
                "The category is empty; one that the charter names is expected.",
            ));
        }
        let is_accepted = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        if !raw.starts_with(|c: char| c.is_ascii_lowercase()) || !raw.chars().all(is_accepted) {
            return Err(Invalid::new(
                "forbidden_character",
                "The category may consist of lower-case Latin letters, digits and underscores, \
                 and begins with a letter, as in \"educational_institution\".",
            ));
        }
        if raw.len() > Self::MAX_CHARS {
            return Err(Invalid::new(
                "too_long",
                "The category is too long; at most 64 characters are accepted.",
            ));
        }
        Ok(Self(raw.to_owned()))
    }

    /// Reads a category of organisations: a natural person never accedes to a charter.
    fn of_organisation(raw: &str) -> Result<Self, Invalid> {
        let category = Self::parse(raw)?;
        if category.is_natural_person() {
            return Err(Invalid::new(
                "natural_person",
                "natural persons cannot accede: expected the category of an organisation",
            ));
        }
        Ok(category)
    }

    /// Whether this is the category of natural persons.
    pub fn is_natural_person(&self) -> bool {
        self.0 == Self::NATURAL_PERSON
    }
}

/// An organisation as it was sent: raw strings, nothing checked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct OrganisationInput {
    /// The name by language.
    pub name: BTreeMap<String, String>,
    /// Other names, in any language.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// The kind of organisation.
    pub category: String,
    /// ISO 3166-1 alpha-2.
    #[serde(default)]
    pub country: Option<String>,
    /// ISO 3166-2.
    #[serde(default)]
    pub region: Option<String>,
    /// An http or https address.
    #[serde(default)]
    pub website: Option<String>,
    /// A DNS name that the organisation controls.
    #[serde(default)]
    pub domain: Option<String>,
    /// Numbers in public registers.
    #[serde(default)]
    pub identifiers: Vec<IdentifierInput>,
}

/// An organisation as a record tells it.
impl From<&Subject> for OrganisationInput {
    fn from(told: &Subject) -> Self {
        let names = told.name.iter();
        let identifiers = told.identifiers.iter().map(|one| IdentifierInput {
            scheme: one.scheme.clone(),
            value: one.value.clone(),
        });
        Self {
            name: names
                .map(|name| (name.language.clone(), name.value.clone()))
                .collect(),
            aliases: told.aliases.clone(),
            category: told.category.clone(),
            country: told.country.clone(),
            region: told.region.clone(),
            website: told.website.clone(),
            domain: told.domain.clone(),
            identifiers: identifiers.collect(),
        }
    }
}

/// An organisation, valid by construction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "OrganisationInput")]
pub struct Organisation {
    /// The name in at least one language.
    pub name: Localized<Name>,
    /// Other names, each once, in the order given; at most [`Self::MAX_ALIASES`].
    pub aliases: Vec<Name>,
    /// The kind of organisation.
    pub category: Category,
    /// The country; there always is one where there is a region.
    pub country: Option<Country>,
    /// The region, which lies in the country.
    pub region: Option<Region>,
    /// The address of its pages.
    pub website: Option<Website>,
    /// The DNS name by which the world asks for it.
    pub domain: Option<Domain>,
    /// Numbers in public registers, each once, sorted; at most [`Self::MAX_IDENTIFIERS`].
    pub identifiers: Vec<Identifier>,
}

impl Organisation {
    /// The most aliases an organisation may have.
    pub const MAX_ALIASES: usize = 20;

    /// The most identifiers an organisation may have.
    pub const MAX_IDENTIFIERS: usize = 10;

    /// Reads an organisation, or reports every wrong field at its JSON Pointer (RFC 6901).
    ///
    /// A region without a country brings its country. Codes: those of the fields' types,
    /// `natural_person`, `too_many`, `duplicate`, `region_outside_country`, and `no_key` where there is neither an
    /// identifier nor a domain.
    pub fn parse(input: OrganisationInput) -> Result<Self, Vec<FieldError>> {
        let mut errors = Refusals::default();
        if input.identifiers.is_empty() && input.domain.is_none() {
            errors.add(no_key(), "/identifiers");
        }
        let name = errors.take_all("/name", Localized::parse(&input.name));
        let aliases = errors.aliases(&input.aliases);
        let category = errors.take("/category", Category::of_organisation(&input.category));
        let country = errors.take_optional("/country", input.country, Country::parse);
        let region = errors.take_optional("/region", input.region, Region::parse);
        let website = errors.take_optional("/website", input.website, Website::parse);
        let domain = errors.take_optional("/domain", input.domain, Domain::parse);
        let identifiers = errors.identifiers(&input.identifiers);
        if let (Some(country), Some(region)) = (country, region) {
            errors.take("/region", region.check_lies_in(country));
        }
        match (name, category) {
            (Some(name), Some(category)) if errors.0.is_empty() => Ok(Self {
                name,
                aliases,
                category,
                country: country.or(region.map(Region::country)),
                region,
                website,
                domain,
                identifiers,
            }),
            _ => Err(errors.0),
        }
    }

    /// The keys by which the world asks for this organisation, sorted: identifiers and domain.
    pub fn claim_keys(&self) -> Vec<String> {
        let identifiers = self.identifiers.iter().map(Identifier::key);
        let mut keys: Vec<String> = identifiers
            .chain(self.domain.as_ref().map(Domain::key))
            .collect();
        keys.sort();
        keys
    }
}

impl TryFrom<OrganisationInput> for Organisation {
    type Error = FieldError;

    /// Reads an organisation from storage, where the first wrong field is enough to know.
    fn try_from(input: OrganisationInput) -> Result<Self, FieldError> {
        Self::parse(input).map_err(|errors| {
            let first = errors.into_iter().next();
            first.unwrap_or_else(|| no_key().at(""))
        })
    }
}

/// The refusals met so far, each at its pointer.
#[derive(Default)]
struct Refusals(Vec<FieldError>);

impl Refusals {
    fn add(&mut self, refusal: Invalid, pointer: &str) {
        self.0.push(refusal.at(pointer));
    }

    fn take<T>(&mut self, pointer: &str, parsed: Result<T, Invalid>) -> Option<T> {
        parsed.map_err(|refusal| self.add(refusal, pointer)).ok()
    }

    fn take_all<T>(&mut self, parent: &str, parsed: Result<T, Vec<FieldError>>) -> Option<T> {
        parsed
            .map_err(|refusals| {
                let refusals = refusals.into_iter();
                self.0.extend(refusals.map(|refusal| refusal.under(parent)));
            })
            .ok()
    }

    fn take_optional<T>(
        &mut self,
        pointer: &str,
        raw: Option<String>,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<T> {
        self.take(pointer, parse(&raw?))
    }

    /// The aliases without repetitions.
    fn aliases(&mut self, raw: &[String]) -> Vec<Name> {
        if raw.len() > Organisation::MAX_ALIASES {
            self.add(too_many("aliases", Organisation::MAX_ALIASES), "/aliases");
            return Vec::new();
        }
        let mut aliases = Vec::with_capacity(raw.len());
        for (position, raw) in raw.iter().enumerate() {
            let pointer = format!("/aliases{}", pointer_to(&position.to_string()));
            if let Some(alias) = self.take(&pointer, Name::parse(raw))
                && !aliases.contains(&alias)
            {
                aliases.push(alias);
            }
        }
        aliases
    }

    /// The identifiers, sorted; a repetition is refused, since another was probably meant.
    fn identifiers(&mut self, raw: &[IdentifierInput]) -> Vec<Identifier> {
        if raw.len() > Organisation::MAX_IDENTIFIERS {
            let refusal = too_many("identifiers", Organisation::MAX_IDENTIFIERS);
            self.add(refusal, "/identifiers");
            return Vec::new();
        }
        let mut identifiers = BTreeSet::new();
        for (position, raw) in raw.iter().enumerate() {
            let pointer = format!("/identifiers{}", pointer_to(&position.to_string()));
            match Identifier::parse(&raw.scheme, &raw.value) {
                Ok(identifier) if identifiers.contains(&identifier) => {
                    self.add(duplicate(), &pointer);
                }
                Ok(identifier) => {
                    identifiers.insert(identifier);
                }
                Err(refusal) => self.0.push(refusal.under(&pointer)),
            }
        }
        identifiers.into_iter().collect()
    }
}

fn no_key() -> Invalid {
    Invalid::new(
        "no_key",
        "Neither an identifier nor a domain is given; at least one identifier or a domain is \
         required, so that the organisation can be found and told from others.",
    )
}

fn too_many(what: &str, limit: usize) -> Invalid {
    Invalid::new(
        "too_many",
        format!("More {what} are given than the {limit} that are accepted."),
    )
}

fn duplicate() -> Invalid {
    Invalid::new(
        "duplicate",
        "This identifier is given twice; each is expected once.",
    )
}

#[cfg(test)]
mod tests;
