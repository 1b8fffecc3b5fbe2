//! Where what is judged lies: standard input, a file, or an address; and what an address asks.

use std::{
    convert::Infallible,
    ffi::OsString,
    fmt, fs,
    io::{self, Read as _},
    path::PathBuf,
    str::FromStr,
};

use charter_proof::verify::Key;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use super::unreadable;
use crate::cli::{
    answer::Failed,
    fetch::{Fetched, fetch},
};

/// The file name that stands for standard input.
const STANDARD_INPUT: &str = "-";

/// As long as anything is that a registry signs, and more.
const LONGEST: u64 = 4 << 20;

/// Where something to judge lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Standard input.
    Input,
    /// A file.
    File(PathBuf),
    /// An address, of a registry or of anybody.
    Address(String),
}

/// What was found.
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    /// The charter that the address names, and the key, if it names one: whoever gave the address asked so.
    pub(super) asked: Option<(String, Option<Key>)>,
}

impl From<OsString> for Place {
    fn from(given: OsString) -> Self {
        match given.to_str() {
            Some(STANDARD_INPUT) => Self::Input,
            Some(text) if text.starts_with("https://") || text.starts_with("http://") => {
                Self::Address(text.to_owned())
            }
            _ => Self::File(given.into()),
        }
    }
}

impl FromStr for Place {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(OsString::from(text).into())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input => f.write_str(STANDARD_INPUT),
            Self::File(path) => path.display().fmt(f),
            Self::Address(address) => f.write_str(address),
        }
    }
}

impl Place {
    /// Reads what lies here; at the address of a member its proof, or its newest record.
    pub(super) fn find(&self, is_proof_wanted: bool) -> Result<Found, Failed> {
        let bytes = match self {
            Self::Address(address) => return find_at(address, is_proof_wanted),
            Self::Input => {
                let mut bytes = Vec::new();
                io::stdin().read_to_end(&mut bytes).map(|_| bytes)
            }
            Self::File(path) => fs::read(path),
        };
        let bytes = bytes.map_err(|error| unreadable(self.to_string().as_ref(), &error))?;
        Ok(Found { bytes, asked: None })
    }
}

fn find_at(address: &str, is_proof_wanted: bool) -> Result<Found, Failed> {
    let url = Url::parse(address).map_err(Failed::unusable)?;
    let Fetched { at, bytes } = fetch(&url, LONGEST)?;
    let asked = asked_at(&at);
    let Some(page) = asked.as_ref().filter(|asked| asked.is_page) else {
        let asked = asked.map(|asked| (asked.charter, asked.key));
        return Ok(Found { bytes, asked });
    };
    let next = if is_proof_wanted {
        let path = format!("{}/proof", at.path().trim_end_matches('/'));
        at.join(&path).ok()
    } else {
        record_of(&bytes, &at)
    };
    let next = next.ok_or_else(|| {
        Failed::because(format!("{at} is no member as a registry shows one")).of_input()
    })?;
    let asked = Some((page.charter.clone(), page.key.clone()));
    let bytes = fetch(&next, LONGEST)?.bytes;
    Ok(Found { bytes, asked })
}

/// What an address of a registry asks.
#[derive(Debug, PartialEq, Eq)]
struct Asked {
    charter: String,
    key: Option<Key>,
    /// Whether it shows a member, and not what proves it.
    is_page: bool,
}

/// What an address asks, where it is one of the API's about a charter's members.
fn asked_at(url: &Url) -> Option<Asked> {
    let segments: Vec<&str> = url.path_segments()?.collect();
    let (charter, rest) = match segments.as_slice() {
        ["v1", "charters", charter, rest @ ..] => ((*charter).to_owned(), rest),
        _ => return None,
    };
    let (key, is_page) = match rest {
        ["members", member] => (member.parse().ok().map(Key::Member), true),
        ["members", member, "proof"] => (member.parse().ok().map(Key::Member), false),
        ["proof"] => {
            let mut pairs = url.query_pairs();
            let asked = pairs.find(|(name, _)| name == "key");
            (asked.and_then(|(_, key)| key.parse().ok()), false)
        }
        _ => return None,
    };
    Some(Asked {
        is_page: is_page && key.is_some(),
        charter,
        key,
    })
}

/// Where the newest record of a shown member lies, with whoever showed it.
fn record_of(member: &[u8], at: &Url) -> Option<Url> {
    let member: Value = serde_json::from_slice(member).ok()?;
    let record = Url::parse(member.get("record")?.as_str()?).ok()?;
    let id: Uuid = record.path().strip_prefix("/records/")?.parse().ok()?;
    at.join(&format!("/records/{id}")).ok()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::{Place, asked_at, record_of};

    #[test]
    fn an_address_is_told_from_a_file() {
        let place = |text: &str| text.parse::<Place>().unwrap();
        assert_eq!(place("-"), Place::Input);
        for address in ["https://registry.example/records/1", "http://[::1]:8080/"] {
            assert_eq!(place(address), Place::Address(address.to_owned()));
        }
        for file in ["record.json", "https:/record", "ftp://x", "./https://x"] {
            assert_eq!(place(file), Place::File(file.into()), "{file}");
        }
    }

    #[test]
    fn an_address_asks_what_its_path_says() {
        let of = |path: &str| {
            let asked = asked_at(&Url::parse("https://r.example").unwrap().join(path).unwrap())?;
            let key = asked.key.map(|key| key.canonical());
            Some((asked.charter, key, asked.is_page))
        };
        let (id, c) = ("0192f0c1-0000-7000-8000-000000000001", || "c".to_owned());
        let member = Some(format!("member:{id}"));
        let page = format!("/v1/charters/c/members/{id}");
        assert_eq!(of(&page), Some((c(), member.clone(), true)));
        assert_eq!(
            of(&format!("{page}/proof")),
            Some((c(), member.clone(), false))
        );
        assert_eq!(
            of("/v1/charters/c/proof?key=domain:school.example"),
            Some((c(), Some("domain:school.example".to_owned()), false))
        );
        assert_eq!(of("/v1/charters/c/proof"), Some((c(), None, false)));
        assert_eq!(of("/v1/charters/c/members/x"), Some((c(), None, false)));
        for other in [
            format!("{page}/credential"),
            format!("/members/{id}"),
            "/".to_owned(),
        ] {
            assert_eq!(of(&other), None, "{other}");
        }
    }

    #[test]
    fn the_record_is_asked_of_whoever_showed_the_member() {
        let at = Url::parse("http://mirror.example:8080/v1/charters/c/members/x").unwrap();
        let id = "0192f0c1-0000-7000-8000-000000000002";
        let member = format!("{{\"record\":\"https://registry.example/records/{id}\"}}");
        let record = record_of(member.as_bytes(), &at).unwrap();
        assert_eq!(
            record.as_str(),
            format!("http://mirror.example:8080/records/{id}")
        );
        assert_eq!(record_of(b"{\"record\":\"https://x/y\"}", &at), None);
        assert_eq!(record_of(b"[]", &at), None);
    }
}
