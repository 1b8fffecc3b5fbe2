//! The DID document: record keys where generic verifiers look for them.

use serde::Serialize;
use serde_json::Value;

use super::PublicKey;
use crate::canonical::{StrictJsonError, parse_strict};
use crate::identity::{Base, host_of_did};

/// The contexts of the document: DID Core 1.0, then the two key types (Controlled Identifiers 1.0
/// §2.2.2, §2.2.3).
const CONTEXTS: [&str; 3] = [
    "https://www.w3.org/ns/did/v1",
    "https://w3id.org/security/multikey/v1",
    "https://w3id.org/security/jwk/v1",
];

/// The document served at `/.well-known/did.json` (did:web §3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DidDocument {
    #[serde(rename = "@context")]
    context: [&'static str; 3],
    #[serde(rename = "assertionMethod")]
    assertion_method: Vec<String>,
    id: String,
    #[serde(rename = "verificationMethod")]
    verification_method: Vec<VerificationMethod>,
}

/// One public key in one of its two published forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type")]
pub enum VerificationMethod {
    /// `did:web:H#z6Mk…`, the form the cryptosuite `eddsa-jcs-2022` asks for.
    #[serde(rename_all = "camelCase")]
    Multikey {
        /// The registry's DID.
        controller: String,
        /// The DID URL of the key.
        id: String,
        /// The key.
        public_key_multibase: PublicKey,
    },
    /// `did:web:H#<thumbprint>`, the form JOSE libraries ask for.
    #[serde(rename_all = "camelCase")]
    JsonWebKey {
        /// The registry's DID.
        controller: String,
        /// The DID URL of the key.
        id: String,
        /// The key.
        public_key_jwk: JsonWebKey,
    },
}

/// An Ed25519 public key as a JSON Web Key (RFC 8037 §2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsonWebKey {
    /// Always `Ed25519`.
    pub crv: &'static str,
    /// Always `OKP`.
    pub kty: &'static str,
    /// The key in base64url.
    pub x: String,
}

impl VerificationMethod {
    fn id(&self) -> &str {
        match self {
            Self::Multikey { id, .. } | Self::JsonWebKey { id, .. } => id,
        }
    }

    fn both_forms(did: &str, key: &PublicKey) -> [Self; 2] {
        [
            Self::Multikey {
                controller: did.to_owned(),
                id: format!("{did}#{key}"),
                public_key_multibase: *key,
            },
            Self::JsonWebKey {
                controller: did.to_owned(),
                id: format!("{did}#{}", key.jwk_thumbprint()),
                public_key_jwk: JsonWebKey {
                    crv: "Ed25519",
                    kty: "OKP",
                    x: key.jwk_x(),
                },
            },
        ]
    }
}

/// Makes the DID document of a registry.
///
/// `record_keys` are all its record keys, the active one first (some verifiers take the first they
/// see), each with whether it stands in `assertionMethod`. A key that no longer does stays in
/// `verificationMethod` for ever.
pub fn did_document(base: &Base, record_keys: &[(PublicKey, bool)]) -> DidDocument {
    let did = base.did();
    let mut assertion_method = Vec::new();
    let mut verification_method = Vec::new();
    for (key, in_assertion) in record_keys {
        let forms = VerificationMethod::both_forms(&did, key);
        if *in_assertion {
            assertion_method.extend(forms.iter().map(|form| form.id().to_owned()));
        }
        verification_method.extend(forms);
    }
    DidDocument {
        context: CONTEXTS,
        assertion_method,
        id: did,
        verification_method,
    }
}

/// The record keys a DID document publishes, as a verifier reads them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedKeys {
    /// The DID the document is of.
    pub did: String,
    /// The ed25519 Multikeys of `assertionMethod`, in order: the active key first.
    pub asserting: Vec<PublicKey>,
    /// Those that stand in `verificationMethod` only: retired or compromised.
    pub retired: Vec<PublicKey>,
}

/// Why a DID document gives no record keys.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DidDocumentError {
    /// Not strict JSON.
    #[error("the DID document is not valid JSON: {0}")]
    Json(#[from] StrictJsonError),
    /// Its `id` is not a `did:web` of a bare host.
    #[error("the DID document's id is not did:web and a host in canonical form")]
    Id,
    /// No ed25519 Multikey in `assertionMethod`.
    #[error("the DID document has no ed25519 Multikey in assertionMethod")]
    NoKey,
}

impl PublishedKeys {
    /// Reads the record keys out of a DID document.
    ///
    /// Keys of other types or of another controller are passed over.
    pub fn parse(document: &[u8]) -> Result<Self, DidDocumentError> {
        let document = parse_strict(document)?;
        let did = text(&document, "id")
            .filter(|did| host_of_did(did).is_some())
            .ok_or(DidDocumentError::Id)?;
        let published: Vec<(String, PublicKey)> = list(&document, "verificationMethod")
            .iter()
            .filter_map(|method| multikey(did, method))
            .collect();
        let mut asserting = Vec::new();
        for method in list(&document, "assertionMethod") {
            let key = match method {
                Value::String(reference) => {
                    let id = absolute(did, reference);
                    published.iter().find(|(other, _)| *other == id).cloned()
                }
                embedded => multikey(did, embedded),
            };
            asserting.extend(
                key.map(|(_, key)| key)
                    .filter(|key| !asserting.contains(key)),
            );
        }
        if asserting.is_empty() {
            return Err(DidDocumentError::NoKey);
        }
        let retired = published
            .into_iter()
            .map(|(_, key)| key)
            .filter(|key| !asserting.contains(key))
            .collect();
        Ok(Self {
            did: did.to_owned(),
            asserting,
            retired,
        })
    }
}

fn text<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.get(name).and_then(Value::as_str)
}

fn list<'a>(object: &'a Value, name: &str) -> &'a [Value] {
    object
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A DID URL relative to the document's own DID (DID Core §3.2.2).
fn absolute(did: &str, reference: &str) -> String {
    if reference.starts_with('#') {
        format!("{did}{reference}")
    } else {
        reference.to_owned()
    }
}

fn multikey(did: &str, method: &Value) -> Option<(String, PublicKey)> {
    let id = absolute(did, text(method, "id")?);
    let ours = text(method, "type")? == "Multikey" && text(method, "controller")? == did;
    let key = PublicKey::from_multibase(text(method, "publicKeyMultibase")?).ok()?;
    ours.then_some((id, key))
}
