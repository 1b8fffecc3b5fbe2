//! Why a credential or a status list is refused.

use chrono::{DateTime, Utc};

use crate::canonical::StrictJsonError;
use crate::keys::PublicKey;
use crate::secured::SecuredError;
use crate::verify::SignerError;

/// Why a credential, a token or a status list is refused: a stable code for programs, a sentence for people.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not three parts in base64url without padding, joined by dots.
    #[error("this is no JWS in compact form: {0}")]
    Compact(&'static str),
    /// A header that is not exactly that of a membership credential.
    #[error(
        "the token's header is not {{\"alg\":\"EdDSA\",\"typ\":\"vc+jwt\",\"kid\":…}} and nothing else"
    )]
    Header,
    /// Two readers could read two documents in it.
    #[error("the document is not valid JSON: {0}")]
    Json(#[source] StrictJsonError),
    /// Members missing, unknown or of the wrong form.
    #[error("the document does not have the form it should have: {0}")]
    UnexpectedShape(String),
    /// Another `@context`.
    #[error("the document's @context is not the one that the registry writes")]
    WrongContext,
    /// Another `type`.
    #[error("the document's type is not the one it should be")]
    WrongType,
    /// Issued by someone else than the registry whose keys were given.
    #[error("the issuer is {issuer}, and the keys given are those of {trusted}")]
    IssuerNotTrusted {
        /// The document's issuer.
        issuer: String,
        /// The registry whose keys were given.
        trusted: String,
    },
    /// An id that is not one of the issuer's own, or of another member or charter than the rest.
    #[error("{pointer} is not the URL of the issuer's registry that belongs there")]
    ForeignId {
        /// The place of the id, a JSON Pointer (RFC 6901).
        pointer: &'static str,
    },
    /// A status that no credential has.
    #[error("the status is not active or suspended: others get no credential")]
    NoMember,
    /// The token's `iss`, `iat` or `exp` says something else than the credential in it.
    #[error("the token's {0} is not what the credential in it says")]
    ClaimMismatch(&'static str),
    /// The proof is missing, malformed, or does not match the document.
    #[error("{0}")]
    Proof(#[source] SecuredError),
    /// The token's signature does not match.
    #[error("the signature does not match: the token was altered, or another key signed it")]
    Signature,
    /// Signed with a key that is not among those given.
    #[error(
        "the key {verification_method} is not among the registry's keys; \
         fetch its DID document or key list again"
    )]
    UnknownKey {
        /// The DID URL that is named.
        verification_method: String,
    },
    /// Signed with a key of the registry that signs no longer.
    #[error(
        "the key {0} is the registry's no longer: fetch the credential again, and the DID document"
    )]
    RetiredKey(Box<PublicKey>),
    /// Valid for longer than such a document may be, or until before it begins.
    #[error(
        "it says that it is valid from {from} until {until}: that is not a validity it may have"
    )]
    ValidityTooLong {
        /// From when.
        from: DateTime<Utc>,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Its validity has not begun.
    #[error("it is valid from {from} on, which is not yet: one of the two clocks is wrong")]
    NotYetValid {
        /// From when.
        from: DateTime<Utc>,
    },
    /// Its validity has ended.
    #[error("it was valid until {until}: fetch it again")]
    Expired {
        /// Until when.
        until: DateTime<Utc>,
    },
    /// The bits cannot be read.
    #[error("the encodedList cannot be read: {0}")]
    EncodedList(&'static str),
}

impl Refusal {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Compact(_) => "not_compact_jws",
            Self::Header => "wrong_header",
            Self::Json(error) => error.kind.as_str(),
            Self::UnexpectedShape(_) => "unexpected_shape",
            Self::WrongContext => "wrong_context",
            Self::WrongType => "wrong_type",
            Self::IssuerNotTrusted { .. } => "issuer_not_trusted",
            Self::ForeignId { .. } => "foreign_id",
            Self::NoMember => "no_member",
            Self::ClaimMismatch(_) => "claim_mismatch",
            Self::Proof(error) => error.code(),
            Self::Signature => "signature_invalid",
            Self::UnknownKey { .. } => "unknown_key",
            Self::RetiredKey(_) => "retired_key",
            Self::ValidityTooLong { .. } => "validity_too_long",
            Self::NotYetValid { .. } => "not_yet_valid",
            Self::Expired { .. } => "expired",
            Self::EncodedList(_) => "bad_encoded_list",
        }
    }
}

impl From<SignerError> for Refusal {
    fn from(error: SignerError) -> Self {
        match error {
            SignerError::Proof(error) => Self::Proof(error),
            SignerError::Unknown(verification_method) => Self::UnknownKey {
                verification_method,
            },
        }
    }
}
