//! The logs that a witness cosigns: their keys, a line each.

use charter_proof::note::{Kind, NoteKey};
use tokio::sync::watch;

/// The keys of known logs, as they are now; a log is known by its keys' name, its origin.
#[derive(Debug, Clone)]
pub struct Logs(watch::Receiver<Vec<NoteKey>>);

/// A line names no log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseLogsError {
    /// It is neither a key nor a line of a policy.
    #[error(
        "line {0}: a log's key is expected, name+id+base64 of type 01, by itself or as `log <key> [<url>]`"
    )]
    Line(usize),
    /// There is none.
    #[error("no log is named: a log's key is expected, name+id+base64 of type 01, one a line")]
    None,
}

impl Logs {
    /// These keys, for good.
    pub fn of(keys: Vec<NoteKey>) -> Self {
        Self(watch::Sender::new(keys).subscribe())
    }

    /// The keys that somebody tells who learns of others.
    pub const fn as_told(keys: watch::Receiver<Vec<NoteKey>>) -> Self {
        Self(keys)
    }

    /// Reads a list of keys, or a C2SP tlog-policy file, of which the `log` lines count.
    pub fn parse(text: &str) -> Result<Self, ParseLogsError> {
        let mut keys = Vec::new();
        for (number, line) in (1..).zip(text.lines()) {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let key = match words.as_slice() {
                ["witness" | "group" | "quorum", ..] => continue,
                [key] | ["log", key] | ["log", key, _] => key,
                _ => return Err(ParseLogsError::Line(number)),
            };
            let key = key.parse::<NoteKey>().ok();
            let key = key.filter(|key| key.kind() == Kind::Plain);
            keys.push(key.ok_or(ParseLogsError::Line(number))?);
        }
        if keys.is_empty() {
            return Err(ParseLogsError::None);
        }
        Ok(Self::of(keys))
    }

    /// The keys of the log of this origin; none of a log that is not known.
    pub fn keys(&self, origin: &str) -> Vec<NoteKey> {
        let mut keys = self.0.borrow().clone();
        keys.retain(|key| key.name() == origin);
        keys
    }

    /// The origins of all of them.
    pub fn origins(&self) -> Vec<String> {
        let keys = self.0.borrow();
        keys.iter().map(|key| key.name().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use charter_proof::{
        keys::SecretKey,
        note::{Kind, NoteKey},
    };

    use super::{Logs, ParseLogsError};

    #[test]
    fn a_list_of_keys_and_a_policy_name_the_same_logs() {
        let key = SecretKey::from_seed([1; 32]).public();
        let vkey = |kind| NoteKey::new("registry.example/log".to_owned(), kind, key).unwrap();
        let (log, clock) = (vkey(Kind::Plain), vkey(Kind::Cosignature));
        for text in [
            format!("# known logs\n\n{log}\n"),
            format!("  log {log} https://registry.example/log\nwitness a {clock}\nquorum none\n"),
        ] {
            let logs = Logs::parse(&text).unwrap();
            assert_eq!(logs.keys("registry.example/log").len(), 1, "{text}");
            assert_eq!(logs.keys("other.example/log").len(), 0);
        }
        assert_eq!(
            Logs::parse(&format!("\n{clock}\n")).unwrap_err(),
            ParseLogsError::Line(2)
        );
        assert_eq!(
            Logs::parse("quorum none\n").unwrap_err(),
            ParseLogsError::None
        );
    }
}
