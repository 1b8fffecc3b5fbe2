//! A registry's public URL and everything named after it.
//!
//! One configured URL gives the `did:web` identity, the log's origin and the URL of each record,
//! member and charter. A verifier goes the other way: from an issuer's DID to the URLs that may
//! stand in its documents.

mod authority;

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use authority::Authority;

/// A registry's public URL, without a path: `https://registry.example:8443`.
///
/// Its host is a lower-case A-label (UTS #46), a default port is not written, and the scheme is
/// `http` only on loopback.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Base {
    url: String,
    host: String,
}

/// Why a text cannot be a registry's public URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseError {
    /// Neither `https://` nor `http://`.
    #[error("the public URL must start with https:// (or http:// on loopback)")]
    Scheme,
    /// `http` to another machine.
    #[error("http is for loopback only (localhost, 127.0.0.0/8, [::1]); use https")]
    InsecureScheme,
    /// A user name or password before the host.
    #[error("the public URL must not carry a user name or password")]
    UserInfo,
    /// A path other than a lone `/`.
    #[error("the public URL must not have a path; give the registry a host name of its own")]
    Path,
    /// A query, a fragment or both.
    #[error("the public URL must not have a query or a fragment")]
    QueryOrFragment,
    /// The host is not a domain name that UTS #46 accepts.
    #[error("{0:?} is not a valid host name")]
    Host(String),
    /// An address where did:web needs a name.
    #[error("did:web needs a host name, not the address {0}; only loopback addresses are accepted")]
    Address(String),
    /// The port is not a number from 1 to 65535.
    #[error("{0:?} is not a port number")]
    Port(String),
}

impl Base {
    /// Reads the configured public URL.
    pub fn parse(url: &str) -> Result<Self, BaseError> {
        let (scheme, rest) = url.split_once("://").ok_or(BaseError::Scheme)?;
        let scheme = Scheme::parse(scheme).ok_or(BaseError::Scheme)?;
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(end);
        if tail.contains(['?', '#']) {
            return Err(BaseError::QueryOrFragment);
        }
        if !matches!(tail, "" | "/") {
            return Err(BaseError::Path);
        }
        Self::assemble(scheme, &Authority::parse(authority)?)
    }

    fn assemble(scheme: Scheme, authority: &Authority) -> Result<Self, BaseError> {
        if scheme == Scheme::Http && !authority.is_loopback() {
            return Err(BaseError::InsecureScheme);
        }
        let host = authority.written(scheme.default_port());
        Ok(Self {
            url: format!("{}://{host}", scheme.as_str()),
            host,
        })
    }

    /// The bases whose documents the holder of a DID may issue: `https://H`, and `http://H` too on
    /// loopback. Empty when the DID is not a bare `did:web` host in its canonical form.
    pub fn candidates_for_did(did: &str) -> Vec<Self> {
        let Some(host) = host_of_did(did) else {
            return Vec::new();
        };
        ["https", "http"]
            .into_iter()
            .filter_map(|scheme| Self::parse(&format!("{scheme}://{host}")).ok())
            .filter(|base| base.host == host)
            .collect()
    }

    /// The URL, without a trailing slash.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The host, with `:port` where that is not the scheme's default: H in the formats.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The registry's identity: `did:web:H`, the port's colon as `%3A` (did:web §3.1).
    pub fn did(&self) -> String {
        did_of_host(&self.host)
    }

    /// The DID URL of a record key: `did:web:H#z6Mk…`.
    pub fn verification_method(&self, key: &crate::keys::PublicKey) -> String {
        format!("{}#{key}", self.did())
    }

    /// The origin of the log: `H/log`.
    pub fn origin(&self) -> String {
        format!("{}/log", self.host)
    }

    /// The URL of a record.
    pub fn record_url(&self, record: Uuid) -> String {
        format!("{}{RECORDS}{record}", self.url)
    }

    /// The URL of a member.
    pub fn member_url(&self, member: Uuid) -> String {
        format!("{}{MEMBERS}{member}", self.url)
    }

    /// The URL of a charter, given by its slug.
    pub fn charter_url(&self, slug: &str) -> String {
        format!("{}{CHARTERS}{slug}", self.url)
    }

    /// The URL where a member's newest credential is.
    pub fn credential_url(&self, charter: &str, member: Uuid) -> String {
        format!(
            "{}{API}{CHARTERS}{charter}{MEMBERS}{member}{CREDENTIAL}",
            self.url
        )
    }

