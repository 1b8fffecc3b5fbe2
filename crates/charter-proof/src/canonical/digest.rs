//! SHA-256 digests in the two forms the formats use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};

/// How many bytes are copied so that they stand in one piece: the nodes of the trees have fewer.
const SHORT: usize = 96;

/// A SHA-256 digest, written as 64 lower-case hexadecimal digits.
///
/// In entries, keys and digests of the log it stands bare; inside credentials it carries its
/// algorithm's name ([`Digest::prefixed`], and [`prefixed`] for serde).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// The digest of several pieces as if they stood in one.
    pub fn of_parts(parts: &[&[u8]]) -> Self {
        // Nodes of trees are short, and millions: in one piece they are hashed sooner.
        let (mut piece, mut length) = ([0; SHORT], 0);
        let fits = parts.iter().all(|part| {
            let place = piece.get_mut(length..length + part.len());
            length += part.len();
            place.map(|place| place.copy_from_slice(part)).is_some()
        });
        if fits {
            return Self::of(piece.get(..length).unwrap_or_default());
        }
        let mut hash = Sha256::new();
        for part in parts {
            hash.update(part);
        }
        Self(hash.finalize().into())
    }

    /// A digest computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// `sha-256:<hex>`, the form used inside credentials.
    pub fn prefixed(&self) -> String {
        format!("{PREFIX}{self}")
    }

    /// Reads [`Digest::prefixed`] back.
    pub fn from_prefixed(text: &str) -> Result<Self, ParseDigestError> {
        text.strip_prefix(PREFIX).ok_or(ParseDigestError)?.parse()
    }
}

const PREFIX: &str = "sha-256:";

/// The text is not a SHA-256 digest in the one accepted form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a SHA-256 digest is 64 hexadecimal digits in lower case")]
pub struct ParseDigestError;

impl FromStr for Digest {
    type Err = ParseDigestError;

    fn from_str(text: &str) -> Result<Self, ParseDigestError> {
        let digits: &[u8; 64] = text.as_bytes().try_into().map_err(|_| ParseDigestError)?;
        let (pairs, _) = digits.as_chunks::<2>();
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            let (high, low) = nibble(*high).zip(nibble(*low)).ok_or(ParseDigestError)?;
            *byte = high << 4 | low;
        }
        Ok(Self(bytes))
    }
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

/// The digits of these bytes: what is written thousands of times a second is not written by `write!`.
fn hex<'a>(bytes: &[u8; 32], digits: &'a mut [u8; 64]) -> Option<&'a str> {
    let digit = |nibble: u8| nibble + if nibble < 10 { b'0' } else { b'a' - 10 };
    let (pairs, _) = digits.as_chunks_mut::<2>();
    for (byte, pair) in bytes.iter().zip(pairs) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    std::str::from_utf8(digits).ok()
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(hex(&self.0, &mut [0; 64]).ok_or(fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut digits = [0; 64];
        let text = hex(&self.0, &mut digits);
        serializer.serialize_str(text.unwrap_or_default())
    }
}

impl<'de> Deserialize<'de> for Digest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Serde form `sha-256:<hex>`, for `#[serde(with = "prefixed")]` on a [`Digest`].
pub mod prefixed {
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Digest;

    /// Writes `sha-256:<hex>`.
    pub fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&digest.prefixed())
    }

    /// Reads `sha-256:<hex>`, and nothing else.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        Digest::from_prefixed(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn a_digest_is_written_as_bare_lower_case_hex_and_read_back() {
        let digest = Digest::of(b"");
        assert_eq!(digest.to_string(), EMPTY);
        assert_eq!(EMPTY.parse::<Digest>().unwrap(), digest);
        assert_eq!(Digest::from_prefixed(&digest.prefixed()).unwrap(), digest);
        assert_eq!(
            serde_json::to_string(&digest).unwrap(),
            format!("\"{EMPTY}\"")
        );
    }

    #[test]
    fn pieces_have_the_digest_of_the_whole() {
        assert_eq!(Digest::of_parts(&[b"ab", b"", b"c"]), Digest::of(b"abc"));
        for length in 0..300 {
            let (one, other) = ([7; 40], vec![9; length]);
            let whole = [&one[..], &other].concat();
            assert_eq!(Digest::of_parts(&[&one, &other]), Digest::of(&whole));
        }
    }

    #[test]
    fn any_other_spelling_of_a_digest_is_refused() {
        for other in [
            "",
            "e3",
            &EMPTY.to_uppercase(),
            &EMPTY[..63],
            &format!("{EMPTY}0"),
            &format!("{EMPTY}00"),
            &format!("sha-256:{EMPTY}"),
            &format!(" {}", &EMPTY[1..]),
            &format!("{}é", &EMPTY[..62]),
        ] {
            assert!(other.parse::<Digest>().is_err(), "{other:?}");
        }
        assert!(Digest::from_prefixed(EMPTY).is_err());
        assert!(Digest::from_prefixed(&format!("SHA-256:{EMPTY}")).is_err());
    }
}
