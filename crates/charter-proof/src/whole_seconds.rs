//! Instants as signed documents and log entries write them: RFC 3339, UTC, whole seconds.
//!
//! For `#[serde(with = "crate::whole_seconds")]`; a fraction of a second is dropped.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, Serializer};

const FORM: &str = "%Y-%m-%dT%H:%M:%SZ";

/// `2026-11-22T03:13:00Z`.
pub(crate) fn text(at: &DateTime<Utc>) -> String {
    at.format(FORM).to_string()
}

/// Reads [`text`] back, and no other spelling of an instant.
pub(crate) fn parse(written: &str) -> Option<DateTime<Utc>> {
    at_once(written).or_else(|| {
        let at = NaiveDateTime::parse_from_str(written, FORM).ok()?.and_utc();
        (text(&at) == written).then_some(at)
    })
}

/// The same for what is written most: digits in their places, and no leap second.
fn at_once(written: &str) -> Option<DateTime<Utc>> {
    let written: &[u8; 20] = written.as_bytes().try_into().ok()?;
    let is_form = written
        .iter()
        .zip(b"dddd-dd-ddTdd:dd:ddZ")
        .all(|(byte, form)| match form {
            b'd' => byte.is_ascii_digit(),
            other => byte == other,
        });
    if !is_form {
        return None;
    }
    let number = |from: usize, to: usize| {
        let digits = written.get(from..to)?.iter();
        Some(digits.fold(0, |number, digit| number * 10 + u32::from(digit - b'0')))
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    let date = NaiveDate::from_ymd_opt(year, number(5, 7)?, number(8, 10)?)?;
    let time = date.and_hms_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?)?;
    Some(time.and_utc())
}

pub(crate) fn serialize<S: Serializer>(at: &DateTime<Utc>, into: S) -> Result<S::Ok, S::Error> {
    into.serialize_str(&text(at))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<DateTime<Utc>, D::Error> {
    let written = String::deserialize(from)?;
    parse(&written).ok_or_else(|| {
        serde::de::Error::custom(format!(
            "{written:?} is not an instant of the form 2026-11-22T03:13:00Z"
        ))
    })
}

/// The same for what may be absent; where it is written, it is an instant and not null.
pub(crate) mod optional {
    use super::{DateTime, Deserializer, Serializer, Utc};

    #[expect(clippy::ref_option, reason = "serde calls it with the field")]
    pub(crate) fn serialize<S: Serializer>(
        at: &Option<DateTime<Utc>>,
        into: S,
    ) -> Result<S::Ok, S::Error> {
        match at {
            Some(at) => super::serialize(at, into),
            None => into.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<DateTime<Utc>>, D::Error> {
        super::deserialize(from).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;

    use super::{at_once, parse, text};

    #[test]
    fn an_instant_is_written_in_utc_with_whole_seconds_and_read_back() {
        let at = parse("2026-11-22T03:13:00Z").unwrap();
        assert_eq!(text(&at), "2026-11-22T03:13:00Z");
        assert_eq!(
            text(&(at + chrono::TimeDelta::milliseconds(999))),
            text(&at)
        );
    }

    #[test]
    fn any_other_spelling_of_an_instant_is_refused() {
        for other in [
            "2026-11-22T03:13:00.0Z",
            "2026-11-22T03:13:00+00:00",
            "2026-11-22t03:13:00z",
            "2026-11-22 03:13:00Z",
            "2026-11-22T3:13:00Z",
            " 2026-11-22T03:13:00Z",
            "2026-11-22T03:13:00Z ",
            "2026-02-30T03:13:00Z",
            "2026-02-03T24:00:00Z",
            "2026-02-03T03:60:00Z",
            "2026-02-03T03:13:61Z",
            "",
        ] {
            assert_eq!(parse(other), None, "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn an_instant_of_four_digits_of_years_is_read_at_once(seconds in -62_167_219_200_i64..253_402_300_800) {
            let at = DateTime::from_timestamp(seconds, 0).unwrap();
            prop_assert_eq!(at_once(&text(&at)), Some(at));
        }
    }
}
