//! Languages, and values given in several of them.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};

use super::{FieldError, Invalid, parsed_string, pointer_to};

/// A language: a BCP 47 tag of language, optional script, optional region.
///
/// Letter case is made canonical (RFC 5646 §2.1.1): `ru`, `sr-Latn`, `zh-Hant-TW`, `es-419`.
/// Code: `invalid_language`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Lang(String);

parsed_string!(Lang);

impl Lang {
    /// Reads a language tag.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        canonical_tag(raw).map(Self).ok_or_else(|| {
            Invalid::new(
                "invalid_language",
                "This is not a language tag that is accepted here; expected are two or three \
                 letters, as in \"ru\", with script and region where needed, as in \"sr-Latn-RS\".",
            )
        })
    }

    /// The language without script and region: `zh` of `zh-Hant-TW`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

fn canonical_tag(raw: &str) -> Option<String> {
    let letters = |s: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&s.len()) && s.bytes().all(|b| b.is_ascii_alphabetic())
    };
    let mut subtags = raw.split('-').peekable();
    let mut tag = subtags.next_if(|s| letters(s, 2..=3))?.to_ascii_lowercase();
    if let Some(script) = subtags.next_if(|s| letters(s, 4..=4)) {
        let (initial, rest) = script.split_at_checked(1)?;
        tag.push('-');
        tag.push_str(&initial.to_ascii_uppercase());
        tag.push_str(&rest.to_ascii_lowercase());
    }
    let is_un_area = |s: &str| s.len() == 3 && s.bytes().all(|b| b.is_ascii_digit());
    if let Some(region) = subtags.next_if(|s| letters(s, 2..=2) || is_un_area(s)) {
        tag.push('-');
        tag.push_str(&region.to_ascii_uppercase());
    }
    subtags.next().is_none().then_some(tag)
}

/// A value in at least one language, as JSON `{"en": …, "ru": …}`.
///
/// The first language in alphabetical order is kept apart, so that there always is one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(
    try_from = "BTreeMap<Lang, T>",
    bound(deserialize = "T: Deserialize<'de>")
)]
pub struct Localized<T> {
    first: (Lang, T),
    others: BTreeMap<Lang, T>,
}

impl<T> Localized<T> {
    /// The most languages one value may have.
    pub const MAX_LANGUAGES: usize = 50;

    /// Takes values that are already parsed. Codes: `empty`, `too_many`.
    pub fn new(mut values: BTreeMap<Lang, T>) -> Result<Self, Invalid> {
        if values.len() > Self::MAX_LANGUAGES {
            return Err(too_many_languages(Self::MAX_LANGUAGES));
        }
        match values.pop_first() {
            Some(first) => Ok(Self {
                first,
                others: values,
            }),
            None => Err(Invalid::new(
                "empty",
                "No language is given; a value in at least one is expected.",
            )),
        }
    }

    /// The value in exactly this language.
    pub fn get(&self, lang: &Lang) -> Option<&T> {
        if self.first.0 == *lang {
            return Some(&self.first.1);
        }
        self.others.get(lang)
    }

    /// Every language with its value, in alphabetical order of the tags.
    pub fn iter(&self) -> impl Iterator<Item = (&Lang, &T)> {
        std::iter::once((&self.first.0, &self.first.1)).chain(&self.others)
    }

    /// The same languages, with this value in each.
    #[must_use]
    pub fn all_as(&self, value: &T) -> Self
    where
        T: Clone,
    {
        let others = self.others.keys();
        Self {
            first: (self.first.0.clone(), value.clone()),
            others: others.map(|lang| (lang.clone(), value.clone())).collect(),
        }
    }

    /// The value for a reader who prefers these languages, best first.
    ///
    /// Each preference is tried exactly, then by its primary language (`ru` serves `ru-RU`); a
    /// reader of none of the languages gets the first in alphabetical order.
    pub fn preferred(&self, preferences: &[Lang]) -> (&Lang, &T) {
        preferences
            .iter()
            .find_map(|wanted| {
                self.iter().find(|(lang, _)| *lang == wanted).or_else(|| {
                    self.iter()
                        .find(|(lang, _)| lang.primary() == wanted.primary())
                })
            })
            .unwrap_or((&self.first.0, &self.first.1))
    }
}

