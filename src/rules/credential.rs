//! For how long a membership credential is valid, and how often it is signed anew.

use charter_proof::credential::MAX_VALIDITY;
use chrono::{DateTime, TimeDelta, Utc};

/// The shortest validity that can be set.
const LEAST_HOURS: i64 = 2;

/// Validity and period of the registry's credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Term {
    /// For how long one is valid.
    pub validity: TimeDelta,
    /// How long the same one is given; at most half of its validity.
    pub period: TimeDelta,
}

impl Term {
    /// Reads the validity, a number of hours.
    pub fn parse_validity(text: &str) -> Result<TimeDelta, String> {
        let longest = MAX_VALIDITY.num_hours();
        text.parse()
            .ok()
            .filter(|hours| (LEAST_HOURS..=longest).contains(hours))
            .map(TimeDelta::hours)
            .ok_or_else(|| format!("is {text:?}"))
    }

    /// Reads the period, a number of minutes, for credentials of this validity.
    pub fn parse(text: &str, validity: TimeDelta) -> Result<Self, String> {
        text.parse()
            .ok()
            .filter(|minutes| (1..=validity.num_minutes() / 2).contains(minutes))
            .map(|minutes| Self {
                validity,
                period: TimeDelta::minutes(minutes),
            })
            .ok_or_else(|| {
                let hours = validity.num_hours();
                format!("is {text:?} for credentials that are valid for {hours} hours")
            })
    }

    /// From when until when the credential of now is valid that tells of something that happened at `since`.
    ///
    /// Periods begin at whole multiples of their length, on every instance at the same time.
    pub fn window(
        &self,
        now: DateTime<Utc>,
        since: DateTime<Utc>,
    ) -> (DateTime<Utc>, DateTime<Utc>) {
        let into = now.timestamp().rem_euclid(self.period.num_seconds().max(1));
        let began = DateTime::from_timestamp(now.timestamp() - into, 0).unwrap_or(now);
        (began.max(since), began + self.validity)
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::Term;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn a_validity_is_at_most_a_week_and_a_period_at_most_half_of_it() {
        let day = TimeDelta::hours(24);
        for (text, expected) in [
            ("2", Some(2)),
            ("168", Some(168)),
            ("1", None),
            ("169", None),
        ] {
            let read = Term::parse_validity(text).ok();
            assert_eq!(read, expected.map(TimeDelta::hours), "{text}");
        }
        for (text, expected) in [
            ("1", Some(1)),
            ("720", Some(720)),
            ("0", None),
            ("721", None),
        ] {
            let read = Term::parse(text, day).ok().map(|term| term.period);
            assert_eq!(read, expected.map(TimeDelta::minutes), "{text}");
        }
        for other in ["", "-1", "1.5", "1h", " 1"] {
            assert!(Term::parse_validity(other).is_err() && Term::parse(other, day).is_err());
        }
    }

    #[test]
    fn the_same_window_holds_throughout_a_period_and_begins_with_what_it_tells_of() {
        let term = Term {
            validity: TimeDelta::hours(24),
            period: TimeDelta::hours(1),
        };
        let long_ago = at("2020-01-01T00:00:00Z");
        let (from, until) = (at("2026-11-22T10:00:00Z"), at("2026-11-23T10:00:00Z"));
        for now in ["2026-11-22T10:00:00Z", "2026-11-22T10:59:59.9Z"] {
            assert_eq!(term.window(at(now), long_ago), (from, until), "{now}");
        }
        let next = term.window(at("2026-11-22T11:00:00Z"), long_ago);
        assert_eq!(next, (from + term.period, until + term.period));
        let since = at("2026-11-22T10:30:00Z");
        let now = at("2026-11-22T10:31:00Z");
        assert_eq!(term.window(now, since), (since, until));
    }
}
