//! What the commands are told.

use std::str::FromStr;

/// The options, as people read of them.
pub const HELP: &str = "\
options:
  --rounds N                        how often; each command has a number of its own for it
  --seed N                          which rounds: what an earlier run printed, to see it fail again
  --database sqlite|postgres|both   on which database [default: both]
  --release                         the optimised program";

/// On which databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Databases {
    /// On SQLite.
    Sqlite,
    /// On PostgreSQL.
    Postgres,
    /// On one after the other.
    #[default]
    Both,
}

impl FromStr for Databases {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "sqlite" => Ok(Self::Sqlite),
            "postgres" => Ok(Self::Postgres),
            "both" => Ok(Self::Both),
            _ => Err(format!(
                "there is no database {name:?}: sqlite, postgres or both"
            )),
        }
    }
}

impl Databases {
    /// Their names.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Sqlite => &["sqlite"],
            Self::Postgres => &["postgres"],
            Self::Both => &["sqlite", "postgres"],
        }
    }
}

/// The options of a command.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How often, if said.
    pub rounds: Option<u64>,
    /// Which rounds, if said.
    pub seed: Option<u64>,
    /// On which databases.
    pub databases: Databases,
    /// Whether the program is optimised.
    pub release: bool,
}

impl Options {
    /// Reads the arguments after the command's name.
    pub fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
        while let Some(name) = arguments.next() {
            let mut value = || {
                let value = arguments.next();
                value.ok_or_else(|| format!("{name} needs a value"))
            };
            match name.as_str() {
                "--rounds" => options.rounds = Some(number(&value()?)?),
                "--seed" => options.seed = Some(number(&value()?)?),
                "--database" => options.databases = value()?.parse()?,
                "--release" => options.release = true,
                _ => return Err(format!("there is no option {name:?}\n\n{HELP}")),
            }
        }
        Ok(options)
    }
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| format!("{text:?} is no number"))
}

#[cfg(test)]
mod tests {
    use super::{Databases, Options};

    fn parse(line: &str) -> Result<Options, String> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn what_is_not_said_is_left_to_the_command() {
        assert_eq!(parse(""), Ok(Options::default()));
    }

    #[test]
    fn everything_said_is_read() {
        let expected = Options {
            rounds: Some(7),
            seed: Some(11),
            databases: Databases::Postgres,
            release: true,
        };
        let read = parse("--release --rounds 7 --database postgres --seed 11");
        assert_eq!(read, Ok(expected));
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for line in ["--rounds", "--rounds many", "--database mysql", "--fast"] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
