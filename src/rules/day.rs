//! A calendar day as people and programs write it.

use chrono::NaiveDate;
use serde::Deserialize;

use super::text::Invalid;

/// A day as RFC 3339 §5.6 writes it (`full-date`): `2026-11-22`, with a year of four digits.
///
/// Years beyond those have no form that every reader knows, and not every database has them. Code:
/// `malformed_date`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct Day(pub NaiveDate);

impl Day {
    /// Reads a day.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let malformed = || {
            Invalid::new(
                "malformed_date",
                "This is not a day; one such as \"2021-11-29\" is expected.",
            )
        };
        let day: NaiveDate = raw.parse().map_err(|_| malformed())?;
        // Signs, missing zeros and longer years are read, too, but not written so.
        if raw.len() == 10 && day.to_string() == raw {
            Ok(Self(day))
        } else {
            Err(malformed())
        }
    }
}

impl std::str::FromStr for Day {
    type Err = Invalid;

    fn from_str(raw: &str) -> Result<Self, Invalid> {
        Self::parse(raw)
    }
}

impl TryFrom<String> for Day {
    type Error = Invalid;

    fn try_from(raw: String) -> Result<Self, Invalid> {
        Self::parse(&raw)
    }
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn a_day_has_a_year_of_four_digits_and_is_in_the_calendar() {
        for day in ["2026-11-22", "2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(Day::parse(day).unwrap().0.to_string(), day);
        }
        for text in [
            "",
            "2026-11-31",
            "2023-02-29",
            "2026-1-2",
            "22.11.2026",
            "2026-11-22T00:00:00Z",
            " 2026-11-22",
            "-0044-03-15",
            "+2026-11-22",
            "+12026-11-22",
            "-99999-01-01",
        ] {
            assert_eq!(
                Day::parse(text).unwrap_err().code,
                "malformed_date",
                "{text}"
            );
        }
    }
}
