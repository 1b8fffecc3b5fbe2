//! Countries and their subdivisions, as ISO 3166-1 and ISO 3166-2 name them.
//!
//! The table `region/regions.tsv` has the codes, English and Russian names of Debian's iso-codes
//! 4.15 (LGPL-2.1+). Which codes a map draws is the map's affair.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::rules::text::Invalid;

/// Code, type, English name, Russian name (empty where there is none), under one heading line.
static TABLE: LazyLock<BTreeMap<&'static str, Names>> = LazyLock::new(|| {
    include_str!("region/regions.tsv")
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut columns = line.split('\t');
            let code = columns.next()?;
            let _kind = columns.next()?;
            let english = columns.next()?;
            let russian = columns.next().filter(|name| !name.is_empty());
            Some((code, Names { english, russian }))
        })
        .collect()
});

struct Names {
    english: &'static str,
    russian: Option<&'static str>,
}

/// The table's own copy of a code, and nothing for a code it does not have.
fn known(code: &str) -> Option<&'static str> {
    TABLE.get_key_value(code).map(|(code, _)| *code)
}

fn name_of(code: &str, lang: &str) -> Option<&'static str> {
    let names = TABLE.get(code)?;
    match lang {
        "en" => Some(names.english),
        "ru" => names.russian,
        _ => None,
    }
}

/// A country by its ISO 3166-1 alpha-2 code, such as `RU`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Country(&'static str);

impl Country {
    /// Reads a code in either letter case. Code: `unknown_country`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let code = raw.to_ascii_uppercase();
        known(&code)
            .filter(|code| !code.contains('-'))
            .map(Self)
            .ok_or_else(|| {
                Invalid::new(
                    "unknown_country",
                    "This is not a country code of ISO 3166-1; two letters such as \"RU\" are \
                     expected.",
                )
            })
    }

    /// The code in upper case.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The name in English (`en`) or Russian (`ru`), where the table has one.
    pub fn name(self, lang: &str) -> Option<&'static str> {
        name_of(self.0, lang)
    }
}

/// A subdivision of a country by its ISO 3166-2 code, such as `RU-AMU`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Region(&'static str);

impl<'de> Deserialize<'de> for Region {
    /// Written by hand: a derived one would want to borrow for ever.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

impl Region {
    /// Reads a code in either letter case. Code: `unknown_region`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let code = raw.to_ascii_uppercase();
        known(&code)
            .filter(|code| code.contains('-'))
            .map(Self)
            .ok_or_else(|| {
                Invalid::new(
                    "unknown_region",
                    "This is not a region code of ISO 3166-2; one such as \"RU-AMU\" is expected.",
                )
            })
    }

    /// The code in upper case.
    pub fn as_str(self) -> &'static str {
        self.0
    }

    /// The country that the code begins with.
    pub fn country(self) -> Country {
        Country(self.0.split('-').next().unwrap_or(self.0))
    }

    /// The name in English (`en`) or Russian (`ru`), where the table has one.
    pub fn name(self, lang: &str) -> Option<&'static str> {
        name_of(self.0, lang)
    }

    /// Refuses a region that lies in another country. Code: `region_outside_country`.
    pub fn check_lies_in(self, country: Country) -> Result<(), Invalid> {
        if self.country() == country {
            return Ok(());
        }
        Err(Invalid::new(
            "region_outside_country",
            format!(
                "The region {self} does not lie in the country {country}; correct one of them."
            ),
        ))
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.0)
    }
}

impl TryFrom<String> for Country {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(&raw)
    }
}

impl TryFrom<String> for Region {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(&raw)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_table_is_read_whole() {
        let regions = TABLE.keys().filter(|code| code.contains('-')).count();
        assert_eq!((TABLE.len() - regions, regions), (249, 5127));
    }

    #[test]
    fn every_region_lies_in_a_known_country() {
        for code in TABLE.keys().filter(|code| code.contains('-')) {
            let country = Region::parse(code).unwrap().country();
            assert_eq!(Country::parse(country.as_str()), Ok(country));
        }
    }

    #[test]
    fn names_are_given_in_the_languages_of_the_table() {
        let russia = Country::parse("RU").unwrap();
        assert_eq!(russia.name("en"), Some("Russian Federation"));
        assert_eq!(russia.name("de"), None);
        let amur = Region::parse("RU-AMU").unwrap();
        assert_eq!(amur.name("en"), Some("Amurskaja oblast'"));
        assert_eq!(amur.name("ru"), Some("Амурская область"));
    }

    #[test]
    fn a_region_without_a_russian_name_says_so() {
        let nameless = TABLE
            .iter()
            .find(|(_, names)| names.russian.is_none())
            .unwrap()
            .0;
        assert_eq!(Region::parse(nameless).unwrap().name("ru"), None);
    }

    #[test]
    fn codes_are_read_in_either_case_and_kept_in_upper_case() {
        assert_eq!(Country::parse("ru").unwrap().as_str(), "RU");
        assert_eq!(Region::parse("ru-amu").unwrap().to_string(), "RU-AMU");
    }

    #[test]
    fn unknown_codes_are_refused() {
        for raw in ["", "XX", "RUS", "643", "RU-AMU", "code", " RU", "РУ"] {
            assert_eq!(
                Country::parse(raw).unwrap_err().code,
                "unknown_country",
                "{raw}"
            );
        }
        for raw in ["", "RU", "RU-", "RU-XXX", "AMU", "XX-AMU", "RU AMU"] {
            assert_eq!(
                Region::parse(raw).unwrap_err().code,
                "unknown_region",
                "{raw}"
            );
        }
    }

    #[test]
    fn a_region_lies_in_its_own_country_only() {
        let amur = Region::parse("RU-AMU").unwrap();
        assert_eq!(amur.check_lies_in(Country::parse("RU").unwrap()), Ok(()));
        let refusal = amur
            .check_lies_in(Country::parse("CN").unwrap())
            .unwrap_err();
        assert_eq!(refusal.code, "region_outside_country");
    }

    #[test]
    fn json_keeps_the_code() {
        let region: Region = serde_json::from_str("\"RU-AMU\"").unwrap();
        assert_eq!(serde_json::to_string(&region).unwrap(), "\"RU-AMU\"");
        assert!(serde_json::from_str::<Country>("\"XX\"").is_err());
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(raw in any::<String>()) {
            let _ = (Country::parse(&raw), Region::parse(&raw));
        }
    }
}
