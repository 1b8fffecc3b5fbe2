//! A moment of the registry's past, as people and programs ask for it.

use chrono::{DateTime, Datelike as _, Utc};

use super::text::Invalid;

/// As of when something is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// At this time: everything counts that happened up to it.
    At(DateTime<Utc>),
    /// Once the log's entry of this index was appended.
    Entry(u64),
}

impl Moment {
    /// Reads a time (RFC 3339, a year of four digits) or an index of the log.
    ///
    /// Code: `malformed_moment`.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let malformed = || {
            Invalid::new(
                "malformed_moment",
                "This is no moment; a time such as \"2026-11-22T10:00:00Z\" or an index of the log is expected.",
            )
        };
        if !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_digit()) {
            return raw.parse().map(Self::Entry).map_err(|_| malformed());
        }
        let at = DateTime::parse_from_rfc3339(raw).map_err(|_| malformed())?;
        let at = at.with_timezone(&Utc);
        if (1..=9999).contains(&at.year()) {
            Ok(Self::At(at))
        } else {
            Err(malformed())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Moment;

    #[test]
    fn a_moment_is_a_time_or_an_index() {
        let at = |text: &str| Moment::At(text.parse().unwrap());
        for (raw, moment) in [
            ("0", Moment::Entry(0)),
            ("18446744073709551615", Moment::Entry(u64::MAX)),
            ("2026-11-22T10:00:00Z", at("2026-11-22T10:00:00Z")),
            ("2026-11-22T13:00:00.5+03:00", at("2026-11-22T10:00:00.5Z")),
            ("0001-01-01T00:00:00Z", at("0001-01-01T00:00:00Z")),
        ] {
            assert_eq!(Moment::parse(raw).unwrap(), moment, "{raw}");
        }
        for raw in [
            "",
            "-1",
            "+1",
            "1e3",
            "18446744073709551616",
            "2026-11-22",
            "2026-11-22T10:00:00",
            "2026-11-22T25:00:00Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59-01:00",
            "10000-01-01T00:00:00Z",
            "now",
            "\u{0}",
        ] {
            let refused = Moment::parse(raw).unwrap_err();
            assert_eq!(refused.code, "malformed_moment", "{raw}");
        }
    }
}
