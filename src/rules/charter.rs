//! A charter's version: its text and clauses, who may accede and how, who founded it.
//!
//! [`Definition`] is the written form: a file, a request body, the canonical document.
//! [`Definition::check`] makes a [`CharterVersion`] of it, which is right by construction, and
//! [`CharterVersion::canonical_document`] leads back. Start there; `check` holds every rule,
//! `template` the memorandum.

mod canonical;
mod check;
mod definition;
mod markdown;
mod template;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fmt;

use chrono::NaiveDate;
use serde::de::{Deserializer, Error as _};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;

use super::decision;
use super::memorandum::SigningForm;
use super::organisation::Category;
use super::region::Country;
use super::text::{FieldError, Invalid, Lang, Localized, Name, Prose, Slug};

pub use definition::{
    ByLanguage, CategoryDefinition, ClauseDefinition, Definition, EligibilityDefinition,
    FieldDefinition, FounderDefinition, MemorandumDefinition, PolicyDefinition, SectionDefinition,
};
pub use markdown::Markdown;
use template::Template;
pub use template::{MemorandumFields, MemorandumRefusal, Placeholder};

/// One version of a charter, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CharterVersion {
    slug: Slug,
    version: u32,
    title: Localized<Name>,
    custodian: Localized<Name>,
    languages: Vec<Lang>,
    effective_on: Option<NaiveDate>,
    source_note: Option<Localized<Prose>>,
    text: Localized<Markdown>,
    sections: Vec<Section>,
    clauses: Vec<Clause>,
    eligibility: Eligibility,
    memorandum: Memorandum,
    signing_forms: Vec<SigningForm>,
    policy: Policy,
    founders: Vec<Founder>,
}

/// A part of a charter, under which clauses stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Its letter or number.
    pub id: ClauseId,
    /// Its heading.
    pub title: Localized<Name>,
}

/// A provision that a complaint or a decision can cite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its number.
    pub id: ClauseId,
    /// What it says, in a line.
    pub title: Localized<Name>,
    /// The section it stands under.
    pub section: Option<ClauseId>,
}

/// The number of a clause or section, such as `B` or `B.5`.
///
/// Latin letters and digits in parts joined by dots, at most 32 characters. Code:
/// `malformed_clause_id`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClauseId(String);

/// Who may accede. Natural persons never may: there is no category for them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Eligibility {
    categories: Vec<EligibleCategory>,
    countries: Option<Vec<Country>>,
}

/// A category of organisations that may accede.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EligibleCategory {
    /// Its code, which records carry.
    pub code: Category,
    /// Its name for people.
    pub name: Localized<Name>,
}

/// The memorandum of accession: its template in each language and the fields its parties fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Memorandum {
    templates: BTreeMap<Lang, Template>,
    fields: Vec<MemorandumField>,
}

/// A field that the parties fill in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemorandumField {
    /// The placeholder it fills.
    pub id: Placeholder,
    /// Its label in a form.
    pub label: Localized<Name>,
    /// Whether it must be filled.
    pub required: bool,
}

/// A charter's rules for the desk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    domain_proof_required: bool,
    two_persons: Vec<decision::Kind>,
    days_to_reply: Option<u16>,
    days_until_lapse: Option<u16>,
    days_of_validity: Option<u16>,
}

/// An organisation that founded the charter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Founder {
    /// Its name.
    pub name: Localized<Name>,
    /// Other names it is known by.
    pub aliases: Vec<Name>,
}

impl CharterVersion {
    /// The charter's name in addresses.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// The version's number, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The charter's title.
    pub fn title(&self) -> &Localized<Name> {
        &self.title
    }

    /// Who keeps the charter.
    pub fn custodian(&self) -> &Localized<Name> {
        &self.custodian
    }

    /// The languages in which every text of the version is given, sorted.
    pub fn languages(&self) -> &[Lang] {
        &self.languages
    }

    /// The day since which the version holds.
    pub fn effective_on(&self) -> Option<NaiveDate> {
        self.effective_on
    }

    /// Where the full text comes from.
    pub fn source_note(&self) -> Option<&Localized<Prose>> {
        self.source_note.as_ref()
    }

    /// The text.
    pub fn text(&self) -> &Localized<Markdown> {
        &self.text
    }

    /// The parts of the charter, in their order.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The clauses, in the charter's order.
    pub fn clauses(&self) -> &[Clause] {
        &self.clauses
    }

