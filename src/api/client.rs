//! Where a request comes from: the peer's address, or what trusted proxies say of whom they speak for.
//!
//! One header is looked at, the one that the proxies write, and it is read from its right end: what stands there
//! was written by the peer itself, and each address to its left by the one before, for as long as those are
//! trusted. Whatever a client wrote into the header stands further left and is never reached.

use std::net::{IpAddr, SocketAddr};

use actix_web::http::header::{self, HeaderMap, HeaderName};

use crate::{config::ForwardedHeader, rules::network::Network};

/// How many proxies one behind the other are followed.
const MAX_HOPS: usize = 16;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Whom to believe about where a request comes from.
#[derive(Debug, Clone)]
pub struct Proxies {
    /// The proxies' addresses.
    pub trusted: Vec<Network>,
    /// The header that they write.
    pub header: ForwardedHeader,
}

impl Proxies {
    /// The address of the client; `None` where even the peer's is not known.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<IpAddr> {
        let mut client = peer?.to_canonical();
        if !self.trusts(client) {
            return Some(client);
        }
        let (name, address_in): (_, fn(&str) -> Option<IpAddr>) = match self.header {
            ForwardedHeader::XForwardedFor => (X_FORWARDED_FOR, address),
            ForwardedHeader::Forwarded => (header::FORWARDED, forwarded_for),
        };
        let lines: Vec<_> = headers.get_all(name).collect();
        let hops = lines
            .into_iter()
            .rev()
            .flat_map(|line| from_the_right(line.to_str().unwrap_or_default(), ','));
        for hop in hops.take(MAX_HOPS) {
            let Some(address) = address_in(hop.trim()) else {
                // Nobody knows who that was: the last one known answers for it.
                break;
            };
            client = address.to_canonical();
            if !self.trusts(client) {
                break;
            }
        }
        Some(client)
    }

    fn trusts(&self, address: IpAddr) -> bool {
        self.trusted.iter().any(|network| network.contains(address))
    }
}

/// The parts between separators outside quotation marks, the last one first.
///
/// It must be read from the right: a client that leaves a quotation mark open would swallow what the proxy adds.
fn from_the_right(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let whole = rest?;
        let mut quoted = false;
        for (place, c) in whole.char_indices().rev() {
            if c == '"' && !is_escaped(whole, place) {
                quoted = !quoted;
            } else if c == separator && !quoted {
                rest = whole.get(..place);
                return whole.get(place + c.len_utf8()..);
            }
        }
        rest = None;
        Some(whole)
    })
}

/// Whether an odd number of backslashes stands before a place.
fn is_escaped(text: &str, place: usize) -> bool {
    let before = text.get(..place).unwrap_or_default();
    before
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'\\')
        .count()
        % 2
        == 1
}

/// The address in the `for` of one element of `Forwarded` (RFC 7239 §4 and §6).
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut found = None;
    for pair in from_the_right(element, ';') {
        let (name, value) = pair.trim().split_once('=')?;
        if name.eq_ignore_ascii_case("for") {
            if found.is_some() {
                return None;
            }
            let bare = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'))
                .unwrap_or(value);
            found = Some(address(bare)?);
        }
    }
    found
}

