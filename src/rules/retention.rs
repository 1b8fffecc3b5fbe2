//! How long persons are kept.

use chrono::{DateTime, TimeDelta, Utc};

/// The most days that can be said: a hundred years.
const MOST_DAYS: u32 = 36_500;

/// For how long after something ended its persons are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Until they ask to be erased.
    Always,
    /// For this time.
    For(TimeDelta),
}

impl Keep {
    /// Reads a number of days, or `off`.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Always);
        }
        text.parse()
            .ok()
            .filter(|days| (1..=MOST_DAYS).contains(days))
            .map(|days| Self::For(TimeDelta::days(i64::from(days))))
            .ok_or_else(|| format!("is {text:?}"))
    }

    /// What ended before this time is not kept any more; `None` where everything is.
    pub fn until(self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Always => None,
            Self::For(time) => Some(now - time),
        }
    }
}

/// How long the persons of each kind of application are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Of applications that ended without a membership.
    pub applicants: Keep,
    /// Of applications whose membership ended.
    pub members: Keep,
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::Keep;

    #[test]
    fn a_time_is_a_number_of_days_or_off() {
        assert_eq!(Keep::parse("off"), Ok(Keep::Always));
        assert_eq!(Keep::parse("1"), Ok(Keep::For(TimeDelta::days(1))));
        let longest = Keep::For(TimeDelta::days(36_500));
        assert_eq!(Keep::parse("36500"), Ok(longest));
        for wrong in ["", "0", "-1", "36501", "1 d", "Off", "1.5"] {
            assert!(Keep::parse(wrong).is_err(), "{wrong}");
        }
        let now = "2026-11-22T10:00:00Z".parse().unwrap();
        assert_eq!(Keep::Always.until(now), None);
        assert!(longest.until(now).unwrap() < now);
    }
}
