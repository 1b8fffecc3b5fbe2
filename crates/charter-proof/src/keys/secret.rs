//! Secret keys and the files that keep them.

use std::fmt;

use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{Signer as _, SigningKey};
use zeroize::{Zeroize as _, Zeroizing};

use super::{KeyError, PublicKey};

/// An ed25519 secret key; wiped from memory when dropped, never printed.
pub struct SecretKey(SigningKey);

impl SecretKey {
    /// The key of a 32-byte seed (RFC 8032 §5.1.5).
    pub fn from_seed(mut seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        seed.zeroize();
        Self(key)
    }

    /// Reads an unencrypted PKCS#8 PEM file, version 1 or 2 (RFC 8410 §7, RFC 5958 §2), such as
    /// `openssl genpkey -algorithm ed25519` writes.
    ///
    /// A version 2 file whose public key is not the secret key's is refused.
    pub fn from_pkcs8_pem(pem: &str) -> Result<Self, KeyError> {
        SigningKey::from_pkcs8_pem(pem)
            .map(Self)
            .map_err(|_| KeyError::Pkcs8)
    }

    /// Writes a PKCS#8 PEM file, always version 1, which `openssl pkey` reads.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        // With a public key it would be version 2, which OpenSSL refuses.
        let version_1 = KeypairBytes {
            secret_key: self.0.to_bytes(),
            public_key: None,
        };
        version_1
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|_| KeyError::Pkcs8)
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