    /// The clause numbered `id`.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id.as_str() == id)
    }

    /// Who may accede.
    pub fn eligibility(&self) -> &Eligibility {
        &self.eligibility
    }

    /// Whether organisations of `category` may accede.
    pub fn accepts_category(&self, category: &Category) -> bool {
        self.eligibility
            .categories
            .iter()
            .any(|accepted| accepted.code == *category)
    }

    /// Whether organisations of `country` may accede.
    pub fn accepts_country(&self, country: Country) -> bool {
        self.eligibility
            .countries
            .as_ref()
            .is_none_or(|accepted| accepted.contains(&country))
    }

    /// The fields of the memorandum, in the order of a form.
    pub fn memorandum_fields(&self) -> &[MemorandumField] {
        &self.memorandum.fields
    }

    /// The memorandum's text in `language`: the exact bytes that are hashed and signed.
    pub fn memorandum_text(
        &self,
        language: &Lang,
        fields: &MemorandumFields,
    ) -> Result<String, MemorandumRefusal> {
        let (Some(template), Some(charter)) = (
            self.memorandum.templates.get(language),
            self.title.get(language),
        ) else {
            return Err(MemorandumRefusal::NoSuchLanguage(language.clone()));
        };
        let position_required = self
            .memorandum
            .fields
            .iter()
            .any(|field| field.id == Placeholder::Position && field.required);
        if position_required && fields.position.is_none() {
            return Err(MemorandumRefusal::PositionMissing);
        }
        Ok(template.fill(charter, fields))
    }

    /// The memorandum's form to fill in by hand, in `language` if the version has it.
    pub fn memorandum_form(&self, language: &Lang) -> Option<String> {
        let template = self.memorandum.templates.get(language)?;
        Some(template.blank(self.title.get(language)?))
    }

    /// Whether a memorandum signed in `form` is accepted.
    pub fn accepts_signing(&self, form: SigningForm) -> bool {
        self.signing_forms.contains(&form)
    }

    /// The forms of signing accepted, sorted.
    pub fn signing_forms(&self) -> &[SigningForm] {
        &self.signing_forms
    }

    /// The rules for the desk.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The organisations that founded the charter.
    pub fn founders(&self) -> &[Founder] {
        &self.founders
    }

    /// The founder that bears one of `names`, whatever their case, quotation marks and spacing.
    pub fn founder_named(&self, names: &[&str]) -> Option<&Founder> {
        let asked: Vec<String> = names.iter().map(|name| folded(name)).collect();
        self.founders
            .iter()
            .find(|founder| founder.folded_names().any(|name| asked.contains(&name)))
    }
}

impl ClauseId {
    /// Reads a number such as `B.5`.
    pub fn parse(id: &str) -> Result<Self, Invalid> {
        let parts_are_plain = id
            .split('.')
            .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        if parts_are_plain && id.len() <= 32 {
            Ok(Self(id.to_owned()))
        } else {
            Err(Invalid::new(
                "malformed_clause_id",
                "This is not the number of a clause; at most 32 Latin letters and digits in parts \
                 joined by dots are expected, as in \"B.5\".",
            ))
        }
    }

    /// The number as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClauseId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl Eligibility {
    /// The categories of organisations accepted; never empty.
    pub fn categories(&self) -> &[EligibleCategory] {
        &self.categories
    }

    /// The countries accepted; `None` where any is.
    pub fn countries(&self) -> Option<&[Country]> {
        self.countries.as_deref()
    }
}

impl Policy {
    /// Whether an applicant must prove that it controls its domain.
    pub fn domain_proof_required(&self) -> bool {
        self.domain_proof_required
    }

    /// Whether one registrar must propose a decision of this kind and another approve it.
    pub fn needs_two_persons(&self, kind: decision::Kind) -> bool {
        self.two_persons.contains(&kind)
    }

    /// Days a member has to answer a complaint, 1 to 365.
    ///
    /// `None` leaves it to the registry's configuration.
    pub fn days_to_reply(&self) -> Option<u16> {
        self.days_to_reply
    }

    /// Days without progress after which an application lapses, 1 to 730.
    ///
    /// `None` leaves it to the registry's configuration.
    pub fn days_until_lapse(&self) -> Option<u16> {
        self.days_until_lapse
    }

    /// Days for which an accession holds, 30 to 36,500; `None` is without end.
    pub fn days_of_validity(&self) -> Option<u16> {
        self.days_of_validity
    }
}

impl Founder {
    /// Every name it bears, folded for comparison.
    fn folded_names(&self) -> impl Iterator<Item = String> {
        self.name
            .iter()
            .map(|(_, name)| name)
            .chain(&self.aliases)
            .map(|name| folded(name.as_str()))
    }
}

/// A name reduced to what people compare: lower-case words of letters and digits, `ё` as `е`.
fn folded(name: &str) -> String {
    let lower = name
        .nfkc()
        .collect::<String>()
        .to_lowercase()
        .replace('ё', "е");
    lower
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

impl Serialize for CharterVersion {
    /// Writes the canonical document.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.canonical_document().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CharterVersion {
    /// Reads a canonical document and checks it.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Definition::deserialize(deserializer)?
            .check()
            .map_err(|faults| {
                let told: Vec<String> = faults.iter().map(FieldError::to_string).collect();
                D::Error::custom(told.join("; "))
            })
    }
}
