//! What a definition must fulfil to be a charter's version; every fault is found at one pass.

mod checker;
mod memorandum;

use std::collections::BTreeSet;

use checker::Checker;

use super::definition::{Definition, FounderDefinition, PolicyDefinition, pointer};
use super::markdown::Markdown;
use super::{
    CharterVersion, Clause, ClauseId, Eligibility, EligibleCategory, Founder, Policy, Section,
};
use crate::rules::day::Day;
use crate::rules::decision;
use crate::rules::organisation::Category;
use crate::rules::region::Country;
use crate::rules::text::{FieldError, Invalid, Name, Prose, Slug};
use crate::rules::word::Word;

/// Checks `definition`; tells every fault found.
pub(super) fn check(definition: &Definition) -> Result<CharterVersion, Vec<FieldError>> {
    let mut checker = Checker::new(&definition.languages)?;
    let slug = checker.parsed("/slug", Slug::parse(&definition.slug));
    let version = checker.number("/version", definition.version, 1, u32::MAX);
    let title = checker.names("/title", &definition.title);
    let custodian = checker.names("/custodian", &definition.custodian);
    let effective_on = definition
        .effective_on
        .as_deref()
        .and_then(|day| checker.parsed("/effectiveOn", Day::parse(day)))
        .map(|day| day.0);
    let source_note = definition
        .source_note
        .as_ref()
        .and_then(|note| checker.localized("/sourceNote", note, Prose::parse));
    let text = checker.localized("/text", &definition.text, Markdown::parse);
    let sections = checker.sections(definition);
    let clauses = checker.clauses(definition, &sections);
    let eligibility = checker.eligibility(definition);
    let memorandum = checker.memorandum(&definition.memorandum);
    let signing_forms = checker.set("/signingForms", &definition.signing_forms, word);
    let policy = checker.policy(&definition.policy);
    let founders = checker.founders(&definition.founders);

    match (slug, version, title, custodian, text) {
        (Some(slug), Some(version), Some(title), Some(custodian), Some(text))
            if checker.faults.is_empty() =>
        {
            Ok(CharterVersion {
                slug,
                version,
                title,
                custodian,
                languages: checker.languages(),
                effective_on,
                source_note,
                text,
                sections,
                clauses,
                eligibility,
                memorandum,
                signing_forms: signing_forms.into_iter().collect(),
                policy,
                founders,
            })
        }
        _ => Err(checker.faults),
    }
}

impl Checker {
    fn sections(&mut self, definition: &Definition) -> Vec<Section> {
        let mut seen = BTreeSet::new();
        let mut sections = Vec::new();
        for (index, given) in definition.sections.iter().enumerate() {
            let at = pointer("/sections", index);
            let id = self.parsed(pointer(&at, "id"), ClauseId::parse(&given.id));
            let title = self.names(&pointer(&at, "title"), &given.title);
            if let (Some(id), Some(title)) = (id, title) {
                self.first_time(&mut seen, id.clone(), pointer(&at, "id"));
                sections.push(Section { id, title });
            }
        }
        sections
    }

    fn clauses(&mut self, definition: &Definition, sections: &[Section]) -> Vec<Clause> {
        let mut seen = BTreeSet::new();
        let mut clauses = Vec::new();
        for (index, given) in definition.clauses.iter().enumerate() {
            let at = pointer("/clauses", index);
            let id = self.parsed(pointer(&at, "id"), ClauseId::parse(&given.id));
            let title = self.names(&pointer(&at, "title"), &given.title);
            let section = given.section.as_ref().and_then(|asked| {
                let known = sections.iter().find(|section| section.id.as_str() == asked);
                if known.is_none() {
                    self.refuse(
                        pointer(&at, "section"),
                        "unknown_section",
                        "No section has this id; add it to `sections` or correct it.",
                    );
                }
                known.map(|section| section.id.clone())
            });
            if let (Some(id), Some(title)) = (id, title) {
                self.first_time(&mut seen, id.clone(), pointer(&at, "id"));
                clauses.push(Clause { id, title, section });
            }
        }
        self.not_empty("/clauses", &definition.clauses);
        clauses
    }

    fn eligibility(&mut self, definition: &Definition) -> Eligibility {
        let given = &definition.eligibility;
        let mut seen = BTreeSet::new();
        let mut categories = Vec::new();
        for (index, category) in given.categories.iter().enumerate() {
            let at = pointer("/eligibility/categories", index);
            let code = self.parsed(pointer(&at, "code"), Category::parse(&category.code));
            if code.as_ref().is_some_and(Category::is_natural_person) {
                let detail = "No charter accepts natural persons; remove the category.";
                self.refuse(pointer(&at, "code"), Category::NATURAL_PERSON, detail);
            }
            let name = self.names(&pointer(&at, "name"), &category.name);
            if let (Some(code), Some(name)) = (code, name) {
                self.first_time(&mut seen, code.clone(), pointer(&at, "code"));
                categories.push(EligibleCategory { code, name });
            }
        }
        self.not_empty("/eligibility/categories", &given.categories);
        let countries = given.countries.as_ref().map(|codes| {
            self.set("/eligibility/countries", codes, Country::parse)
                .into_iter()
                .collect()
        });
        Eligibility {
            categories,
            countries,
        }
    }

    fn policy(&mut self, given: &PolicyDefinition) -> Policy {
        let two_persons = self.set(
            "/policy/twoPersons",
            &given.two_persons,
            word::<decision::Kind>,
        );
        for kind in [decision::Kind::Admission, decision::Kind::Exclusion] {
            if !given.two_persons.iter().any(|code| code == kind.as_str()) {
                let detail = format!("No charter leaves `{kind}` to one person; add it.");
                self.refuse("/policy/twoPersons".to_owned(), "missing_decision", &detail);
            }
        }
        Policy {
            domain_proof_required: given.domain_proof_required,
            two_persons: two_persons.into_iter().collect(),
            days_to_reply: given
                .days_to_reply
                .and_then(|days| self.number("/policy/daysToReply", days, 1, 365)),
            days_until_lapse: given
                .days_until_lapse
                .and_then(|days| self.number("/policy/daysUntilLapse", days, 1, 730)),
            days_of_validity: given
                .days_of_validity
                .and_then(|days| self.number("/policy/daysOfValidity", days, 30, 36_500)),
        }
    }

    fn founders(&mut self, given: &[FounderDefinition]) -> Vec<Founder> {
        let mut seen = BTreeSet::new();
        let mut founders = Vec::new();
        for (index, founder) in given.iter().enumerate() {
            let at = pointer("/founders", index);
            let name = self.names(&pointer(&at, "name"), &founder.name);
            let mut aliases = Vec::new();
            for (place, alias) in founder.aliases.iter().enumerate() {
                aliases.extend(
                    self.parsed(pointer(&pointer(&at, "aliases"), place), Name::parse(alias)),
                );
            }
            if let Some(name) = name {
                let founder = Founder { name, aliases };
                let own: BTreeSet<String> = founder.folded_names().collect();
                if !seen.is_disjoint(&own) {
                    let detail = "Another founder bears one of these names; remove it from one.";
                    self.refuse(at, "duplicate", detail);
                }
                seen.extend(own);
                founders.push(founder);
            }
        }
        founders
    }
}

fn word<T: Word>(code: &str) -> Result<T, Invalid> {
    T::from_word(code).ok_or_else(|| {
        let known: Vec<_> = T::all().iter().map(|word| word.as_str()).collect();
        Invalid::new(
            "unknown_word",
            format!(
                "This is not a {}; the known ones are {}.",
                T::KIND,
                known.join(", ")
            ),
        )
    })
}
