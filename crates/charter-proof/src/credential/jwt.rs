//! The credential as a JSON Web Token: a JWS in compact form (RFC 7515 §7.1), `application/vc+jwt`
//! (W3C vc-jose-cose §3.1.1).
//!
//! The payload is the credential without a proof, and the three claims that JOSE libraries look at, which know nothing
//! of `validUntil`: `iss`, `iat` and `exp`.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::document::{MemberSubject, MembershipCredential, StatusEntry};
use super::{ForeignRecord, Membership, Refusal, UnsignedCredential, judge, shape};
use crate::canonical::{InJcsOrder, parse_strict};
use crate::identity::Base;
use crate::keys::{PublicKey, SecretKey};
use crate::record::Issuer;
use crate::verify::TrustedKeys;
use crate::whole_seconds;

/// The media type of a token (vc-jose-cose §6.1.1).
pub const MEDIA_TYPE: &str = "application/vc+jwt";

const ALGORITHM: &str = "EdDSA";
const TYPE: &str = "vc+jwt";

/// The header: these three members and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    kid: String,
}

/// The payload, its fields in canonical order.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Payload {
    #[serde(rename = "@context")]
    context: Vec<String>,
    credential_status: Vec<StatusEntry>,
    credential_subject: MemberSubject,
    exp: i64,
    iat: i64,
    id: String,
    iss: String,
    issuer: Issuer,
    r#type: Vec<String>,
    #[serde(with = "whole_seconds")]
    valid_from: DateTime<Utc>,
    #[serde(with = "whole_seconds")]
    valid_until: DateTime<Utc>,
}

impl InJcsOrder for Payload {}

impl From<MembershipCredential> for Payload {
    fn from(credential: MembershipCredential) -> Self {
        Self {
            exp: credential.valid_until.timestamp(),
            iat: credential.valid_from.timestamp(),
            iss: credential.issuer.id.clone(),
            context: credential.context,
            credential_status: credential.credential_status,
            credential_subject: credential.credential_subject,
            id: credential.id,
            issuer: credential.issuer,
            r#type: credential.r#type,
            valid_from: credential.valid_from,
            valid_until: credential.valid_until,
        }
    }
}

impl Payload {
    /// The credential, provided that the claims say what it says.
    fn credential(self) -> Result<MembershipCredential, Refusal> {
        if self.iss != self.issuer.id {
            return Err(Refusal::ClaimMismatch("iss"));
        }
        if self.iat != self.valid_from.timestamp() {
            return Err(Refusal::ClaimMismatch("iat"));
        }
        if self.exp != self.valid_until.timestamp() {
            return Err(Refusal::ClaimMismatch("exp"));
        }
        Ok(MembershipCredential {
            context: self.context,
            credential_status: self.credential_status,
            credential_subject: self.credential_subject,
            id: self.id,
            issuer: self.issuer,
            proof: None,
            r#type: self.r#type,
            valid_from: self.valid_from,
            valid_until: self.valid_until,
        })
    }
}

impl UnsignedCredential {
    /// Signs the credential as a JSON Web Token, in the name of the registry at `base`.
    ///
    /// # Errors
    ///
    /// When the record is not one of this registry.
    pub fn sign_jwt(&self, key: &SecretKey, base: &Base) -> Result<String, ForeignRecord> {
        let kid = format!("{}#{}", base.did(), key.public().jwk_thumbprint());
        // Neither a DID nor a thumbprint has anything in it that JSON escapes.
        let header = format!(r#"{{"alg":"{ALGORITHM}","typ":"{TYPE}","kid":"{kid}"}}"#);
        let payload = Payload::from(self.document(base)?);
        let signed = format!(
            "{}.{}",
            URL_SAFE_NO_PAD.encode(header),
            URL_SAFE_NO_PAD.encode(payload.to_ordered_bytes())
        );
        let signature = URL_SAFE_NO_PAD.encode(key.sign(signed.as_bytes()));
        Ok(format!("{signed}.{signature}"))
    }
}

/// Judges a token at a time, by keys the caller trusts, as [`super::verify_credential`] does.
///
/// # Errors
///
/// Why it is none to rely on; then nothing it says is repeated.
pub fn verify_jwt(
    token: &str,
    keys: &TrustedKeys,
    now: DateTime<Utc>,
) -> Result<Membership, Refusal> {
    let (signed, signature) = token
        .rsplit_once('.')
        .ok_or(Refusal::Compact("there is no dot in it"))?;
    let (header, payload) = signed.split_once('.').ok_or(Refusal::Compact(
        "there is one dot in it, and two belong there",
    ))?;
    let signed_by = signer(&decoded(header)?, keys)?;
    let signature: [u8; 64] = decoded(signature)?
        .try_into()
        .map_err(|_| Refusal::Compact("the signature is not of 64 bytes"))?;
    let payload = decoded(payload)?;
    if !signed_by.verify_strict(signed.as_bytes(), &signature) {
        return Err(Refusal::Signature);
    }
    let document = parse_strict(&payload).map_err(Refusal::Json)?;
    let credential = shape::typed::<Payload>(&document)?.credential()?;
    let said = shape::read(&credential, keys.issuer())?;
    judge(said, signed_by, keys, now)
}

/// The trusted key that a header names.
fn signer(header: &[u8], keys: &TrustedKeys) -> Result<PublicKey, Refusal> {
    let header = parse_strict(header).map_err(|_| Refusal::Header)?;
    let header = Header::deserialize(header).map_err(|_| Refusal::Header)?;
    if header.alg != ALGORITHM || header.typ != TYPE {
        return Err(Refusal::Header);
    }
    keys.find_thumbprint(&header.kid)
        .ok_or(Refusal::UnknownKey {
            verification_method: header.kid,
        })
}

/// Base64url without padding, with zero pad bits (RFC 7515 §2, RFC 4648 §3.5).
fn decoded(part: &str) -> Result<Vec<u8>, Refusal> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| Refusal::Compact("a part is not base64url without padding"))
}

#[cfg(test)]
mod tests;
