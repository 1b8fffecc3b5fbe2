//! The public form of a checked version, from which its digest is taken.

use super::definition::{
    ByLanguage, CategoryDefinition, ClauseDefinition, Definition, EligibilityDefinition,
    FieldDefinition, FounderDefinition, MemorandumDefinition, PolicyDefinition, SectionDefinition,
};
use super::{CharterVersion, Founder, Memorandum, Policy};
use crate::rules::text::{Lang, Localized, Name};
use crate::rules::word::Word;

impl CharterVersion {
    /// The canonical document: all of the version, texts inline.
    ///
    /// What `serde_json` writes of it is RFC 8785 JSON, and its digest is the version's. Lists
    /// without an order of their own are sorted, so that the order in which a file gives them
    /// does not matter.
    pub fn canonical_document(&self) -> Definition {
        Definition {
            clauses: self
                .clauses
                .iter()
                .map(|clause| ClauseDefinition {
                    id: clause.id.to_string(),
                    section: clause.section.as_ref().map(ToString::to_string),
                    title: names(&clause.title),
                })
                .collect(),
            custodian: names(&self.custodian),
            effective_on: self.effective_on.map(|day| day.to_string()),
            eligibility: EligibilityDefinition {
                categories: self
                    .eligibility
                    .categories
                    .iter()
                    .map(|category| CategoryDefinition {
                        code: category.code.as_str().to_owned(),
                        name: names(&category.name),
                    })
                    .collect(),
                countries: self.eligibility.countries.as_ref().map(|countries| {
                    countries
                        .iter()
                        .map(|country| country.as_str().to_owned())
                        .collect()
                }),
            },
            founders: self.founders.iter().map(founder).collect(),
            languages: self.languages.iter().map(ToString::to_string).collect(),
            memorandum: memorandum(&self.memorandum),
            policy: policy(&self.policy),
            sections: self
                .sections
                .iter()
                .map(|section| SectionDefinition {
                    id: section.id.to_string(),
                    title: names(&section.title),
                })
                .collect(),
            signing_forms: self.signing_forms.iter().map(ToString::to_string).collect(),
            slug: self.slug.as_str().to_owned(),
            source_note: self
                .source_note
                .as_ref()
                .map(|note| texts(note.iter().map(|(l, t)| (l, t.as_str())))),
            text: texts(
                self.text
                    .iter()
                    .map(|(language, text)| (language, text.as_str())),
            ),
            title: names(&self.title),
            version: i64::from(self.version),
        }
    }
}

fn names(names: &Localized<Name>) -> ByLanguage {
    texts(
        names
            .iter()
            .map(|(language, name)| (language, name.as_str())),
    )
}

fn texts<'a>(texts: impl Iterator<Item = (&'a Lang, &'a str)>) -> ByLanguage {
    ByLanguage(
        texts
            .map(|(language, text)| (language.to_string(), text.to_owned()))
            .collect(),
    )
}

fn founder(founder: &Founder) -> FounderDefinition {
    FounderDefinition {
        aliases: founder
            .aliases
            .iter()
            .map(|alias| alias.as_str().to_owned())
            .collect(),
        name: names(&founder.name),
    }
}

fn memorandum(memorandum: &Memorandum) -> MemorandumDefinition {
    MemorandumDefinition {
        fields: memorandum
            .fields
            .iter()
            .map(|field| FieldDefinition {
                id: field.id.as_str().to_owned(),
                label: names(&field.label),
                required: field.required,
            })
            .collect(),
        template: texts(
            memorandum
                .templates
                .iter()
                .map(|(language, template)| (language, template.source().as_str())),
        ),
    }
}

fn policy(policy: &Policy) -> PolicyDefinition {
    PolicyDefinition {
        days_of_validity: policy.days_of_validity.map(i64::from),
        days_to_reply: policy.days_to_reply.map(i64::from),
        days_until_lapse: policy.days_until_lapse.map(i64::from),
        domain_proof_required: policy.domain_proof_required,
        two_persons: policy
            .two_persons
            .iter()
            .map(|kind| kind.as_str().to_owned())
            .collect(),
    }
}
