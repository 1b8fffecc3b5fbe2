//! The memorandum of accession: how it is signed and what the records say of it.
//!
//! What a scan must be is [`scan`](super::scan), what an enclosed signature, [`enclosed`](super::enclosed).

use charter_proof::canonical::Digest;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::word::vocabulary;

vocabulary! {
    /// How a memorandum is signed.
    pub enum SigningForm ("form of signing") {
        /// By hand, returned as a scan.
        HandwrittenScan = "handwritten_scan",
        /// By an ed25519 key over the memorandum's exact bytes.
        Ed25519 = "ed25519",
        /// By an electronic signature in a file of its own, kept as evidence.
        EnclosedSignature = "enclosed_signature",
        /// On paper; a clerk attests it.
        Paper = "paper",
    }
}

/// What a membership's records say of the signed memorandum; it tells nothing about who signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Evidence {
    /// SHA-256 of the salt and the signed bytes: the scan, or for a key's signature the memorandum's text.
    pub digest: Digest,
    /// How it was signed.
    pub form: SigningForm,
    /// The date of signing.
    pub signed_on: NaiveDate,
}

vocabulary! {
    /// How a memorandum on paper reached the secretariat.
    pub enum Delivery ("way of delivery") {
        /// Handed over in person.
        Hand = "hand",
        /// By post.
        Post = "post",
        /// By courier.
        Courier = "courier",
    }
}

impl SigningForm {
    /// Whether the registry itself has checked that the signature is the signatory's key's.
    pub const fn is_verified(self) -> bool {
        matches!(self, Self::Ed25519)
    }
}
