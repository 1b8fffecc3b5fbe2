//! Checking a proof (vc-di-eddsa §3.3.2), stricter than the standard where it leaves a choice.

use serde_json::{Map, Value};

use super::{CRYPTOSUITE, PROOF_PURPOSE, PROOF_TYPE, base58, hash_data};
use crate::canonical::{CanonicalError, to_jcs};
use crate::keys::PublicKey;
use crate::whole_seconds;

/// Why a document's proof is not accepted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SecuredError {
    /// Only objects carry proofs.
    #[error("the document is not a JSON object")]
    NotAnObject,
    /// There is nothing to check.
    #[error("the document carries no proof")]
    NoProof,
    /// A proof set, a chain, or something else than one object.
    #[error("the proof must be one JSON object")]
    NotOneProof,
    /// Not a `DataIntegrityProof`.
    #[error("the proof's type is not DataIntegrityProof")]
    WrongType,
    /// Not `eddsa-jcs-2022`.
    #[error("the proof's cryptosuite is not eddsa-jcs-2022")]
    WrongCryptosuite,
    /// Not `assertionMethod`.
    #[error("the proof's purpose is not assertionMethod")]
    WrongPurpose,
    /// `created` is there and is not an instant in whole seconds, UTC.
    #[error("the proof's created is not an instant of the form 2026-11-22T03:13:00Z")]
    BadCreated,
    /// `verificationMethod` is missing or not a text.
    #[error("the proof names no verificationMethod")]
    NoVerificationMethod,
    /// The proof was made in other contexts than those of the document.
    #[error("the proof's @context differs from the document's")]
    ContextMismatch,
    /// An option this verifier cannot judge (an expiry without a clock, a challenge, a chain).
    #[error("the proof has the option {0:?}, which this verifier does not know")]
    UnknownOption(String),
    /// Not `z` and base58btc of 64 bytes.
    #[error("the proofValue is not z and base58btc of 64 bytes")]
    BadProofValue,
    /// The document has no canonical form to check.
    #[error("the document has no canonical form: {0}")]
    Canonical(#[from] CanonicalError),
    /// The key did not sign this document.
    #[error("the signature does not match: the document was altered, or another key signed it")]
    SignatureInvalid,
}

impl SecuredError {
    /// The stable code of this refusal.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotAnObject => "not_an_object",
            Self::NoProof => "no_proof",
            Self::NotOneProof => "not_one_proof",
            Self::WrongType => "wrong_proof_type",
            Self::WrongCryptosuite => "wrong_cryptosuite",
            Self::WrongPurpose => "wrong_proof_purpose",
            Self::BadCreated => "bad_created",
            Self::NoVerificationMethod => "no_verification_method",
            Self::ContextMismatch => "context_mismatch",
            Self::UnknownOption(_) => "unknown_proof_option",
            Self::BadProofValue => "bad_proof_value",
            Self::Canonical(_) => "no_canonical_form",
            Self::SignatureInvalid => "signature_invalid",
        }
    }
}

/// The options a proof may have.
const KNOWN_OPTIONS: [&str; 7] = [
    "@context",
    "created",
    "cryptosuite",
    "proofPurpose",
    "proofValue",
    "type",
    "verificationMethod",
];

/// Checks that the key signed the document.
///
/// The document comes from [`crate::canonical::parse_strict`], or two readers may see two
/// documents. Whether the key is one to trust, and the one that `verificationMethod` names, is the
/// caller's question.
pub fn verify(document: &Value, key: &PublicKey) -> Result<(), SecuredError> {
    let members = document.as_object().ok_or(SecuredError::NotAnObject)?;
    let mut unsecured = members.clone();
    let mut options = match unsecured.remove("proof") {
        None => return Err(SecuredError::NoProof),
        Some(Value::Object(proof)) => proof,
        Some(_) => return Err(SecuredError::NotOneProof),
    };
    check_options(&options, members.get("@context"))?;
    let signature = signature(&options)?;
    options.remove("proofValue");
    let signed = hash_data(&to_jcs(&options)?, &to_jcs(&unsecured)?);
    key.verify_strict(&signed, &signature)
        .then_some(())
        .ok_or(SecuredError::SignatureInvalid)
}

/// The key a document's proof says it is made with, before anything is checked.
pub fn verification_method(document: &Value) -> Option<&str> {
    document.get("proof")?.get("verificationMethod")?.as_str()
}

fn check_options(
    options: &Map<String, Value>,
    document_context: Option<&Value>,
) -> Result<(), SecuredError> {
    let text = |name: &str| options.get(name).and_then(Value::as_str);
    if text("type") != Some(PROOF_TYPE) {
        return Err(SecuredError::WrongType);
    }
    if text("cryptosuite") != Some(CRYPTOSUITE) {
        return Err(SecuredError::WrongCryptosuite);
    }
    if text("proofPurpose") != Some(PROOF_PURPOSE) {
        return Err(SecuredError::WrongPurpose);
    }
    if options.contains_key("created") && text("created").and_then(whole_seconds::parse).is_none() {
        return Err(SecuredError::BadCreated);
    }
    if text("verificationMethod").is_none() {
        return Err(SecuredError::NoVerificationMethod);
    }
    if options.get("@context") != document_context {
        return Err(SecuredError::ContextMismatch);
    }
    match options
        .keys()
        .find(|name| !KNOWN_OPTIONS.contains(&name.as_str()))
    {
        Some(unknown) => Err(SecuredError::UnknownOption(unknown.clone())),
        None => Ok(()),
    }
}

fn signature(options: &Map<String, Value>) -> Result<[u8; 64], SecuredError> {
    let encoded = options.get("proofValue").and_then(Value::as_str);
    encoded
        .and_then(signature_of)
        .ok_or(SecuredError::BadProofValue)
}

/// The signature in a `proofValue`: `z` and base58btc of 64 bytes.
pub(crate) fn signature_of(proof_value: &str) -> Option<[u8; 64]> {
    base58::signature(proof_value.strip_prefix('z')?)
}
