//! What befalls the instances, the mirrors and what lies between them.

use std::{thread::sleep, time::Duration};

use super::{INSTANCES, Site};
use crate::drills::Dice;

/// How far a clock jumps, in days.
const JUMP: i32 = 400;

/// A fault, and whom it befalls, by number: the instances come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Killed.
    Kill(usize),
    /// Asked to end.
    Restart(usize),
    /// Stopped for a while.
    Freeze(usize),
    /// Its clock is wrong by so many days; it may start with that.
    Clock {
        /// Whose clock.
        whose: usize,
        /// By how much.
        days: i32,
        /// Whether it is killed and started then.
        starts: bool,
    },
    /// A mirror is off the network.
    Cut(usize),
    /// Nothing of a mirror's reaches the instance that it follows.
    Hide(usize),
    /// A process of the database is killed, and the database recovers from that.
    Database,
}

impl Fault {
    /// Some faults, each of somebody else.
    pub fn some(dice: &mut Dice, everybody: usize) -> Vec<Self> {
        let mut who: Vec<usize> = (0..everybody).collect();
        let mut faults = Vec::new();
        for _ in 0..2 + dice.throw(3) {
            let place = usize::try_from(dice.throw(u64::try_from(who.len()).unwrap())).unwrap();
            faults.push(Self::of(who.swap_remove(place), dice));
        }
        if dice.throw(5) == 0 {
            faults.push(Self::Database);
        }
        faults
    }

    fn of(whose: usize, dice: &mut Dice) -> Self {
        let is_mirror = whose >= INSTANCES;
        match dice.throw(8) {
            0 | 1 => Self::Kill(whose),
            2 => Self::Restart(whose),
            3 => Self::Freeze(whose),
            4 if is_mirror => Self::Cut(whose - INSTANCES),
            5 if is_mirror => Self::Hide(whose - INSTANCES),
            _ => Self::Clock {
                whose,
                days: if dice.throw(2) == 0 { JUMP } else { -JUMP },
                starts: dice.throw(2) == 0,
            },
        }
    }

    /// Begins.
    pub fn begin(self, site: &mut Site) {
        match self {
            Self::Kill(who) => site.actors[who].kill(),
            Self::Restart(who) => site.actors[who].terminate(),
            Self::Freeze(who) => site.actors[who].freeze(),
            Self::Clock {
                whose,
                days,
                starts,
            } => {
                let actor = &mut site.actors[whose];
                actor.set_clock(days);
                if starts {
                    actor.kill();
                    actor.try_to_start();
                }
            }
            Self::Cut(mirror) => site.network.set_link(mirror, false),
            Self::Hide(mirror) => site
                .network
                .set_route(mirror, Site::followed(mirror), false),
            Self::Database => site.kill_database(),
        }
    }

    /// Is over.
    pub fn end(self, site: &mut Site) {
        match self {
            Self::Kill(who) => site.actors[who].start(),
            Self::Restart(who) => {
                site.actors[who].wait_for_its_end();
                site.actors[who].start();
            }
            Self::Freeze(who) => site.actors[who].thaw(),
            Self::Clock { whose, .. } => {
                site.actors[whose].set_clock(0);
                site.actors[whose].start();
            }
            Self::Cut(mirror) => site.network.set_link(mirror, true),
            Self::Hide(mirror) => site.network.set_route(mirror, Site::followed(mirror), true),
            Self::Database => {}
        }
    }
}

/// Waits a number of milliseconds below this.
pub fn pause(dice: &mut Dice, below: u64) {
    sleep(Duration::from_millis(dice.throw(below)));
}
