//! How many requests are served: the budgets, and how the setting writes them.

use std::{collections::BTreeMap, num::NonZeroU32};

/// The longest window, in seconds: a day.
const MAX_SECONDS: u32 = 86_400;

/// What requests are counted against: of a client's network, or of whose token they carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Budget {
    /// A network's reads without a token.
    Reads,
    /// A network's other requests without a token.
    Writes,
    /// A network's applications.
    Applications,
    /// A network's records to verify.
    Verifications,
    /// A network's tokens that are not valid.
    Failures,
    /// A token holder's reads.
    TokenReads,
    /// A token holder's changes.
    TokenWrites,
    /// A token holder's applications.
    TokenApplications,
    /// A token holder's scans and other files, either way.
    TokenFiles,
}

impl Budget {
    /// Every budget, with its name and what it allows unless set: requests in so many seconds.
    pub const ALL: [(Self, &'static str, Rate); 9] = [
        (Self::Reads, "reads", Rate::new(1200, 60)),
        (Self::Writes, "writes", Rate::new(120, 60)),
        (Self::Applications, "applications", Rate::new(60, 3600)),
        (Self::Verifications, "verifications", Rate::new(300, 60)),
        (Self::Failures, "failures", Rate::new(30, 60)),
        (Self::TokenReads, "token-reads", Rate::new(3000, 60)),
        (Self::TokenWrites, "token-writes", Rate::new(1200, 60)),
        (
            Self::TokenApplications,
            "token-applications",
            Rate::new(1200, 3600),
        ),
        (Self::TokenFiles, "token-files", Rate::new(240, 60)),
    ];

    /// The name, as settings, headers and metrics give it.
    pub fn name(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(budget, ..)| *budget == self)
            .map_or("", |(_, name, _)| name)
    }
}

/// So many requests in so many seconds; all of them may come at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// How many requests.
    pub requests: NonZeroU32,
    /// In how many seconds.
    pub seconds: NonZeroU32,
}

impl Rate {
    const fn new(requests: u32, seconds: u32) -> Self {
        let one = NonZeroU32::MIN;
        Self {
            requests: one.saturating_add(requests.saturating_sub(1)),
            seconds: one.saturating_add(seconds.saturating_sub(1)),
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (requests, seconds) = text.split_once('/')?;
        let whole = |text: &str| {
            let digits = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<NonZeroU32>().ok().filter(|_| digits)
        };
        let (requests, seconds) = (whole(requests)?, whole(seconds)?);
        let in_range = requests.get() <= 1_000_000 && seconds.get() <= MAX_SECONDS;
        in_range.then_some(Self { requests, seconds })
    }
}

/// What each budget allows; a budget that is not here is unlimited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateLimits(BTreeMap<Budget, Rate>);

impl RateLimits {
    /// Reads `off`, `default`, or a list of `name=requests/seconds` and `name=off` that changes the defaults.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut limits: BTreeMap<_, _> = Budget::ALL
            .into_iter()
            .map(|(budget, _, rate)| (budget, rate))
            .collect();
        match text {
            "off" => limits.clear(),
            "default" => {}
            list => {
                for item in list.split(',').map(str::trim) {
                    let (name, rate) = item.split_once('=').ok_or_else(|| {
                        format!("has {item:?}, which is no name=requests/seconds")
                    })?;
                    let (budget, ..) = Budget::ALL
                        .into_iter()
                        .find(|(_, known, _)| *known == name)
                        .ok_or_else(|| format!("has {name:?}, which is no budget"))?;
                    if rate == "off" {
                        limits.remove(&budget);
                    } else {
                        let rate = Rate::parse(rate).ok_or_else(|| {
                            format!("has {rate:?}, which is no requests/seconds (1 to 1000000 in 1 to 86400)")
                        })?;
                        limits.insert(budget, rate);
                    }
                }
            }
        }
        Ok(Self(limits))
    }

    /// The budgets that are limited.
    pub fn iter(&self) -> impl Iterator<Item = (Budget, Rate)> {
        self.0.iter().map(|(budget, rate)| (*budget, *rate))
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, Rate, RateLimits};

    #[test]
    fn a_list_changes_the_defaults_and_off_ends_them() {
        assert_eq!(RateLimits::parse("off").unwrap().iter().count(), 0);
        let default = RateLimits::parse("default").unwrap();
        assert_eq!(default.iter().count(), Budget::ALL.len());
        let changed = RateLimits::parse("reads=5/10, token-reads=off").unwrap();
        let found: Vec<_> = changed.iter().collect();
        assert!(found.contains(&(Budget::Reads, Rate::new(5, 10))));
        assert!(
            found
                .iter()
                .all(|(budget, _)| *budget != Budget::TokenReads)
        );
        assert!(found.contains(&(Budget::Writes, Rate::new(120, 60))));
    }

    #[test]
    fn what_is_no_limit_is_refused() {
        for text in [
            "reads",
            "reads=",
            "reads=1",
            "reads=0/1",
            "reads=1/0",
            "reads=+1/1",
            "reads=1/86401",
            "reads=1000001/1",
            "reading=1/1",
            "off,off",
            "reads=1/1,",
        ] {
            assert!(RateLimits::parse(text).is_err(), "{text}");
        }
    }
}
