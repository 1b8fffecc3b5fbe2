//! Drills: many rounds of what must not go wrong however it falls out. Short among the tests, long by `cargo xtask`.
//!
//! What a client does in a round is drawn from dice that are thrown by the drill's seed, so that a run can be
//! repeated; which client comes first is the machine's to say.

mod change;
mod erase;
mod kill;
mod mirrors;
mod onlooker;
mod power;
mod race;
mod rolling;

use std::{
    env,
    ops::Range,
    sync::atomic::{AtomicBool, Ordering},
};

use charter_registry::clock::Clock;

/// How often, and which rounds: `DRILL_ROUNDS` and `DRILL_SEED`, or else few and any.
pub struct Drill {
    name: &'static str,
    seed: u64,
    rounds: u64,
}

impl Drill {
    /// A drill that has this many rounds among the tests.
    pub fn of(name: &'static str, rounds: u64) -> Self {
        let told = |name| env::var(name).ok().map(|value| value.parse().unwrap());
        let drawn = || u64::from(u32::from_be_bytes(Clock::system().random()));
        let drill = Self {
            name,
            seed: told("DRILL_SEED").unwrap_or_else(drawn),
            rounds: told("DRILL_ROUNDS").unwrap_or(rounds),
        };
        println!("{name}: {} rounds, seed {}", drill.rounds, drill.seed);
        drill
    }

    /// The rounds, by number.
    pub fn rounds(&self) -> Range<u64> {
        0..self.rounds
    }

    /// The dice of a client in a round.
    pub fn dice(&self, round: u64, client: usize) -> Dice {
        let client = u64::try_from(client).unwrap();
        Dice(self.seed ^ (round << 32) ^ (client << 56))
    }

    /// Says what was found, once everything held.
    pub fn passed(&self, found: &str) {
        let Self { name, seed, rounds } = self;
        println!("{name}: passed {rounds} rounds with seed {seed}: {found}");
    }
}

/// A row of numbers that looks like chance and is the same for the same seed (`SplitMix64`).
pub struct Dice(u64);

impl Dice {
    /// A number below this one.
    pub fn throw(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % sides
    }
}

/// Says that it is over when it goes, also where a drill breaks off.
pub struct Ending<'a>(pub &'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
