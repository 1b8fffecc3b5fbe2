//! Host and port of a URL, in one spelling.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use idna::AsciiDenyList;
use idna::uts46::{DnsLength, Hyphens, Uts46};

use super::BaseError;

/// The host and, where one is written, the port of a URL.
pub(super) struct Authority {
    host: Host,
    port: Option<u16>,
}

enum Host {
    /// A lower-case A-label name without a trailing dot.
    Name(String),
    Loopback(IpAddr),
}

impl Authority {
    pub(super) fn parse(authority: &str) -> Result<Self, BaseError> {
        if authority.contains('@') {
            return Err(BaseError::UserInfo);
        }
        if let Some(bracketed) = authority.strip_prefix('[') {
            let (address, port) = bracketed
                .split_once(']')
                .ok_or_else(|| BaseError::Host(authority.to_owned()))?;
            let address: Ipv6Addr = address
                .parse()
                .map_err(|_| BaseError::Host(authority.to_owned()))?;
            let port = match (port, port.strip_prefix(':')) {
                ("", _) => None,
                (_, Some(port)) => Some(parse_port(port)?),
                (other, None) => return Err(BaseError::Port(other.to_owned())),
            };
            return Ok(Self {
                host: loopback(address.into())?,
                port,
            });
        }
        let (host, port) = match authority.split_once(':') {
            Some((host, port)) => (host, Some(parse_port(port)?)),
            None => (authority, None),
        };
        Ok(Self {
            host: Host::parse(host)?,
            port,
        })
    }

    pub(super) fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Name(name) => name == "localhost",
            Host::Loopback(_) => true,
        }
    }

    /// Host and port, the port left out where it is the scheme's default.
    pub(super) fn written(&self, default_port: u16) -> String {
        match self.port {
            Some(port) if port != default_port => format!("{}:{port}", self.host.written()),
            _ => self.host.written(),
        }
    }

    /// Host and port, whatever the scheme.
    pub(super) fn written_in_full(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host.written()),
            None => self.host.written(),
        }
    }
}

impl Host {
    /// UTS #46 `ToASCII`, non-transitional, with STD3 rules and DNS lengths.
    fn parse(written: &str) -> Result<Self, BaseError> {
        let refused = || BaseError::Host(written.to_owned());
        let name = Uts46::new()
            .to_ascii(
                written.as_bytes(),
                AsciiDenyList::STD3,
                Hyphens::CheckFirstLast,
                DnsLength::Verify,
            )
            .map_err(|_| refused())?
            .into_owned();
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return loopback(address.into());
        }
        // URL parsers read a host whose last label is a number as an address (`127.1`, `0x7f.1`).
        let last = name.rsplit('.').next().unwrap_or_default();
        if last.starts_with("0x") || last.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(refused());
        }
        Ok(Self::Name(name))
    }

    fn written(&self) -> String {
        match self {
            Self::Name(name) => name.clone(),
            Self::Loopback(IpAddr::V4(address)) => address.to_string(),
            Self::Loopback(IpAddr::V6(address)) => format!("[{address}]"),
        }
    }
}

fn loopback(address: IpAddr) -> Result<Host, BaseError> {
    if address.is_loopback() {
        Ok(Host::Loopback(address))
    } else {
        Err(BaseError::Address(address.to_string()))
    }
}

fn parse_port(written: &str) -> Result<u16, BaseError> {
    let digits = written.bytes().all(|byte| byte.is_ascii_digit());
    written
        .parse()
        .ok()
        .filter(|port| digits && *port != 0)
        .ok_or_else(|| BaseError::Port(written.to_owned()))
}
