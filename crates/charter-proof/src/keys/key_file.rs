//! The files that keep secret keys: unencrypted PKCS#8 in PEM (RFC 8410 §7, RFC 7468 §10).

use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use zeroize::Zeroizing;

use super::{KeyError, SecretKey};

impl SecretKey {
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
}
