//! A memorandum in JSON: what was made out, and how it was signed. Its text has an address of its own.

use charter_proof::canonical::Digest;
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    rules::{
        enclosed,
        memorandum::{Delivery, SigningForm},
        word::Word as _,
    },
    storage::memoranda::{Means, Memorandum, Signature},
};

/// The memorandum of an application, as its parties see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemorandumView {
    /// The language of the text.
    pub language: String,
    /// When it was made out.
    pub issued_at: DateTime<Utc>,
    /// SHA-256 of its exact bytes, which its printed forms show.
    pub digest: String,
    /// How it was signed, once it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<SignatureView>,
}

/// How a memorandum was signed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignatureView {
    /// The form of signing.
    pub form: SigningForm,
    /// Whether the registry has verified the signature itself. Only `ed25519` is: a scan and paper were looked at,
    /// and an enclosed signature is kept as it came.
    pub verified: bool,
    /// The date of signing, as the signatory gave it.
    pub signed_on: NaiveDate,
    /// When it reached the registry.
    pub received_at: DateTime<Utc>,
    /// The media type of the file that was handed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_type: Option<&'static str>,
    /// The key that signed, as a Multikey.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_key_multibase: Option<String>,
    /// The operator who attests that it came on paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attested_by: Option<Uuid>,
    /// The day on which the paper arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_on: Option<NaiveDate>,
    /// How the paper arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_by: Option<Delivery>,
}

impl From<&Memorandum> for MemorandumView {
    fn from(memorandum: &Memorandum) -> Self {
        Self {
            language: memorandum.language.to_string(),
            issued_at: memorandum.issued_at,
            digest: Digest::of(&memorandum.body).to_string(),
            signature: memorandum.signature.as_ref().map(Into::into),
        }
    }
}

impl From<&Signature> for SignatureView {
    fn from(signature: &Signature) -> Self {
        let form = signature.means.form();
        let mut view = Self {
            form,
            verified: form.is_verified(),
            signed_on: signature.signed_on,
            received_at: signature.signed_at,
            file_type: None,
            public_key_multibase: None,
            attested_by: None,
            received_on: None,
            received_by: None,
        };
        match &signature.means {
            Means::Scan { scan_type, .. } => view.file_type = Some(scan_type.as_str()),
            Means::Enclosed { .. } => view.file_type = Some(enclosed::MEDIA_TYPE),
            Means::Key { key, .. } => view.public_key_multibase = Some(key.to_multibase()),
            Means::Paper {
                attested_by,
                received_on,
                received_by,
            } => {
                view.attested_by = Some(attested_by.0);
                view.received_on = Some(*received_on);
                view.received_by = Some(*received_by);
            }
        }
        view
    }
}