/// An address, with a port or without: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]:80`.
fn address(text: &str) -> Option<IpAddr> {
    let bracketed = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    if let Some(inner) = bracketed {
        return inner.parse().ok().map(IpAddr::V6);
    }
    text.parse()
        .or_else(|_| text.parse::<SocketAddr>().map(|with_port| with_port.ip()))
        .ok()
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

    use super::{ForwardedHeader, Network, Proxies};

    fn client(header: ForwardedHeader, peer: &str, lines: &[&str]) -> String {
        let proxies = Proxies {
            trusted: vec![
                Network::parse("10.0.0.0/8").unwrap(),
                Network::parse("fd00::/8").unwrap(),
            ],
            header,
        };
        let name = match header {
            ForwardedHeader::Forwarded => "forwarded",
            ForwardedHeader::XForwardedFor => "x-forwarded-for",
        };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                HeaderName::from_static(name),
                HeaderValue::from_bytes(line.as_bytes()).unwrap(),
            );
        }
        let client = proxies.client(Some(peer.parse().unwrap()), &headers);
        client.unwrap().to_string()
    }

    #[test]
    fn x_forwarded_for_is_believed_from_the_right_as_far_as_proxies_are_trusted() {
        let of = |peer, lines: &[&str]| client(ForwardedHeader::XForwardedFor, peer, lines);
        let cases: [(&str, &[&str], &str); 14] = [
            // Whoever is not trusted speaks for itself.
            ("192.0.2.1", &["198.51.100.1"], "192.0.2.1"),
            ("10.0.0.1", &[], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.9, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1, 10.0.0.2"], "198.51.100.1"),
            (
                "10.0.0.1",
                &["203.0.113.9, 198.51.100.1", "10.0.0.2"],
                "198.51.100.1",
            ),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db8::1]:4711"], "2001:db8::1"),
            ("10.0.0.1", &["2001:db8::1"], "2001:db8::1"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("fd00::1", &["198.51.100.1"], "198.51.100.1"),
            // What cannot be read is the proxy's that sent it.
            ("10.0.0.1", &["198.51.100.1, unknown"], "10.0.0.1"),
            ("10.0.0.1", &["198.51.100.1,"], "10.0.0.1"),
            (
                "10.0.0.1",
                &["198.51.100.1, \u{444}\u{444}, 10.0.0.3"],
                "10.0.0.1",
            ),
        ];
        for (peer, lines, expected) in cases {
            assert_eq!(of(peer, lines), expected, "{peer} {lines:?}");
        }
    }

    #[test]
    fn forwarded_is_believed_from_the_right_whatever_a_client_put_before() {
        let of = |lines: &[&str]| client(ForwardedHeader::Forwarded, "10.0.0.1", lines);
        let cases: [(&[&str], &str); 12] = [
            (&["for=198.51.100.1"], "198.51.100.1"),
            (&["For=\"[2001:db8:cafe::17]:4711\""], "2001:db8:cafe::17"),
            (
                &["for=198.51.100.1;proto=http;by=203.0.113.43"],
                "198.51.100.1",
            ),
            (
                &["for=203.0.113.9, for=198.51.100.1;by=10.0.0.2, for=10.0.0.2"],
                "198.51.100.1",
            ),
            // A quotation mark that a client left open swallows nothing.
            (&["for=\"203.0.113.9, for=198.51.100.1"], "198.51.100.1"),
            (&["host=\"a,b;c\";for=198.51.100.1"], "198.51.100.1"),
            (&["for=\"\\\"\", for=198.51.100.1"], "198.51.100.1"),
            (&["for=_hidden"], "10.0.0.1"),
            (&["for=unknown"], "10.0.0.1"),
            (&["for=198.51.100.1;for=198.51.100.2"], "10.0.0.1"),
            (&["proto=https"], "10.0.0.1"),
            (&["", ";;,,=\""], "10.0.0.1"),
        ];
        for (lines, expected) in cases {
            assert_eq!(of(lines), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_header_that_the_proxies_do_not_write_is_not_looked_at() {
        let proxies = Proxies {
            trusted: vec![Network::parse("10.0.0.1").unwrap()],
            header: ForwardedHeader::XForwardedFor,
        };
        let mut headers = HeaderMap::new();
        headers.insert(
            HeaderName::from_static("forwarded"),
            HeaderValue::from_static("for=198.51.100.1"),
        );
        let peer = "10.0.0.1".parse().unwrap();
        assert_eq!(proxies.client(Some(peer), &headers), Some(peer));
        assert_eq!(proxies.client(None, &headers), None);
    }
}
