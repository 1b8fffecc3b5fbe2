//! Hosts, the domains by which the world asks for an organisation, and websites.

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use serde::{Deserialize, Serialize};
use url::Url;

use crate::rules::text::{Invalid, is_forbidden, parsed_string};

/// Letters of other scripts that look like Latin ones when a whole label consists of them.
const LATIN_LOOK_ALIKES: &str = "асԁеһіјӏоԛрѕԝхуαικνορυ";

/// A domain in the canonical form of the log's keys.
///
/// UTS #46 non-transitional A-labels in lower case without trailing dot and port; one leading
/// `www.` is removed if two labels remain. At least two labels, each of at most 63 characters, 253
/// in all; no IP address, no underscore. Codes: `empty`, `too_long`, `forbidden_character`,
/// `single_label`, `ip_address`, `repeated_www`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Domain(String);

parsed_string!(Domain);

impl Domain {
    /// Reads a domain.
    ///
    /// A name with a second `www.` below the first is refused: taking one away would leave a name
    /// that is not canonical itself, and then two keys would mean one domain.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let host = host(raw)?;
        let domain = without_www(&host);
        if without_www(domain) != domain {
            return Err(Invalid::new(
                "repeated_www",
                "The domain begins with \"www.\" twice; the name without it is expected.",
            ));
        }
        Ok(Self(domain.to_owned()))
    }

    /// The domain for people, in Unicode where a label cannot be taken for another in Latin.
    pub fn unicode(&self) -> String {
        let (unicode, result) = Uts46::new().to_user_interface(
            self.0.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            |label, tld, _| !looks_latin(label, tld),
        );
        match result {
            Ok(()) => unicode.into_owned(),
            Err(_) => self.0.clone(),
        }
    }

    /// The key of a membership that this domain is: `domain:<host>`.
    pub fn key(&self) -> String {
        format!("domain:{}", self.0)
    }
}

fn without_www(host: &str) -> &str {
    match host.strip_prefix("www.") {
        Some(rest) if rest.contains('.') => rest,
        _ => host,
    }
}

/// Whether a label that is not ASCII could be read as another in Latin letters: it mixes Latin
/// with Cyrillic or Greek, or under an ASCII top-level domain consists of look-alikes alone.
fn looks_latin(label: &[char], tld: &[char]) -> bool {
    let is_greek_or_cyrillic = |c: &char| matches!(c, '\u{370}'..='\u{52F}');
    let is_mixed =
        label.iter().any(char::is_ascii_alphabetic) && label.iter().any(is_greek_or_cyrillic);
    let is_disguised = tld.iter().all(char::is_ascii)
        && label
            .iter()
            .all(|c| c.is_ascii() || LATIN_LOOK_ALIKES.contains(*c));
    is_mixed || is_disguised
}

/// A host name of at least two labels as UTS #46 non-transitional A-labels, without trailing dot.
pub(crate) fn host(raw: &str) -> Result<String, Invalid> {
    let raw = raw.trim();
    if raw.is_empty() {
        return Err(Invalid::new(
            "empty",
            "The host name is empty; one like \"school.example\" is expected.",
        ));
    }
    if raw.len() > 2000 {
        return Err(host_too_long());
    }
    let ascii = Uts46::new()
        .to_ascii(
            raw.as_bytes(),
            AsciiDenyList::STD3,
            Hyphens::CheckFirstLast,
            DnsLength::Ignore,
        )
        .map_err(|_| malformed_host())?;
    let host = ascii.strip_suffix('.').unwrap_or(&ascii);
    if host.split('.').any(str::is_empty) {
        return Err(malformed_host());
    }
    if host.len() > 253 || host.split('.').any(|label| label.len() > 63) {
        return Err(host_too_long());
    }
    let (_, top_level) = host.rsplit_once('.').ok_or_else(|| {
        Invalid::new(
            "single_label",
            "The host name has a single label; at least two are expected, as in \
             \"school.example\".",
        )
    })?;
    if !top_level.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(ip_address());
    }
    Ok(host.to_owned())
}

