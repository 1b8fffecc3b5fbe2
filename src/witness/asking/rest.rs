//! How long a witness that failed is left alone: longer after each further failure.

use std::time::Duration;

/// How long after the first failure; twice as long after each further one.
const FIRST: Duration = Duration::from_secs(1);

/// How long at most.
const LONGEST: Duration = Duration::from_mins(5);

/// A witness's rest, by the time that never goes back ([`Clock::elapsed`](crate::clock::Clock::elapsed)).
#[derive(Debug, Default)]
pub(super) struct Rest {
    failures: u32,
    until: Duration,
}

impl Rest {
    /// Rests after one more failure, up to a quarter shorter as this random byte says, so that those who failed together
    /// are not asked together. Returns whether it was the first.
    pub(super) fn begin(&mut self, now: Duration, dice: u8) -> bool {
        let whole = FIRST
            .saturating_mul(1 << self.failures.min(16))
            .min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.until = now + whole / 4 * 3 + whole / 4 * u32::from(255 - dice) / 255;
        self.failures == 1
    }

    /// Ends it after an answer, and says whether there had been failures.
    pub(super) fn end(&mut self) -> bool {
        std::mem::take(self).failures > 0
    }

    /// Whether it lasts.
    pub(super) fn lasts(&self, now: Duration) -> bool {
        self.failures > 0 && now < self.until
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Rest;

    #[test]
    fn each_failure_doubles_the_rest_up_to_five_minutes_and_an_answer_ends_it() {
        let seconds = Duration::from_secs;
        for dice in [0, 100, 255] {
            let (mut rest, mut now) = (Rest::default(), seconds(1000));
            assert!(!rest.lasts(now));
            for (failure, longest) in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]
                .into_iter()
                .enumerate()
            {
                assert_eq!(rest.begin(now, dice), failure == 0);
                let shortest = seconds(longest) * 3 / 4;
                assert!(rest.lasts(now + shortest.saturating_sub(Duration::from_millis(1))));
                assert!(!rest.lasts(now + seconds(longest)), "{failure}");
                assert_eq!(rest.lasts(now + shortest), dice < 255, "{failure}");
                now += seconds(longest);
            }
            assert!(rest.end());
            assert!(!rest.end());
            assert!(rest.begin(now, dice) && !rest.lasts(now + seconds(1)));
        }
    }
}
