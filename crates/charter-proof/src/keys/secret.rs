//! Secret keys.

use std::fmt;

use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::Zeroize as _;

use super::PublicKey;

/// An ed25519 secret key; wiped from memory when dropped, never printed.
pub struct SecretKey(pub(super) SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed (RFC 8032 §5.1.5).
    pub fn from_seed(mut seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        seed.zeroize();
        Self(key)
    }

    /// Signs a message (RFC 8032 §5.1.6).
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey::of(&self.0)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {})", self.public())
    }
}
