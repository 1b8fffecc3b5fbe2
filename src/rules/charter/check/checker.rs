//! The means of checking: faults are collected, and what is at fault is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::super::definition::{ByLanguage, pointer};
use crate::rules::text::{FieldError, Invalid, Lang, Localized, Name};

/// Collects faults while the parts are read, and knows the definition's languages.
pub(super) struct Checker {
    pub(super) faults: Vec<FieldError>,
    /// In the definition's order.
    declared: Vec<Lang>,
    languages: BTreeSet<Lang>,
}

impl Checker {
    /// Begins with the definition's languages, without which no text can be checked.
    pub(super) fn new(languages: &[String]) -> Result<Self, Vec<FieldError>> {
        let mut checker = Self {
            faults: Vec::new(),
            declared: languages
                .iter()
                .filter_map(|language| Lang::parse(language).ok())
                .collect(),
            languages: BTreeSet::new(),
        };
        checker.languages = checker.set("/languages", languages, Lang::parse);
        if checker.faults.is_empty() {
            Ok(checker)
        } else {
            Err(checker.faults)
        }
    }

    /// The languages in the definition's order: the first is the charter's own.
    pub(super) fn languages(&self) -> Vec<Lang> {
        self.declared.clone()
    }

    pub(super) fn refuse(&mut self, at: String, code: &'static str, detail: &str) {
        self.faults.push(Invalid::new(code, detail).at(at));
    }

    pub(super) fn parsed<T>(
        &mut self,
        at: impl Into<String>,
        outcome: Result<T, Invalid>,
    ) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(invalid) => {
                self.faults.push(invalid.at(at));
                None
            }
        }
    }

    pub(super) fn number<T: TryFrom<i64> + Copy + PartialOrd + Display>(
        &mut self,
        at: &str,
        given: i64,
        least: T,
        most: T,
    ) -> Option<T> {
        let number = T::try_from(given)
            .ok()
            .filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.refuse(
                at.to_owned(),
                "out_of_range",
                &format!("{given} is out of range; give a number from {least} to {most}."),
            );
        }
        number
    }

    /// A list without repetitions that may not be empty.
    pub(super) fn set<T: Ord>(
        &mut self,
        at: &str,
        given: &[String],
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> BTreeSet<T> {
        let mut values = BTreeSet::new();
        for (index, code) in given.iter().enumerate() {
            if let Some(value) = self.parsed(pointer(at, index), parse(code)) {
                self.first_time(&mut values, value, pointer(at, index));
            }
        }
        self.not_empty(at, given);
        values
    }

    pub(super) fn first_time<T: Ord>(&mut self, seen: &mut BTreeSet<T>, value: T, at: String) {
        if !seen.insert(value) {
            self.refuse(at, "duplicate", "This is given twice; remove one.");
        }
    }

    pub(super) fn not_empty<T>(&mut self, at: &str, given: &[T]) {
        if given.is_empty() {
            self.refuse(
                at.to_owned(),
                "empty",
                "The list is empty; give at least one.",
            );
        }
    }

    /// Texts in exactly the definition's languages.
    pub(super) fn localized<T>(
        &mut self,
        at: &str,
        given: &ByLanguage,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> Option<Localized<T>> {
        let texts = self.by_language(at, given, parse);
        if texts.is_empty() {
            return None;
        }
        self.parsed(at, Localized::new(texts))
    }

    pub(super) fn by_language<T>(
        &mut self,
        at: &str,
        given: &ByLanguage,
        parse: impl Fn(&str) -> Result<T, Invalid>,
    ) -> BTreeMap<Lang, T> {
        let missing: Vec<_> = self
            .languages
            .iter()
            .filter(|language| !given.0.contains_key(language.as_str()))
            .cloned()
            .collect();
        for language in missing {
            let detail = format!("The charter's language {language} is missing here; add it.");
            self.refuse(pointer(at, language), "missing_language", &detail);
        }
        let mut texts = BTreeMap::new();
        for (code, text) in &given.0 {
            let Some(language) = self
                .languages
                .iter()
                .find(|language| language.as_str() == code)
                .cloned()
            else {
                self.refuse(
                    pointer(at, code),
                    "unknown_language",
                    "This is not among the charter's languages; add it there or remove it here.",
                );
                continue;
            };
            if let Some(value) = self.parsed(pointer(at, code), parse(text)) {
                texts.insert(language, value);
            }
        }
        texts
    }

    pub(super) fn names(&mut self, at: &str, given: &ByLanguage) -> Option<Localized<Name>> {
        self.localized(at, given, Name::parse)
    }
}
