//! Access tokens: `chr_<kind>_<id>_<30 base62><crc32>`.
//!
//! A fixed prefix and a checksum let secret scanners find leaked tokens and tell them from look-alikes; the
//! identifier finds the row, and only the SHA-256 of the whole is stored.

use charter_proof::canonical::Digest;

use super::word::{Word, vocabulary};

vocabulary! {
    /// Whose token it is.
    pub enum TokenKind ("token kind") {
        /// A person of the secretariat.
        Operator = "operator",
        /// A partner site.
        Partner = "partner",
        /// The applicant of one application.
        Applicant = "applicant",
        /// The contact person who reads a letter: it confirms the address and opens nothing.
        Confirmation = "confirmation",
    }
}

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const ID_LENGTH: usize = 12;
const SECRET_LENGTH: usize = 30;
const CHECKSUM_LENGTH: usize = 6;

/// How many random bytes [`Token::new`] wants.
pub const ENTROPY: usize = 64;

/// The identifier of a token, which is no secret: twelve letters and digits.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct TokenId(String);

impl TokenId {
    /// The identifier as written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TokenId {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        if text.len() == ID_LENGTH && is_base62(&text) {
            Ok(Self(text))
        } else {
            Err("this is no identifier of a token: expected twelve letters and digits")
        }
    }
}

fn is_base62(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// A token in the clear: shown once, never stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Token {
    kind: TokenKind,
    id: String,
    text: String,
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token")
            .field("kind", &self.kind)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

impl TokenKind {
    const fn tag(self) -> &'static str {
        match self {
            Self::Operator => "op",
            Self::Partner => "pt",
            Self::Applicant => "ap",
            Self::Confirmation => "cf",
        }
    }
}

impl Token {
    /// Makes a token of random bytes.
    ///
    /// Each character is a byte modulo 62, a bias of at most 1 in 64: 30 of them hold more than 175 bits.
    pub fn new(kind: TokenKind, random: &[u8; ENTROPY]) -> Self {
        let mut characters = random.iter().map(|byte| base62_digit(u32::from(*byte)));
        let id: String = characters.by_ref().take(ID_LENGTH).collect();
        let secret: String = characters.take(SECRET_LENGTH).collect();
        let body = format!("chr_{}_{id}_{secret}", kind.tag());
        let text = format!("{body}{}", checksum(&body));
        Self { kind, id, text }
    }

    /// Reads a token; `None` when its form or checksum is wrong.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('_');
        if parts.next() != Some("chr") {
            return None;
        }
        let tag = parts.next()?;
        let kind = TokenKind::all()
            .iter()
            .copied()
            .find(|kind| kind.tag() == tag)?;
        let id = parts.next().filter(|id| id.len() == ID_LENGTH)?;
        let rest = parts
            .next()
            .filter(|rest| rest.len() == SECRET_LENGTH + CHECKSUM_LENGTH)?;
        if parts.next().is_some() || !is_base62(id) || !is_base62(rest) {
            return None;
        }
        let (body, sum) = text.split_at_checked(text.len() - CHECKSUM_LENGTH)?;
        (checksum(body) == sum).then(|| Self {
            kind,
            id: id.to_owned(),
            text: text.to_owned(),
        })
    }

    /// Whose token it is.
    pub const fn kind(&self) -> TokenKind {
        self.kind
    }

    /// Its identifier, which is no secret.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The token in the clear.
    pub fn reveal(&self) -> &str {
        &self.text
    }

    /// What is stored of it.
    pub fn hash(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }
}

fn base62_digit(value: u32) -> char {
    let place = usize::try_from(value % 62).unwrap_or_default();
    BASE62.get(place).copied().map_or('0', char::from)
}

/// CRC-32 (ISO 3309) in six base62 digits, most significant first.
fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = Vec::with_capacity(CHECKSUM_LENGTH);
    for _ in 0..CHECKSUM_LENGTH {
        digits.push(base62_digit(rest));
        rest /= 62;
    }
    digits.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::{ENTROPY, Token, TokenKind};

    #[test]
    fn a_token_reads_back_and_a_changed_one_does_not() {
        let token = Token::new(TokenKind::Operator, &[7; ENTROPY]);
        let text = token.reveal();
        assert!(text.starts_with("chr_op_"), "{text}");
        assert_eq!(Token::parse(text), Some(token.clone()));
        for place in 0..text.len() {
            let mut changed = text.as_bytes().to_vec();
            changed[place] = if changed[place] == b'x' { b'y' } else { b'x' };
            assert_eq!(
                Token::parse(std::str::from_utf8(&changed).unwrap()),
                None,
                "changed at {place}"
            );
        }
        assert!(!format!("{token:?}").contains(text));
    }
}