impl<T: FromStr<Err = Invalid>> Localized<T> {
    /// Reads languages and values, reporting every wrong one at its JSON Pointer (`/ru`).
    ///
    /// Codes: those of [`Lang`] and of the value, `empty`, `too_many`, `duplicate_language`.
    pub fn parse(raw: &BTreeMap<String, String>) -> Result<Self, Vec<FieldError>> {
        if raw.len() > Self::MAX_LANGUAGES {
            return Err(vec![too_many_languages(Self::MAX_LANGUAGES).at("")]);
        }
        let mut values = BTreeMap::new();
        let mut errors = Vec::new();
        for (raw_lang, raw_value) in raw {
            let pointer = pointer_to(raw_lang);
            match (Lang::parse(raw_lang), raw_value.parse()) {
                (Ok(lang), Ok(value)) => {
                    if values.insert(lang, value).is_some() {
                        errors.push(duplicate_language().at(pointer));
                    }
                }
                (Err(error), _) | (_, Err(error)) => errors.push(error.at(pointer)),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        Self::new(values).map_err(|error| vec![error.at("")])
    }
}

impl<T> TryFrom<BTreeMap<Lang, T>> for Localized<T> {
    type Error = Invalid;

    fn try_from(values: BTreeMap<Lang, T>) -> Result<Self, Invalid> {
        Self::new(values)
    }
}

impl<T: Serialize> Serialize for Localized<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

fn too_many_languages(limit: usize) -> Invalid {
    Invalid::new(
        "too_many",
        format!("More languages are given than the {limit} that are accepted."),
    )
}

fn duplicate_language() -> Invalid {
    Invalid::new(
        "duplicate_language",
        "This language is given twice in different spellings; one value for each is expected.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::text::Name;

    fn lang(tag: &str) -> Lang {
        Lang::parse(tag).unwrap()
    }

    fn names(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(lang, name)| ((*lang).to_owned(), (*name).to_owned()))
            .collect()
    }

    #[test]
    fn a_language_tag_takes_its_canonical_case() {
        for (raw, canonical) in [
            ("ru", "ru"),
            ("RU", "ru"),
            ("udm", "udm"),
            ("sr-latn", "sr-Latn"),
            ("ZH-HANT-tw", "zh-Hant-TW"),
            ("pt-br", "pt-BR"),
            ("es-419", "es-419"),
        ] {
            assert_eq!(lang(raw).as_str(), canonical);
        }
    }

    #[test]
    fn what_is_not_a_language_tag_is_refused() {
        for raw in [
            "",
            "r",
            "russian",
            "ru_RU",
            "ru-",
            "-ru",
            "ru-RUS",
            "ru-RU-Latn",
            "ру",
            "e1",
            "en-x-twain",
            "ru ",
            "de-1996",
        ] {
            assert_eq!(
                Lang::parse(raw).unwrap_err().code,
                "invalid_language",
                "{raw}"
            );
        }
    }

    #[test]
    fn a_reader_gets_the_language_that_comes_nearest_to_the_preferences() {
        let name = Localized::<Name>::parse(&names(&[
            ("en", "School"),
            ("ru", "Школа"),
            ("sr-Latn", "Škola"),
        ]))
        .unwrap();
        for (preferences, expected) in [
            (vec!["ru"], "Школа"),
            (vec!["fr", "ru"], "Школа"),
            (vec!["ru-RU", "en"], "Школа"),
            (vec!["sr"], "Škola"),
            (vec!["fr"], "School"),
            (vec![], "School"),
        ] {
            let preferences: Vec<Lang> = preferences.into_iter().map(lang).collect();
            assert_eq!(name.preferred(&preferences).1.as_str(), expected);
        }
    }

    #[test]
    fn every_wrong_language_and_value_is_reported_at_its_pointer() {
        let long = "a".repeat(301);
        let errors =
            Localized::<Name>::parse(&names(&[("a/b", "x"), ("en", "Fine"), ("ru", &long)]))
                .unwrap_err();
        let found: Vec<_> = errors
            .iter()
            .map(|e| (e.pointer.as_str(), e.code))
            .collect();
        assert_eq!(found, [("/a~1b", "invalid_language"), ("/ru", "too_long")]);
    }

    #[test]
    fn one_language_in_two_spellings_is_refused() {
        let errors = Localized::<Name>::parse(&names(&[("RU", "А"), ("ru", "Б")])).unwrap_err();
        assert_eq!(errors.first().unwrap().code, "duplicate_language");
    }

    #[test]
    fn no_language_at_all_is_refused() {
        let errors = Localized::<Name>::parse(&BTreeMap::new()).unwrap_err();
        assert_eq!((errors[0].pointer.as_str(), errors[0].code), ("", "empty"));
        assert!(serde_json::from_str::<Localized<Name>>("{}").is_err());
    }

    #[test]
    fn json_keeps_languages_as_keys() {
        let json = r#"{"en":"School","ru":"Школа"}"#;
        let name: Localized<Name> = serde_json::from_str(json).unwrap();
        assert_eq!(name.get(&lang("ru")).unwrap().as_str(), "Школа");
        assert_eq!(name.get(&lang("de")), None);
        assert_eq!(name.iter().count(), 2);
        assert_eq!(serde_json::to_string(&name).unwrap(), json);
    }
}
