//! Why a record is refused.

use crate::canonical::StrictJsonError;
use crate::keys::PublicKey;
use crate::secured::SecuredError;

/// Why a record is refused: a stable code for programs, a sentence for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Reason {
    /// Two readers could read two documents in it.
    #[error("the file is not valid JSON: {0}")]
    Json(StrictJsonError),
    /// Members missing, unknown or of the wrong form.
    #[error("the document does not have the form of a registry record: {0}")]
    UnexpectedShape(String),
    /// Another `@context` than a registry record's.
    #[error("the document's @context is not that of a registry record")]
    WrongContext,
    /// Another `type` than a registry record's.
    #[error("the document's type is not that of a registry record")]
    WrongType,
    /// Issued by someone else than the registry whose keys were given.
    #[error("the issuer is {issuer}, and the keys given are those of {trusted}")]
    IssuerNotTrusted {
        /// The document's issuer.
        issuer: String,
        /// The registry whose keys were given.
        trusted: String,
    },
    /// An id that is not one of the issuer's own.
    #[error("{pointer} is not a URL of the issuer's registry in its one spelling")]
    ForeignId {
        /// The place of the id, a JSON Pointer (RFC 6901).
        pointer: &'static str,
    },
    /// The proof is missing, malformed, or does not match the document.
    #[error("{0}")]
    Proof(SecuredError),
    /// Signed with a key that is not among those given.
    #[error(
        "the key {verification_method} is not among the registry's keys; \
         fetch its DID document or key list again"
    )]
    UnknownKey {
        /// The DID URL the proof names.
        verification_method: String,
    },
    /// Signed with a key whose range does not hold the record's entry.
    #[error("the key {key} was not the registry's to use at entry {position} of the log")]
    KeyOutOfRange {
        /// The key that signed.
        key: Box<PublicKey>,
        /// The index of the record's entry.
        position: u64,
    },
}

impl Reason {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Json(error) => error.kind.as_str(),
            Self::UnexpectedShape(_) => "unexpected_shape",
            Self::WrongContext => "wrong_context",
            Self::WrongType => "wrong_type",
            Self::IssuerNotTrusted { .. } => "issuer_not_trusted",
            Self::ForeignId { .. } => "foreign_id",
            Self::Proof(error) => error.code(),
            Self::UnknownKey { .. } => "unknown_key",
            Self::KeyOutOfRange { .. } => "key_out_of_range",
        }
    }
}
