//! Ed25519 keys: the pair itself, the forms in which a public key is published, and the list that
//! says which key signed what.

mod claim;
mod did_document;
#[cfg(feature = "key-files")]
mod key_file;
mod list;
mod note;
mod public;
mod secret;

pub use claim::claim_hash;
pub use did_document::{
    DidDocument, DidDocumentError, JsonWebKey, PublishedKeys, VerificationMethod, did_document,
};
pub use list::{KeyList, KeyListError, KeyRange, Purpose};
pub use note::{CLOCK_SIGNATURE, LOG_SIGNATURE, key_id, vkey};
pub use public::PublicKey;
pub use secret::SecretKey;

/// Why some bytes or a text are not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// Not `z` and base58btc of `ed01` and 32 bytes.
    #[error("an ed25519 Multikey is z and base58btc of ed01 and 32 bytes (it starts with z6Mk)")]
    Multibase,
    /// Not the base64url form of 32 bytes.
    #[error("the x of an Ed25519 JSON Web Key is 32 bytes in base64url without padding")]
    JwkX,
    /// Not a point of the curve in its one encoding (RFC 8032 §5.1.3).
    #[error("the 32 bytes are not an ed25519 point in canonical form")]
    NotAPoint,
    /// A point of small order, under which anyone can make signatures that verify.
    #[error("the ed25519 key is weak: a point of small order")]
    Weak,
    /// Not an ed25519 PKCS#8 private key in PEM (RFC 8410 §7).
    #[error(
        "the file is not an unencrypted ed25519 private key in PKCS#8 PEM; \
         `openssl genpkey -algorithm ed25519` writes one"
    )]
    Pkcs8,
}

#[cfg(test)]
#[cfg(feature = "key-files")]
mod tests;
