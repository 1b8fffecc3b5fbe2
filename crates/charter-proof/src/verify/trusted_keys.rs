//! The keys a verifier trusts, and what each is good for.

use serde_json::Value;

use crate::identity::Base;
use crate::keys::{KeyList, PublicKey, PublishedKeys, Purpose};
use crate::secured::{self, SecuredError};

/// The record keys of one registry, from a source the caller trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKeys {
    issuer: String,
    source: Source,
    /// Every record key by its DID URL: read once, and not with every document.
    methods: Vec<(String, PublicKey)>,
    bases: Vec<Base>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    DidDocument(PublishedKeys),
    KeyList(KeyList),
}

/// What a key's signature is worth.
pub(super) enum KeyStanding {
    /// The key was the registry's to use.
    InForce,
    /// It may have been: only the position of the record's entry can tell.
    DependsOnPosition,
    /// It was not, at this position.
    OutOfRange(u64),
}

/// Why none of the trusted keys signed a document.
#[derive(Debug)]
pub(crate) enum SignerError {
    /// The proof is missing, malformed, or does not match the document.
    Proof(SecuredError),
    /// The key that it names is not among them.
    Unknown(String),
}

impl TrustedKeys {
    /// The keys of a DID document.
    ///
    /// It gives no ranges: only its first key, the active one, is known to be in force.
    pub fn from_did_document(keys: PublishedKeys) -> Self {
        let known = keys.asserting.iter().chain(&keys.retired).copied();
        let (did, known) = (keys.did.clone(), known.collect());
        Self::of(did, known, Source::DidDocument(keys))
    }

    /// The keys of the registry with this DID, by its key list.
    pub fn from_key_list(did: &str, list: KeyList) -> Self {
        let ranges = list.ranges().iter();
        let known = ranges.filter(|range| range.purpose == Purpose::Record);
        let known = known.map(|range| range.public_key_multibase).collect();
        Self::of(did.to_owned(), known, Source::KeyList(list))
    }

    fn of(issuer: String, known: Vec<PublicKey>, source: Source) -> Self {
        let method = |key: PublicKey| (format!("{issuer}#{key}"), key);
        Self {
            methods: known.into_iter().map(method).collect(),
            bases: Base::candidates_for_did(&issuer),
            issuer,
            source,
        }
    }

    /// The DID of the registry whose keys these are.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The URLs under which the registry may issue documents.
    pub(super) fn bases(&self) -> &[Base] {
        &self.bases
    }

    /// The key with this DID URL, `did:web:H#z6Mk…`.
    pub(super) fn find(&self, verification_method: &str) -> Option<PublicKey> {
        let mut known = self.methods.iter();
        let named = known.find(|(method, _)| method == verification_method);
        named.map(|(_, key)| *key)
    }

    /// The record key with this DID URL, `did:web:H#<thumbprint>`, the form of JSON Web Keys.
    pub(crate) fn find_thumbprint(&self, kid: &str) -> Option<PublicKey> {
        let named = kid.strip_prefix(self.issuer.as_str())?.strip_prefix('#')?;
        let is_named = |key: &&PublicKey| key.jwk_thumbprint() == named;
        match &self.source {
            Source::DidDocument(keys) => {
                let mut keys = keys.asserting.iter().chain(&keys.retired);
                keys.find(is_named).copied()
            }
            Source::KeyList(list) => {
                let ranges = list.ranges().iter();
                let records = ranges.filter(|range| range.purpose == Purpose::Record);
                let mut keys = records.map(|range| &range.public_key_multibase);
                keys.find(is_named).copied()
            }
        }
    }

    /// The trusted key that signed the document.
    pub(crate) fn signer(&self, document: &Value) -> Result<PublicKey, SignerError> {
        let Some(method) = secured::verification_method(document) else {
            let error = match document.get("proof") {
                None => SecuredError::NoProof,
                Some(Value::Object(_)) => SecuredError::NoVerificationMethod,
                Some(_) => SecuredError::NotOneProof,
            };
            return Err(SignerError::Proof(error));
        };
        let key = self
            .find(method)
            .ok_or_else(|| SignerError::Unknown(method.to_owned()))?;
        secured::verify(document, &key).map_err(SignerError::Proof)?;
        Ok(key)
    }

    /// Whether a key signs today: one of a DID document's `assertionMethod`, or of the list's with no end.
    ///
    /// A key that was rotated out stands in `assertionMethod` until what it signed has lapsed.
    pub(crate) fn is_in_use(&self, key: &PublicKey) -> bool {
        match &self.source {
            Source::DidDocument(keys) => keys.asserting.contains(key),
            Source::KeyList(list) => list.ranges().iter().any(|range| {
                let is_it = range.purpose == Purpose::Record && range.public_key_multibase == *key;
                is_it && range.to.is_none()
            }),
        }
    }

    /// What the signature of one of these keys is worth at a position of the log.
    pub(super) fn standing(&self, key: &PublicKey, position: Option<u64>) -> KeyStanding {
        let list = match &self.source {
            Source::DidDocument(keys) if keys.asserting.first() == Some(key) => {
                return KeyStanding::InForce;
            }
            Source::DidDocument(_) => return KeyStanding::DependsOnPosition,
            Source::KeyList(list) => list,
        };
        let mut ranges = list
            .ranges()
            .iter()
            .filter(|range| range.purpose == Purpose::Record && range.public_key_multibase == *key);
        match position {
            Some(index) if ranges.any(|range| range.holds(index)) => KeyStanding::InForce,
            Some(index) => KeyStanding::OutOfRange(index),
            None if ranges.any(|range| range.to.is_none()) => KeyStanding::InForce,
            None => KeyStanding::DependsOnPosition,
        }
    }
}
