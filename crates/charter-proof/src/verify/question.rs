//! What is asked of a membership proof.

use uuid::Uuid;

use crate::canonical::Digest;
use crate::identity::Base;
use crate::keys::claim_hash;

/// What is asked: is what this key stands for a member of this charter, by this log? Never taken from the proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// The log's origin, `H/log`.
    pub origin: String,
    /// The charter's slug.
    pub charter: String,
    /// The key.
    pub key: Key,
}

/// A key under which a membership is asked for, in its canonical form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// `member:<uuid>`
    Member(Uuid),
    /// `domain:<host>` or `<SCHEME>:<value>`
    Claim(String),
}

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a key is member:<uuid>, domain:<host>, or a register and a number such as RU-OGRN:1022800000000"
)]
pub struct ParseKeyError;

impl Key {
    /// The text that is hashed.
    pub fn canonical(&self) -> String {
        match self {
            Self::Member(member) => format!("member:{member}"),
            Self::Claim(claim) => claim.clone(),
        }
    }
}

impl Question {
    /// The hash under which the map holds the key.
    pub fn key_hash(&self) -> Digest {
        claim_hash(&self.charter, &self.key.canonical())
    }
}

impl std::str::FromStr for Key {
    type Err = ParseKeyError;

    /// Reads a key as people write it, and brings it to its canonical form.
    fn from_str(text: &str) -> Result<Self, ParseKeyError> {
        let (kind, value) = text.trim().split_once(':').ok_or(ParseKeyError)?;
        match kind {
            "member" => value.parse().map(Self::Member).map_err(|_| ParseKeyError),
            "domain" => domain(value).map(|host| Self::Claim(format!("domain:{host}"))),
            scheme => identifier(scheme, value).map(Self::Claim),
        }
        .map_err(|_| ParseKeyError)
    }
}

/// A host without its port, its trailing dot and one leading `www.`.
fn domain(text: &str) -> Result<String, ParseKeyError> {
    let host = text.strip_suffix('.').unwrap_or(text);
    if host.contains([':', '/', '@']) {
        return Err(ParseKeyError);
    }
    let base = Base::parse(&format!("https://{host}")).map_err(|_| ParseKeyError)?;
    let without = base.host().strip_prefix("www.");
    let host = without
        .filter(|rest| rest.contains('.'))
        .unwrap_or(base.host());
    Ok(host.to_owned())
}

/// A register and a number: digits where the register has nothing else, upper case without separators elsewhere.
fn identifier(scheme: &str, value: &str) -> Result<String, ParseKeyError> {
    let mut letters = scheme.bytes();
    let is_scheme = letters
        .next()
        .is_some_and(|first| first.is_ascii_uppercase())
        && letters.all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'-');
    let value: String = value
        .chars()
        .filter(|c| !matches!(c, ' ' | '.' | '-'))
        .map(|c| c.to_ascii_uppercase())
        .collect();
    let digits_only = matches!(scheme, "RU-OGRN" | "RU-INN");
    let is_value = !value.is_empty()
        && value.chars().all(|c| c.is_ascii_graphic())
        && (!digits_only || value.chars().all(|c| c.is_ascii_digit()));
    if is_scheme && is_value {
        Ok(format!("{scheme}:{value}"))
    } else {
        Err(ParseKeyError)
    }
}

#[cfg(test)]
mod tests {
    use super::Key;

    #[test]
    fn a_key_is_brought_to_the_form_that_is_hashed() {
        for (written, canonical) in [
            ("domain:school.example", "domain:school.example"),
            ("domain:WWW.School.Example.", "domain:school.example"),
            ("domain:www.ru", "domain:www.ru"),
            ("domain:школа.рф", "domain:xn--80atdl2c.xn--p1ai"),
            ("RU-OGRN:1 022 800 000 000", "RU-OGRN:1022800000000"),
            ("LEI:5299-00t8bm49aursdo55", "LEI:529900T8BM49AURSDO55"),
            (
                "member:0192F0C1-0000-7000-8000-000000000001",
                "member:0192f0c1-0000-7000-8000-000000000001",
            ),
        ] {
            let key: Key = written.parse().unwrap();
            assert_eq!(key.canonical(), canonical, "{written}");
            assert_eq!(canonical.parse::<Key>().unwrap(), key);
        }
        for no_key in [
            "",
            "school.example",
            "domain:",
            "domain:a:80",
            "domain:a/b",
            "domain:.",
            "domain:x@y.z",
            "member:1",
            "ru-ogrn:1",
            "RU-OGRN:12x",
            "RU-OGRN:",
            "RU-OGRN:١٢",
            ":1",
            "-A:1",
        ] {
            assert!(no_key.parse::<Key>().is_err(), "{no_key:?}");
        }
    }
}
