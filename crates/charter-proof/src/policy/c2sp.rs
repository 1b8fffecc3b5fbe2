//! Policies as lines (C2SP tlog-policy): `log`, `witness`, `group`, `quorum`.
//!
//! A witness whose key is named `H/clock` is the clock of the log `H/log`. One whose key is named `<name>/map` recomputes the
//! map: it is one more for a quorum that names it, and says besides that the one whose key is named `<name>` recomputed it.

use std::collections::HashMap;

use super::{DEFAULT_MAX_AGE, Part, Policy, Quorum, Witness};
use crate::note::{Kind, NoteKey};

/// A line is none of a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the policy: {problem}")]
pub struct ParseTlogPolicyError {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// What was read so far.
#[derive(Default)]
struct Reading {
    log_keys: Vec<NoteKey>,
    clocks: Vec<NoteKey>,
    witnesses: Vec<Witness>,
    /// By name: a witness, a group, or a clock, which is no part of any quorum.
    parts: HashMap<String, Option<Part>>,
    quorum: Option<Quorum>,
}

impl Policy {
    /// Reads a C2SP tlog-policy file about one log.
    pub fn from_tlog_policy(text: &str) -> Result<Self, ParseTlogPolicyError> {
        let mut reading = Reading::default();
        let mut last = 0;
        for (line, content) in (1..).zip(text.lines()) {
            last = line;
            let content = content.split('#').next().unwrap_or_default();
            let words: Vec<&str> = content.split_ascii_whitespace().collect();
            reading
                .line(&words)
                .map_err(|problem| ParseTlogPolicyError { line, problem })?;
        }
        let missing = |problem| ParseTlogPolicyError {
            line: last,
            problem,
        };
        let first = reading.log_keys.first();
        let origin = first
            .ok_or_else(|| missing("a log is expected"))?
            .name()
            .to_owned();
        if reading.log_keys.iter().any(|key| key.name() != origin) {
            return Err(missing(
                "these are several logs; a policy here is about one",
            ));
        }
        let quorum = reading
            .quorum
            .ok_or_else(|| missing("a quorum is expected"))?;
        let clock = format!("{}/clock", origin.strip_suffix("/log").unwrap_or(&origin));
        let (clock_keys, foreign): (Vec<_>, Vec<_>) = reading
            .clocks
            .into_iter()
            .partition(|key| key.name() == clock);
        if !foreign.is_empty() {
            return Err(missing("a clock of another registry than the log's"));
        }
        Ok(Self {
            origin,
            log_keys: reading.log_keys,
            witnesses_alone: clock_keys.is_empty() && quorum.needed > 0,
            clock_keys,
            witnesses: reading.witnesses,
            quorum,
            max_age: DEFAULT_MAX_AGE,
        })
    }
}

impl Reading {
    fn line(&mut self, words: &[&str]) -> Result<(), &'static str> {
        match words {
            [] => Ok(()),
            ["log", key] | ["log", key, _] => {
                let key = parsed(key, Kind::Plain)?;
                self.log_keys.push(key);
                Ok(())
            }
            ["witness", name, key] => self.witness(name, key, None),
            ["witness", name, key, url] => self.witness(name, key, Some(url)),
            ["group", name, needed, of @ ..] => {
                let of = self.parts_of(of)?;
                let needed = match *needed {
                    "any" => 1,
                    "all" => of.len(),
                    number => number
                        .parse()
                        .map_err(|_| "any, all or a number is expected")?,
                };
                if needed == 0 || needed > of.len() {
                    return Err("a group of so many can never be there");
                }
                self.name(name, Some(Part::Group(Quorum { needed, of })))
            }
            ["quorum", name] => {
                let quorum = match *name {
                    "none" => Quorum::default(),
                    name => Quorum {
                        needed: 1,
                        of: self.parts_of(&[name])?,
                    },
                };
                match self.quorum.replace(quorum) {
                    None => Ok(()),
                    Some(_) => Err("the quorum is said twice"),
                }
            }
            _ => Err("log, witness, group or quorum with its words is expected"),
        }
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&&str>) -> Result<(), &'static str> {
        let key = parsed(key, Kind::Cosignature)?;
        let mut known = self
            .witnesses
            .iter()
            .flat_map(|one| one.log.iter().chain(&one.map));
        if known.any(|known| known.key() == key.key()) {
            return Err("the key stands there twice");
        }
        if key.name().ends_with("/clock") {
            self.clocks.push(key);
            return self.name(name, None);
        }
        let place = self.witnesses.len();
        self.name(name, Some(Part::Witness(place)))?;
        let recomputes = key.name().ends_with("/map");
        let (log, map) = if recomputes {
            (None, Some(key))
        } else {
            (Some(key), None)
        };
        self.witnesses.push(Witness {
            name: name.to_owned(),
            log,
            map,
            url: url.map(|url| (*url).to_owned()),
        });
        Ok(())
    }

    fn name(&mut self, name: &str, part: Option<Part>) -> Result<(), &'static str> {
        if name == "none" || self.parts.contains_key(name) {
            return Err("the name is taken");
        }
        self.parts.insert(name.to_owned(), part);
        Ok(())
    }

    fn parts_of(&self, names: &[&str]) -> Result<Vec<Part>, &'static str> {
        let part = |name: &&str| match self.parts.get(*name) {
            Some(Some(part)) => Ok(part.clone()),
            Some(None) => Err("the registry's clock is no witness"),
            None => Err("a witness or group that was named before is expected"),
        };
        names.iter().map(part).collect()
    }
}

fn parsed(key: &str, kind: Kind) -> Result<NoteKey, &'static str> {
    let key = key.parse::<NoteKey>().ok().filter(|key| key.kind() == kind);
    key.ok_or(match kind {
        Kind::Plain => "a log's key is expected: name+id+base64 of type 01",
        Kind::Cosignature => "a cosigner's key is expected: name+id+base64 of type 04",
    })
}
