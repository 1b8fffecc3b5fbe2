//! `PUT /v1/applications/{id}/memorandum/enclosed-signature`

use actix_web::{
    HttpRequest, HttpResponse, put,
    web::{Data, Path, Payload},
};
use uuid::Uuid;

use super::signing::{self, Signed};
use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
        query::Query,
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::sign_memorandum::{self, Evidence, SignMemorandum},
    rules::{
        enclosed::{MAX_BYTES, MEDIA_TYPE},
        id::ApplicationId,
    },
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    SIGNING_FORM_NOT_ACCEPTED,
    SIGNATURE_FILE_INVALID,
    INVALID_BODY,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Hand in an electronic signature in a file of its own.
///
/// The body is the `.p7s` or `.sig` file: a detached CMS `SignedData` (RFC 5652) over the exact bytes that
/// `GET …/memorandum` returns as `text/plain`, in DER, PEM or base64, at most 1 MiB. The registry keeps it as
/// evidence and does **not** verify it: `verified` is false wherever it is shown. It takes the place of an earlier
/// signature.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier"), Signed),
    request_body(content((Vec<u8> = "application/pkcs7-signature"))),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[put("/v1/applications/{id}/memorandum/enclosed-signature")]
pub async fn put_enclosed_signature(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    query: Query<Signed>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let signed_on = query.0.on()?;
    let upload = signing::receive(&request, &service, payload, &[MEDIA_TYPE], MAX_BYTES).await?;
    let (desk, call) = (
        service.desk.clone(),
        caller.request_of(&request, upload.digest())?,
    );
    let command = SignMemorandum {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        signed_on,
        evidence: Evidence::Enclosed { upload },
    };
    stepped(
        &service
            .run(async move { sign_memorandum::sign_memorandum(&desk, call, command).await })
            .await?,
    )
}