    /// The URL of a status list of this purpose.
    pub fn status_list_url(&self, purpose: &str, number: u32) -> String {
        format!("{}{STATUS}{purpose}/{number}", self.url)
    }

    /// The URL of the page that explains a problem (RFC 9457 `type`).
    pub fn problem_url(&self, slug: &str) -> String {
        format!("{}/problems/{slug}", self.url)
    }

    /// The record a URL of this registry names.
    pub fn parse_record_url(&self, url: &str) -> Option<Uuid> {
        canonical_uuid(self.below(RECORDS, url)?)
    }

    /// The member a URL of this registry names.
    pub fn parse_member_url(&self, url: &str) -> Option<Uuid> {
        canonical_uuid(self.below(MEMBERS, url)?)
    }

    /// The slug of the charter a URL of this registry names.
    ///
    /// A slug is one path segment of RFC 3986's unreserved characters; the registry's own rules
    /// are narrower.
    pub fn parse_charter_url<'a>(&self, url: &'a str) -> Option<&'a str> {
        let slug = self.below(CHARTERS, url)?;
        is_slug(slug).then_some(slug)
    }

    /// The charter's slug and the member whose credential a URL of this registry names.
    pub fn parse_credential_url<'a>(&self, url: &'a str) -> Option<(&'a str, Uuid)> {
        let named = self.below(API, url)?.strip_prefix(CHARTERS)?;
        let (charter, member) = named.strip_suffix(CREDENTIAL)?.split_once(MEMBERS)?;
        Some((charter, canonical_uuid(member)?)).filter(|_| is_slug(charter))
    }

    /// The purpose and the number of the status list that a URL of this registry names.
    pub fn parse_status_list_url<'a>(&self, url: &'a str) -> Option<(&'a str, u32)> {
        let (purpose, written) = self.below(STATUS, url)?.split_once('/')?;
        let number: u32 = written.parse().ok()?;
        let is_canonical = number > 0 && number.to_string() == written;
        is_canonical.then_some((purpose, number))
    }

    fn below<'a>(&self, folder: &str, url: &'a str) -> Option<&'a str> {
        url.strip_prefix(&self.url)?.strip_prefix(folder)
    }
}

const RECORDS: &str = "/records/";
const MEMBERS: &str = "/members/";
const CHARTERS: &str = "/charters/";
const API: &str = "/v1";
const CREDENTIAL: &str = "/credential";
const STATUS: &str = "/status/";

impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl FromStr for Base {
    type Err = BaseError;

    fn from_str(url: &str) -> Result<Self, BaseError> {
        Self::parse(url)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Https,
    Http,
}

impl Scheme {
    fn parse(written: &str) -> Option<Self> {
        [Self::Https, Self::Http]
            .into_iter()
            .find(|scheme| written.eq_ignore_ascii_case(scheme.as_str()))
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// The host (H, with `:port` where one is written) of a `did:web` without a path.
///
/// Only the canonical spelling is read: lower-case A-label, colon as `%3A`.
pub fn host_of_did(did: &str) -> Option<String> {
    let encoded = did.strip_prefix("did:web:")?;
    let host = DID_ESCAPES
        .iter()
        .fold(encoded.to_owned(), |host, (plain, escaped)| {
            host.replace(escaped, plain)
        });
    let canonical = Authority::parse(&host).ok()?.written_in_full() == host;
    (canonical && did_of_host(&host) == did).then_some(host)
}

/// The `did:web` of a host (H, with `:port` where one is written).
pub fn did_of_host(host: &str) -> String {
    let encoded = DID_ESCAPES
        .iter()
        .fold(host.to_owned(), |host, (plain, escaped)| {
            host.replace(plain, escaped)
        });
    format!("did:web:{encoded}")
}

/// What a host may contain and a DID's method-specific id may not (DID Core §3.1).
const DID_ESCAPES: [(&str, &str); 3] = [(":", "%3A"), ("[", "%5B"), ("]", "%5D")];

fn is_slug(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    !text.is_empty() && text.bytes().all(unreserved)
}

fn canonical_uuid(written: &str) -> Option<Uuid> {
    let uuid = Uuid::try_parse(written).ok()?;
    (uuid.to_string() == written).then_some(uuid)
}

#[cfg(test)]
mod tests;
