//! Data Integrity proofs with the cryptosuite `eddsa-jcs-2022` (W3C vc-di-eddsa §3.3).
//!
//! What is signed is `SHA256(JCS(proof without proofValue)) ‖ SHA256(JCS(document without proof))`;
//! the proof carries the document's own `@context`, without which some verifiers fail.

mod base58;
mod verify;

pub(crate) use verify::signature_of;
pub use verify::{SecuredError, verification_method, verify};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::canonical::{CanonicalError, Digest, InJcsOrder, to_jcs};
use crate::keys::SecretKey;
use crate::whole_seconds;

/// The `type` of every proof made here.
pub const PROOF_TYPE: &str = "DataIntegrityProof";
/// The one cryptosuite of this project.
pub const CRYPTOSUITE: &str = "eddsa-jcs-2022";
/// The one purpose of this project's proofs.
pub const PROOF_PURPOSE: &str = "assertionMethod";

/// The proof of one of the registry's own documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proof {
    /// The document's contexts, repeated.
    #[serde(rename = "@context")]
    pub context: Vec<String>,
    /// When the proof was made.
    #[serde(with = "whole_seconds")]
    pub created: DateTime<Utc>,
    /// [`CRYPTOSUITE`].
    pub cryptosuite: String,
    /// [`PROOF_PURPOSE`].
    pub proof_purpose: String,
    /// `z` and base58btc of the 64-byte signature.
    pub proof_value: String,
    /// [`PROOF_TYPE`].
    pub r#type: String,
    /// The DID URL of the key that signed.
    pub verification_method: String,
}

/// A proof before it is made: what the signature covers beside the document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ProofOptions<'a, C> {
    #[serde(rename = "@context", skip_serializing_if = "Option::is_none")]
    context: Option<C>,
    #[serde(with = "whole_seconds")]
    created: DateTime<Utc>,
    cryptosuite: &'static str,
    proof_purpose: &'static str,
    r#type: &'static str,
    verification_method: &'a str,
}

impl InJcsOrder for ProofOptions<'_, &[String]> {}

impl<'a, C> ProofOptions<'a, C> {
    fn new(context: Option<C>, created: DateTime<Utc>, verification_method: &'a str) -> Self {
        Self {
            context,
            created,
            cryptosuite: CRYPTOSUITE,
            proof_purpose: PROOF_PURPOSE,
            r#type: PROOF_TYPE,
            verification_method,
        }
    }
}

/// Why a document cannot be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// Only objects carry proofs.
    #[error("only a JSON object can carry a proof")]
    NotAnObject,
    /// It carries one already.
    #[error("the document carries a proof already")]
    AlreadyProven,
    /// It has no canonical form.
    #[error("the document has no canonical form: {0}")]
    Canonical(#[from] CanonicalError),
}

/// Signs any JSON document (vc-di-eddsa §3.3.1), adding `proof`; the proof's `@context` is the
/// document's.
///
/// The registry's own documents are signed without this detour: see [`crate::record`].
pub fn sign_value(
    mut document: Value,
    created: DateTime<Utc>,
    verification_method: &str,
    key: &SecretKey,
) -> Result<Value, SignError> {
    let unsecured = to_jcs(&document)?;
    let members = document.as_object_mut().ok_or(SignError::NotAnObject)?;
    if members.contains_key("proof") {
        return Err(SignError::AlreadyProven);
    }
    let options = ProofOptions::new(members.get("@context"), created, verification_method);
    let proof_value = proof_value(&to_jcs(&options)?, &unsecured, key);
    let mut proof = serde_json::to_value(&options).map_err(CanonicalError::Unserialisable)?;
    if let Some(proof) = proof.as_object_mut() {
        proof.insert("proofValue".into(), proof_value.into());
    }
    members.insert("proof".into(), proof);
    Ok(document)
}

/// Makes the proof of a document of this crate's own, which does not carry one yet.
pub(crate) fn prove<T: InJcsOrder>(
    document: &T,
    context: &[String],
    created: DateTime<Utc>,
    verification_method: String,
    key: &SecretKey,
) -> Proof {
    let options = ProofOptions::new(Some(context), created, &verification_method);
    let proof_value = proof_value(
        &options.to_ordered_bytes(),
        &document.to_ordered_bytes(),
        key,
    );
    Proof {
        context: context.to_vec(),
        created,
        cryptosuite: CRYPTOSUITE.to_owned(),
        proof_purpose: PROOF_PURPOSE.to_owned(),
        proof_value,
        r#type: PROOF_TYPE.to_owned(),
        verification_method,
    }
}

fn proof_value(options: &[u8], document: &[u8], key: &SecretKey) -> String {
    let signature = key.sign(&hash_data(options, document));
    format!("z{}", bs58::encode(signature).into_string())
}

/// The 64 bytes that are signed (vc-di-eddsa §3.3.4): the options' digest, then the document's.
fn hash_data(options: &[u8], document: &[u8]) -> [u8; 64] {
    hash_pieces(&[options], &[document])
}

/// The same where options and document are at hand in pieces.
pub(crate) fn hash_pieces(options: &[&[u8]], document: &[&[u8]]) -> [u8; 64] {
    let mut data = [0; 64];
    let (first, second) = data.split_at_mut(32);
    first.copy_from_slice(Digest::of_parts(options).as_bytes());
    second.copy_from_slice(Digest::of_parts(document).as_bytes());
    data
}

#[cfg(test)]
mod tests;
