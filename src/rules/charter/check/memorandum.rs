//! What the memorandum must fulfil: its fields and its templates name the same things.

use std::collections::BTreeSet;

use super::super::definition::{MemorandumDefinition, pointer};
use super::super::template::{Placeholder, Template};
use super::super::{Memorandum, MemorandumField};
use super::checker::Checker;
use crate::rules::text::Prose;

impl Checker {
    pub(super) fn memorandum(&mut self, given: &MemorandumDefinition) -> Memorandum {
        let fields = self.memorandum_fields(given);
        let templates = self.by_language("/memorandum/template", &given.template, |text| {
            Template::parse(Prose::parse(text)?)
        });
        for (language, template) in &templates {
            let at = pointer("/memorandum/template", language);
            for placeholder in Placeholder::ALL
                .into_iter()
                .filter(|known| *known != Placeholder::Charter)
            {
                let is_field = fields.iter().any(|field| field.id == placeholder);
                if is_field != template.mentions(placeholder) {
                    let name = placeholder.as_str();
                    let detail = format!(
                        "`{name}` is either in the template or among `fields`; it must be in both."
                    );
                    self.refuse(at.clone(), "fields_differ", &detail);
                }
            }
        }
        Memorandum { templates, fields }
    }

    fn memorandum_fields(&mut self, given: &MemorandumDefinition) -> Vec<MemorandumField> {
        let mut seen = BTreeSet::new();
        let mut fields = Vec::new();
        for (index, field) in given.fields.iter().enumerate() {
            let at = pointer("/memorandum/fields", index);
            let id =
                Placeholder::from_name(&field.id).filter(|known| *known != Placeholder::Charter);
            if id.is_none() {
                self.refuse(
                    pointer(&at, "id"),
                    "unknown_field",
                    "Give one of date, organisation, fullName, position, signature.",
                );
            }
            let label = self.names(&pointer(&at, "label"), &field.label);
            if let (Some(id), Some(label)) = (id, label) {
                self.first_time(&mut seen, id, pointer(&at, "id"));
                if !field.required && id != Placeholder::Position {
                    self.refuse(
                        pointer(&at, "required"),
                        "must_be_required",
                        "Only `position` may be left empty; set this to true.",
                    );
                }
                fields.push(MemorandumField {
                    id,
                    label,
                    required: field.required,
                });
            }
        }
        for needed in [
            Placeholder::Date,
            Placeholder::Organisation,
            Placeholder::FullName,
            Placeholder::Signature,
        ] {
            if !given.fields.iter().any(|field| field.id == needed.as_str()) {
                let detail = format!(
                    "A memorandum needs the field `{}`; add it.",
                    needed.as_str()
                );
                self.refuse("/memorandum/fields".to_owned(), "missing_field", &detail);
            }
        }
        fields
    }
}
