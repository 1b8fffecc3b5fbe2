//! Public keys and the texts that carry them.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use curve25519_dalek::EdwardsPoint;
use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::KeyError;
use crate::canonical::Digest;

/// The multicodec of an ed25519 public key, as a varint.
const ED25519_PUB: [u8; 2] = [0xed, 0x01];

/// An ed25519 public key, in canonical form and not weak.
///
/// Its text, in serde too, is the Multikey `z6Mk…` (Controlled Identifiers 1.0 §2.2.2).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(VerifyingKey);

impl PublicKey {
    /// Reads the 32 bytes of RFC 8032 §5.1.5.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, KeyError> {
        let key = VerifyingKey::from_bytes(bytes).map_err(|_| KeyError::NotAPoint)?;
        // Decompression reduces what it reads; RFC 8032 §5.1.3 does not.
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(KeyError::NotAPoint);
        }
        if key.is_weak() {
            return Err(KeyError::Weak);
        }
        Ok(Self(key))
    }

    /// The public half of a secret key.
    pub(super) fn of(secret: &ed25519_dalek::SigningKey) -> Self {
        Self(secret.verifying_key())
    }

    /// Reads a Multikey: `z6Mk…`.
    pub fn from_multibase(text: &str) -> Result<Self, KeyError> {
        let encoded = text.strip_prefix('z').ok_or(KeyError::Multibase)?;
        let mut bytes = [0; 34];
        let length = bs58::decode(encoded)
            .onto(&mut bytes)
            .map_err(|_| KeyError::Multibase)?;
        match bytes.split_first_chunk::<2>() {
            Some((&ED25519_PUB, key)) if length == bytes.len() => {
                Self::from_bytes(key.try_into().map_err(|_| KeyError::Multibase)?)
            }
            _ => Err(KeyError::Multibase),
        }
    }

    /// The point itself.
    pub(crate) fn point(&self) -> EdwardsPoint {
        self.0.to_edwards()
    }

    /// Reads the `x` of a JSON Web Key (RFC 8037 §2).
    pub fn from_jwk_x(x: &str) -> Result<Self, KeyError> {
        let bytes = URL_SAFE_NO_PAD.decode(x).map_err(|_| KeyError::JwkX)?;
        Self::from_bytes(&bytes.try_into().map_err(|_| KeyError::JwkX)?)
    }

    /// The 32 bytes of RFC 8032 §5.1.5.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }

    /// The Multikey: `z` and base58btc of `ed01` and the 32 bytes.
    pub fn to_multibase(&self) -> String {
        let bytes = [ED25519_PUB.as_slice(), self.as_bytes()].concat();
        format!("z{}", bs58::encode(bytes).into_string())
    }

    /// The `x` of the JSON Web Key (RFC 8037 §2).
    pub fn jwk_x(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.as_bytes())
    }

    /// The thumbprint of the JSON Web Key (RFC 7638 §3; required members: RFC 8037 §2).
    pub fn jwk_thumbprint(&self) -> String {
        let required = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{}"}}"#, self.jwk_x());
        URL_SAFE_NO_PAD.encode(Digest::of(required.as_bytes()).as_bytes())
    }

    /// Whether this key signed the message: RFC 8032 §5.1.7, refusing also a non-canonical or
    /// small-order R, which the RFC leaves open.
    #[must_use = "the message is to be believed only if this is true"]
    pub fn verify_strict(&self, message: &[u8], signature: &[u8; 64]) -> bool {
        self.0
            .verify_strict(message, &Signature::from_bytes(signature))
            .is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_multibase())
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        Self::from_multibase(text)
    }
}

impl Serialize for PublicKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_multibase())
    }
}

impl<'de> Deserialize<'de> for PublicKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
