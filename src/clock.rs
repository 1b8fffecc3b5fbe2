//! Time and randomness: the only door to either, so that everything else takes them as parameters.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, SubsecRound, Utc};
use uuid::Uuid;

/// Where time and random bytes come from.
pub trait Source: Send + Sync {
    /// The time now.
    fn now(&self) -> DateTime<Utc>;

    /// How long this source has been there: it never goes back, whatever is done to the clock.
    fn elapsed(&self) -> Duration;

    /// Whether this is real time, which another clock can be held against.
    fn is_real(&self) -> bool {
        true
    }

    /// Fills `bytes` from a cryptographically secure generator.
    fn fill(&self, bytes: &mut [u8]);
}

/// The machine's clock and the operating system's random generator.
struct System {
    began: Instant,
}

impl Source for System {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one door to the clock"
    )]
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        self.began.elapsed()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one door to randomness"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        rand::fill(bytes);
    }
}

/// A clock and a source of randomness, to be passed on.
#[derive(Clone)]
pub struct Clock(Arc<dyn Source>);

impl Clock {
    /// The machine's own.
    pub fn system() -> Self {
        Self(Arc::new(System {
            began: Instant::now(),
        }))
    }

    /// One that takes both from `source`.
    pub fn of(source: Arc<dyn Source>) -> Self {
        Self(source)
    }

    /// The time now, in whole microseconds.
    pub fn now(&self) -> DateTime<Utc> {
        self.0.now().trunc_subsecs(6)
    }

    /// How long the clock has been there, for what must not be counted twice when the host's clock is set.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }

    /// Whether it shows real time, so that the database's clock must show the same.
    pub fn is_real(&self) -> bool {
        self.0.is_real()
    }

    /// Random bytes.
    pub fn random<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    /// A new UUID, version 7 (RFC 9562 §5.7): its order is that of time.
    pub fn uuid(&self) -> Uuid {
        let millis = u64::try_from(self.0.now().timestamp_millis()).unwrap_or_default();
        uuid::Builder::from_unix_timestamp_millis(millis, &self.random()).into_uuid()
    }
}
