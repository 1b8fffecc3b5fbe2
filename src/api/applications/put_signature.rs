//! `PUT /v1/applications/{id}/memorandum/signature`

use actix_web::{
    HttpRequest, HttpResponse, put,
    web::{Data, Path},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::keys::PublicKey;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, problems},
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::sign_memorandum::{self, Evidence, SignMemorandum},
    rules::{day::Day, id::ApplicationId, text::Invalid},
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    SIGNING_FORM_NOT_ACCEPTED,
    SIGNATURE_INVALID,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// An ed25519 signature over the memorandum's exact bytes.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "publicKeyMultibase": "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2",
    "signature": "c2lnbmF0dXJlIG9mIDY0IGJ5dGVzIGluIHN0YW5kYXJkIGJhc2U2NCwgcGFkZGVkIGFzIFJGQyA0NjQ4IHNheXM=",
    "signedOn": "2026-11-22"
}))]
pub struct SignatureBody {
    /// The public key: a Multikey, `z` and base58btc of `ed01` and the 32 bytes.
    public_key_multibase: String,
    /// The signature's 64 bytes in standard base64 (RFC 4648 §4).
    signature: String,
    /// The date of signing; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    signed_on: Option<Day>,
}

/// Sign the memorandum with a key.
///
/// Ed25519 (RFC 8032) over the exact bytes that `GET …/memorandum` returns as `text/plain`; checked strictly,
/// weak keys refused. It takes the place of an earlier signature.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = SignatureBody,
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[put("/v1/applications/{id}/memorandum/signature")]
pub async fn put_signature(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<SignatureBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let command = SignMemorandum {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        signed_on: body.value.signed_on.map(|day| day.0),
        evidence: evidence(&body.value)?,
    };
    stepped(
        &service
            .run(async move { sign_memorandum::sign_memorandum(&desk, call, command).await })
            .await?,
    )
}

fn evidence(body: &SignatureBody) -> Result<Evidence, ApiError> {
    let mut faults = Faults::default();
    let key = PublicKey::from_multibase(&body.public_key_multibase);
    let key = faults.field(
        "/publicKeyMultibase",
        key.map_err(|error| Invalid::new("invalid_key", error.to_string())),
    );
    let signature: Option<[u8; 64]> = STANDARD
        .decode(&body.signature)
        .ok()
        .and_then(|bytes| bytes.try_into().ok());
    let malformed = || Invalid::new("invalid_signature", "expected 64 bytes in standard base64");
    let signature = faults.field("/signature", signature.ok_or_else(malformed));
    faults.unless_any(key.zip(signature).map(|(key, signature)| Evidence::Key {
        key: key.into(),
        signature,
    }))
}
