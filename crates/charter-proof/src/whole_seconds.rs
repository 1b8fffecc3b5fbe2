//! Instants as signed documents and log entries write them: RFC 3339, UTC, whole seconds.
//!
//! For `#[serde(with = "crate::whole_seconds")]`; a fraction of a second is dropped.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Deserializer, Serializer};

const FORM: &str = "%Y-%m-%dT%H:%M:%SZ";

/// `2026-11-22T03:13:00Z`.
pub(crate) fn text(at: &DateTime<Utc>) -> String {
    at.format(FORM).to_string()
}

/// Reads [`text`] back, and no other spelling of an instant.
pub(crate) fn parse(written: &str) -> Option<DateTime<Utc>> {
    let at = NaiveDateTime::parse_from_str(written, FORM).ok()?.and_utc();
    (text(&at) == written).then_some(at)
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
    use super::{parse, text};

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
            "",
        ] {
            assert_eq!(parse(other), None, "{other:?}");
        }
    }
}
