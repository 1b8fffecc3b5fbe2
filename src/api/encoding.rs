//! The encodings of bodies (RFC 9110 §8.4): zstd or gzip, where the client takes them and the body is long enough.

use std::io::{self, Write};

use actix_web::{HttpRequest, http::header};
use flate2::write::GzEncoder;

/// The shortest body that is compressed: below, the headers outweigh what is saved.
pub const WORTHWHILE: usize = 512;

/// The level of zstd. On records the higher ones save 3 % and take ten times as long.
const ZSTD_LEVEL: i32 = 1;

/// How a body is encoded on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// gzip, RFC 1952.
    Gzip,
    /// Zstandard, RFC 8878.
    Zstd,
}

impl Encoding {
    /// The encoding that the client likes best of those that are there.
    pub fn of(request: &HttpRequest) -> Self {
        let accepted = request.headers().get(header::ACCEPT_ENCODING);
        let accepted = accepted.and_then(|value| value.to_str().ok());
        accepted.map_or(Self::Identity, Self::best)
    }

    /// The best of what `Accept-Encoding` lists; between equals zstd comes before gzip.
    fn best(accepted: &str) -> Self {
        let weight = |name: &str| {
            let of = |name: &str| accepted.split(',').find_map(|one| weight_of(one, name));
            of(name).or_else(|| of("*")).unwrap_or(0)
        };
        let mut best = (Self::Identity, 0);
        for encoding in [Self::Zstd, Self::Gzip] {
            let weight = weight(encoding.name());
            if weight > best.1 {
                best = (encoding, weight);
            }
        }
        best.0
    }

    /// Its name in headers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }

    /// The entity tag of what has this tag unencoded: each encoding is a representation of its own.
    pub fn tag(self, tag: String) -> String {
        match (self, tag.strip_suffix('"')) {
            (Self::Gzip | Self::Zstd, Some(tag)) => format!("{tag}-{}\"", self.name()),
            _ => tag,
        }
    }

    /// A body in this encoding.
    pub fn encoded(self, body: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Self::Identity => Ok(body),
            Self::Gzip | Self::Zstd => {
                let mut encoded = Vec::with_capacity(body.len() / 4);
                self.copy(&mut body.as_slice(), &mut encoded)?;
                Ok(encoded)
            }
        }
    }

    /// Copies everything in this encoding.
    pub fn copy(self, from: &mut impl io::Read, to: &mut impl Write) -> io::Result<()> {
        match self {
            Self::Identity => io::copy(from, to).map(drop),
            Self::Gzip => {
                let mut encoder = GzEncoder::new(to, flate2::Compression::default());
                io::copy(from, &mut encoder)?;
                encoder.finish().map(drop)
            }
            Self::Zstd => {
                let mut encoder = zstd::Encoder::new(to, ZSTD_LEVEL)?;
                io::copy(from, &mut encoder)?;
                encoder.finish().map(drop)
            }
        }
    }
}

/// The weight that one item of the list gives an encoding, in thousandths; none where it is about another one.
fn weight_of(item: &str, name: &str) -> Option<u16> {
    let mut parts = item.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(name) {
        return None;
    }
    let weight = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
    let Some(weight) = weight else {
        return Some(1000);
    };
    let (whole, digits) = weight.split_once('.').unwrap_or((weight, ""));
    let thousandths: u16 = format!("{digits:0<3}").get(..3)?.parse().ok()?;
    match whole {
        "1" => Some(1000),
        "0" => Some(thousandths),
        _ => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::Encoding::{self, Gzip, Identity, Zstd};

    #[test]
    fn the_client_gets_what_it_likes_best_and_nothing_that_it_refuses() {
        for (accepted, expected) in [
            ("", Identity),
            ("identity", Identity),
            ("gzip", Gzip),
            ("GZIP", Gzip),
            ("zstd", Zstd),
            ("gzip, deflate, br, zstd", Zstd),
            ("gzip;q=0.9, zstd;q=0.8", Gzip),
            ("gzip;q=0.9,zstd ; q=0.95", Zstd),
            ("zstd;q=0, gzip", Gzip),
            ("zstd;q=0.000", Identity),
            ("*", Zstd),
            ("*;q=0.1, gzip;q=0.5", Gzip),
            ("zstd;q=0, *", Gzip),
            ("br;q=1.0", Identity),
            ("gzip;q=2", Identity),
            ("gzip;q=0.é", Identity),
            (";;,,=", Identity),
        ] {
            assert_eq!(Encoding::best(accepted), expected, "{accepted:?}");
        }
    }

    #[test]
    fn what_is_encoded_is_what_it_was_and_has_a_tag_of_its_own() {
        let body = "{\"name\":\"Школа\"}\n".repeat(100).into_bytes();
        let zstd = Zstd.encoded(body.clone()).unwrap();
        assert_eq!(zstd::decode_all(zstd.as_slice()).unwrap(), body);
        let gzip = Gzip.encoded(body.clone()).unwrap();
        let mut unpacked = Vec::new();
        let mut reader = flate2::read::GzDecoder::new(gzip.as_slice());
        reader.read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, body);
        assert!(zstd.len() < body.len() && gzip.len() < body.len());
        assert_eq!(Identity.encoded(body.clone()).unwrap(), body);
        let tag = || "\"abc\"".to_owned();
        assert_eq!(Zstd.tag(tag()), "\"abc-zstd\"");
        assert_eq!(Identity.tag(tag()), "\"abc\"");
    }
}
