//! Rate limits: how many requests a network or a token holder may send, by budget.
//!
//! A request without a token is counted against its client's network, an IPv4 address or an IPv6 /64; one with a
//! token against the token's holder, so that nobody gains by having several. Tokens that turn out to be invalid
//! are counted against the network, and once those are too many, its tokens are not looked up any more. Answers
//! carry `RateLimit` and `RateLimit-Policy` as of draft-ietf-httpapi-ratelimit-headers-10.

mod store;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use actix_web::http::{
    Method,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use governor::{
    Quota, RateLimiter, clock::Clock as GovernorClock, middleware::StateInformationMiddleware,
    nanos::Nanos,
};

use super::{
    access::Endpoint,
    problem::{ApiError, catalogue::RATE_LIMITED},
};
use crate::{
    clock::Clock,
    config::limits::{Budget, Rate, RateLimits},
    desk::Actor,
};
use store::{Asked, Key, Store};

const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The house's clock as the limiters read it: it never goes back, whatever is done to the host's clock.
#[derive(Clone)]
struct Elapsed(Clock);

impl GovernorClock for Elapsed {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        self.0.elapsed().into()
    }
}

struct Limiter {
    rate: Rate,
    states: RateLimiter<Asked, Store, Elapsed, StateInformationMiddleware>,
    /// The second in which the states were last swept.
    swept: AtomicU64,
}

impl Limiter {
    /// Forgets whom there is no need to remember, where there is no more room: at most once a second, as it takes
    /// a look at them all.
    fn make_room(&self, now: Nanos) {
        let second = now.as_u64() / 1_000_000_000;
        if self.states.len() >= store::CAPACITY
            && self.swept.swap(second, Ordering::Relaxed) != second
        {
            self.states.retain_recent();
        }
    }
}

/// The limits of this process. Several instances count apart.
pub struct Limits(BTreeMap<Budget, Limiter>);

/// How a request stands against its budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    budget: Budget,
    rate: Rate,
    /// How many more requests would be served at once.
    remaining: u32,
    /// In how many seconds a request is served again; 0 when this one is.
    wait: u64,
}

impl Limits {
    /// Limits by this clock, of which nothing is used up.
    pub fn new(rates: &RateLimits, clock: &Clock) -> Self {
        let limiters = rates.iter().filter_map(|(budget, rate)| {
            let window = Duration::from_secs(rate.seconds.get().into());
            let one_in = window / rate.requests.get();
            let quota = Quota::with_period(one_in)?.allow_burst(rate.requests);
            let states = RateLimiter::new(quota, Store::default(), Elapsed(clock.clone()));
            let swept = AtomicU64::new(0);
            Some((
                budget,
                Limiter {
                    rate,
                    states,
                    swept,
                },
            ))
        });
        Self(limiters.collect())
    }

    /// Counts a request of a client, by a token's holder where it has one.
    pub fn count(&self, budget: Budget, actor: Actor, client: Option<IpAddr>) -> Option<Standing> {
        let key = match actor {
            Actor::Applicant(id) => Key::Holder(id.0),
            Actor::Partner(id) => Key::Holder(id.0),
            Actor::Operator(id, _) => Key::Holder(id.0),
            Actor::Anonymous | Actor::Host | Actor::System => Key::of_network(client),
        };
        self.ask(budget, Asked::counted(key))
    }

    /// How a network stands, without counting anything.
    pub fn look(&self, budget: Budget, client: Option<IpAddr>) -> Option<Standing> {
        self.ask(budget, Asked::looked(Key::of_network(client)))
    }

    fn ask(&self, budget: Budget, asked: Asked) -> Option<Standing> {
        let limiter = self.0.get(&budget)?;
        let now = limiter.states.clock().now();
        limiter.make_room(now);
        let (remaining, wait) = match limiter.states.check_key(&asked) {
            Ok(state) => (state.remaining_burst_capacity(), 0),
            Err(until) => (0, whole_seconds(until.wait_time_from(now)).max(1)),
        };
        Some(Standing {
            budget,
            rate: limiter.rate,
            remaining,
            wait,
        })
    }
}

impl Standing {
    /// Refuses the request when its budget is used up.
    pub fn check(self) -> Result<(), ApiError> {
        if self.wait == 0 {
            return Ok(());
        }
        let name = self.budget.name();
        metrics::counter!("rate_limited_total", "budget" => name).increment(1);
        let Rate { requests, seconds } = self.rate;
        let wait = self.wait;
        let detail =
            format!("{name}: {requests} requests in {seconds} s are served; try again in {wait} s");
        Err(ApiError {
            retry_after: Some(wait),
            ..ApiError::new(&RATE_LIMITED, detail)
        })
    }

    /// Tells the client how it stands.
    pub fn write(self, headers: &mut HeaderMap) {
        let name = self.budget.name();
        let Rate { requests, seconds } = self.rate;
        let policy = format!("\"{name}\";q={requests};w={seconds}");
        let used = u64::from(requests.get().saturating_sub(self.remaining));
        let whole_again = (used * u64::from(seconds.get())).div_ceil(u64::from(requests.get()));
        let standing = format!("\"{name}\";r={};t={whole_again}", self.remaining);
        for (header, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, standing)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(header, value);
            }
        }
    }
}

/// The budget of an endpoint's requests; none for what supervisors and monitors ask.
pub fn budget_of(endpoint: Option<&Endpoint>, method: &Method, actor: Actor) -> Option<Budget> {
    let path = endpoint.map(|endpoint| endpoint.path).unwrap_or_default();
    // A query that is posted changes nothing.
    let reads = [Method::GET, Method::HEAD, Method::OPTIONS].contains(method)
        || matches!(path, "/authorization" | "/recognition");
    let named = actor != Actor::Anonymous;
    match path {
        "/healthz" | "/readyz" | "/metrics" => None,
        "/v1/verify" => Some(Budget::Verifications),
        path if named && path.ends_with("/scan") => Some(Budget::TokenFiles),
        path if !reads && path.ends_with("/applications") => Some(if named {
            Budget::TokenApplications
        } else {
            Budget::Applications
        }),
        _ => Some(match (named, reads) {
            (false, true) => Budget::Reads,
            (false, false) => Budget::Writes,
            (true, true) => Budget::TokenReads,
            (true, false) => Budget::TokenWrites,
        }),
    }
}

/// A duration in seconds, rounded up.
fn whole_seconds(duration: Duration) -> u64 {
    duration.as_secs() + u64::from(duration.subsec_nanos() > 0)
}
