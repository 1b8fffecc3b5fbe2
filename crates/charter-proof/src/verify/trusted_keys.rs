//! The keys a verifier trusts, and what each is good for.

use crate::keys::{KeyList, PublicKey, PublishedKeys, Purpose};

/// The record keys of one registry, from a source the caller trusts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustedKeys {
    issuer: String,
    source: Source,
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

impl TrustedKeys {
    /// The keys of a DID document.
    ///
    /// It gives no ranges: only its first key, the active one, is known to be in force.
    pub fn from_did_document(keys: PublishedKeys) -> Self {
        Self {
            issuer: keys.did.clone(),
            source: Source::DidDocument(keys),
        }
    }

    /// The keys of the registry with this DID, by its key list.
    pub fn from_key_list(did: &str, list: KeyList) -> Self {
        Self {
            issuer: did.to_owned(),
            source: Source::KeyList(list),
        }
    }

    /// The DID of the registry whose keys these are.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key with this DID URL, `did:web:H#z6Mk…`.
    pub(super) fn find(&self, verification_method: &str) -> Option<PublicKey> {
        let named = verification_method
            .strip_prefix(self.issuer.as_str())?
            .strip_prefix('#')?;
        let named = PublicKey::from_multibase(named).ok()?;
        let known = match &self.source {
            Source::DidDocument(keys) => {
                keys.asserting.contains(&named) || keys.retired.contains(&named)
            }
            Source::KeyList(list) => list.find(Purpose::Record, &named).is_some(),
        };
        known.then_some(named)
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
