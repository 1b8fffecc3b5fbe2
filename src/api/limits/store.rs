//! Where the limiters keep what is used up, in bounded memory.

use std::{
    collections::HashMap,
    hash::Hash,
    net::{IpAddr, Ipv4Addr},
    sync::{Mutex, MutexGuard, PoisonError},
};

use governor::{
    nanos::Nanos,
    state::{StateStore, keyed::ShrinkableKeyedStateStore},
};
use uuid::Uuid;

/// How many keys are kept apart: at 33 bytes each, in a table of at most twice their number, 2 MiB a budget.
pub const CAPACITY: usize = 32_768;

/// Against what a request is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Key {
    /// One IPv4 address; with zeros at its end where many share a count.
    V4(Ipv4Addr),
    /// The first half of an IPv6 address: what one client is given (RFC 6177), and moves in freely.
    V6([u8; 8]),
    /// Clients whose address is not known.
    Unknown,
    /// Whoever holds the token: an operator, a partner, an application.
    Holder(Uuid),
}

impl Key {
    /// The key of a client's network.
    pub fn of_network(client: Option<IpAddr>) -> Self {
        match client {
            Some(IpAddr::V4(address)) => Self::V4(address),
            Some(IpAddr::V6(address)) => {
                let network = address.octets().first_chunk().copied();
                network.map_or(Self::Unknown, Self::V6)
            }
            None => Self::Unknown,
        }
    }

    /// The key that it shares with others while there are too many.
    fn crowd(self) -> Self {
        match self {
            Self::V4(address) => {
                let [a, ..] = address.octets();
                Self::V4(Ipv4Addr::new(a, 0, 0, 0))
            }
            Self::V6([a, b, ..]) => Self::V6([a, b, 0, 0, 0, 0, 0, 0]),
            Self::Unknown => Self::Unknown,
            Self::Holder(_) => Self::Holder(Uuid::nil()),
        }
    }
}

/// What a limiter is asked: about whom, and whether the request counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Asked {
    key: Key,
    counts: bool,
}

impl Asked {
    /// A request that counts.
    pub const fn counted(key: Key) -> Self {
        Self { key, counts: true }
    }

    /// A look that counts nothing.
    pub const fn looked(key: Key) -> Self {
        Self { key, counts: false }
    }
}

/// The states of one budget: for each key, when it would be whole again.
///
/// While there is no room for another key, newcomers share the count of their wider network. So a flood of addresses
/// fills no memory, and slows down those who come from the same part of the world, not everybody.
#[derive(Debug, Default)]
pub struct Store(Mutex<States>);

#[derive(Debug, Default)]
struct States {
    apart: HashMap<Key, Nanos>,
    crowds: HashMap<Key, Nanos>,
}

impl Store {
    fn states(&self) -> MutexGuard<'_, States> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateStore for Store {
    type Key = Asked;

    fn measure_and_replace<T, F, E>(&self, asked: &Asked, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut states = self.states();
        let has_room = states.apart.len() < CAPACITY || states.apart.contains_key(&asked.key);
        let (map, key) = if has_room {
            (&mut states.apart, asked.key)
        } else {
            (&mut states.crowds, asked.key.crowd())
        };
        let (decision, next) = decide(map.get(&key).copied())?;
        if asked.counts {
            map.insert(key, next);
        }
        Ok(decision)
    }
}

impl ShrinkableKeyedStateStore<Asked> for Store {
    /// Forgets the keys that are whole again: they are as good as new ones.
    fn retain_recent(&self, drop_below: Nanos) {
        let mut states = self.states();
        states
            .apart
            .retain(|_, whole_again| *whole_again > drop_below);
        states
            .crowds
            .retain(|_, whole_again| *whole_again > drop_below);
        if states.crowds.is_empty() {
            states.crowds.shrink_to_fit();
        }
    }

    fn len(&self) -> usize {
        self.states().apart.len()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

    use super::{CAPACITY, Key};
    use crate::{
        api::limits::Limits,
        clock::{Clock, Source},
        config::limits::{Budget, RateLimits},
        desk::Actor,
    };
    use std::{
        sync::{
            Arc,
            atomic::{AtomicU64, Ordering},
        },
        time::Duration,
    };

    /// Seconds that a test counts.
    #[derive(Default)]
    struct Seconds(AtomicU64);

    impl Source for Seconds {
        fn now(&self) -> chrono::DateTime<chrono::Utc> {
            chrono::DateTime::UNIX_EPOCH + self.elapsed()
        }

        fn elapsed(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::Relaxed))
        }

        fn fill(&self, _: &mut [u8]) {}
    }

    #[test]
    fn a_flood_of_addresses_fills_no_memory_and_is_forgotten() {
        let seconds = Arc::new(Seconds::default());
        let rates = RateLimits::parse("reads=2/10").unwrap();
        let limits = Limits::new(&rates, &Clock::of(seconds.clone()));
        let ask = |address: IpAddr| {
            let standing = limits.count(Budget::Reads, Actor::Anonymous, Some(address));
            standing.unwrap().check().is_ok()
        };
        let attacker = 0x2001_0db8_u128 << 96;
        for network in 0..200_000_u128 {
            ask(Ipv6Addr::from_bits(attacker | (network << 64)).into());
        }
        let states = &limits.0[&Budget::Reads].states;
        assert_eq!(states.len(), CAPACITY);
        // The rest of them shares one count, and others of other networks have theirs.
        assert!(!ask(Ipv6Addr::from_bits(attacker | (999_999 << 64)).into()));
        assert!(ask(Ipv4Addr::new(192, 0, 2, 1).into()));
        // Once they are as good as new ones, there is room again.
        seconds.0.store(20, Ordering::Relaxed);
        assert!(ask(Ipv6Addr::from_bits(attacker | (999_999 << 64)).into()));
        assert_eq!(states.len(), 1);
    }

    #[test]
    fn a_client_that_moves_within_its_ipv6_network_stays_the_same() {
        let key = |text: &str| Key::of_network(Some(text.parse().unwrap()));
        assert_eq!(key("2001:db8:1:2::1"), key("2001:db8:1:2:ffff::"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }
}
