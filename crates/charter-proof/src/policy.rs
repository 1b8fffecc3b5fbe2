//! Whom a verifier trusts: a registry's keys, witnesses, how many of them, and how old an answer may be.

mod c2sp;
mod json;
mod lines;

pub use c2sp::ParseTlogPolicyError;
pub use json::ParsePolicyError;

use chrono::TimeDelta;

use crate::note::NoteKey;

/// How old a checkpoint may be unless a policy says otherwise: three hours.
pub const DEFAULT_MAX_AGE: TimeDelta = TimeDelta::hours(3);

/// Whom a verifier trusts about one registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The log's origin, `H/log`.
    pub origin: String,
    /// The keys with which the log signs its checkpoints; one signature is enough.
    pub log_keys: Vec<NoteKey>,
    /// The keys with which the registry says when a checkpoint was its newest.
    pub clock_keys: Vec<NoteKey>,
    /// The witnesses that are known.
    pub witnesses: Vec<Witness>,
    /// Which of them must have cosigned; none need, when absent.
    pub quorum: Quorum,
    /// How old a cosignature may be.
    pub max_age: TimeDelta,
    /// Whether witnesses alone will do where the registry's clock says nothing any more: for the time after its end.
    pub witnesses_alone: bool,
}

/// Somebody who saw the log grow without ever contradicting itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Witness {
    /// Its name in the policy.
    pub name: String,
    /// The key with which it says that the log is consistent.
    pub log: Option<NoteKey>,
    /// The key with which it says that it recomputed the membership map, too.
    pub map: Option<NoteKey>,
    /// Where it is asked (C2SP tlog-witness), for those who ask it.
    pub url: Option<String>,
}

/// How many of whom (C2SP tlog-policy).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Quorum {
    /// How many of them.
    pub needed: usize,
    /// Of whom.
    pub of: Vec<Part>,
}

/// A part of a quorum.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A witness, by its place among those of the policy.
    Witness(usize),
    /// A group of others.
    Group(Quorum),
}

impl Quorum {
    /// So many of all these witnesses.
    pub fn of_all(needed: usize, witnesses: usize) -> Self {
        Self {
            needed,
            of: (0..witnesses).map(Part::Witness).collect(),
        }
    }

    /// Whether those of whom `is_there` says so are enough.
    pub fn is_met(&self, is_there: &impl Fn(usize) -> bool) -> bool {
        let there = self.of.iter().filter(|part| match part {
            Part::Witness(place) => is_there(*place),
            Part::Group(group) => group.is_met(is_there),
        });
        there.take(self.needed).count() >= self.needed
    }
}

impl Policy {
    /// Trusts a registry by its own keys alone.
    pub const fn of_registry(origin: String, log: Vec<NoteKey>, clock: Vec<NoteKey>) -> Self {
        Self {
            origin,
            log_keys: log,
            clock_keys: clock,
            witnesses: Vec::new(),
            quorum: Quorum {
                needed: 0,
                of: Vec::new(),
            },
            max_age: DEFAULT_MAX_AGE,
            witnesses_alone: false,
        }
    }

    /// Reads a policy of either form: the JSON of this crate, or the lines of C2SP tlog-policy.
    ///
    /// # Errors
    ///
    /// Why it is neither, as its beginning suggests which it was meant to be.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        if text.trim_start().starts_with('{') {
            Ok(Self::from_json(text)?)
        } else {
            Ok(Self::from_tlog_policy(text)?)
        }
    }
}

/// The text is no policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyError {
    /// Of this crate's form.
    #[error(transparent)]
    Json(#[from] ParsePolicyError),
    /// Of C2SP's form.
    #[error(transparent)]
    TlogPolicy(#[from] ParseTlogPolicyError),
}

#[cfg(test)]
mod tests;