fn malformed_host() -> Invalid {
    Invalid::new(
        "forbidden_character",
        "This is not a host name; expected are letters, digits and hyphens between dots, as in \
         \"school.example\", without scheme, port and path.",
    )
}

fn host_too_long() -> Invalid {
    Invalid::new(
        "too_long",
        "The host name is too long; at most 63 characters between dots and 253 in all are \
         accepted.",
    )
}

fn ip_address() -> Invalid {
    Invalid::new(
        "ip_address",
        "This is an IP address or ends in a number; a host name such as \"school.example\" is \
         expected.",
    )
}

/// The address of an organisation's pages: http or https, as the WHATWG URL standard writes it.
///
/// The host keeps its `www.`; a fragment and a lone final `/` are left out. At most 2000
/// characters. Codes: `empty`, `too_long`, `forbidden_character`, `invalid_url`, `wrong_scheme`,
/// `user_in_url` and those of a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Website(String);

parsed_string!(Website);

impl Website {
    /// The most characters an address may have.
    pub const MAX_CHARS: usize = 2000;

    /// Reads an address.
    pub fn parse(raw: &str) -> Result<Self, Invalid> {
        let raw = raw.trim();
        if raw.is_empty() {
            return Err(Invalid::new(
                "empty",
                "The address is empty; one like \"https://school.example\" is expected.",
            ));
        }
        if raw.chars().any(|c| is_forbidden(c) || c.is_whitespace()) {
            return Err(Invalid::new(
                "forbidden_character",
                "The address contains a space or an invisible character; write it as %20 or leave \
                 it out.",
            ));
        }
        if raw.len() > Self::MAX_CHARS {
            return Err(address_too_long());
        }
        let mut url = Url::parse(raw).map_err(|_| invalid_url())?;
        check_http(&url)?;
        url.set_fragment(None);
        let host = match url.host() {
            Some(url::Host::Domain(name)) => host(name)?,
            Some(_) => return Err(ip_address()),
            None => return Err(invalid_url()),
        };
        url.set_host(Some(&host)).map_err(|_| invalid_url())?;
        let is_bare = url.path() == "/" && url.query().is_none();
        let mut address = String::from(url);
        if is_bare {
            address.pop();
        }
        if address.len() > Self::MAX_CHARS {
            return Err(address_too_long());
        }
        Ok(Self(address))
    }

    /// The place that these pages have to themselves: the host in the form of a domain, and the first step of the
    /// path where many organisations share the host.
    pub fn place(&self) -> Option<String> {
        let url = Url::parse(&self.0).ok()?;
        let host = Domain::parse(url.host_str()?).ok()?.to_string();
        if !SHARED_HOSTS.contains(&host.as_str()) {
            return Some(host);
        }
        let step = url
            .path_segments()?
            .next()
            .filter(|step| !step.is_empty())?;
        Some(format!("{host}/{}", step.to_lowercase()))
    }
}

/// Hosts on which organisations that have nothing else in common have their pages.
const SHARED_HOSTS: [&str; 9] = [
    "vk.com",
    "ok.ru",
    "t.me",
    "facebook.com",
    "instagram.com",
    "youtube.com",
    "rutube.ru",
    "sites.google.com",
    "linktr.ee",
];

fn check_http(url: &Url) -> Result<(), Invalid> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Invalid::new(
            "wrong_scheme",
            "The address begins with another scheme; https:// or http:// is expected.",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Invalid::new(
            "user_in_url",
            "The address contains a user name or password; the address without it is expected.",
        ));
    }
    Ok(())
}

fn invalid_url() -> Invalid {
    Invalid::new(
        "invalid_url",
        "This is not a web address; one like \"https://school.example\" is expected.",
    )
}

fn address_too_long() -> Invalid {
    Invalid::new(
        "too_long",
        "The address is too long; at most 2000 characters are accepted.",
    )
}

#[cfg(test)]
mod tests;
