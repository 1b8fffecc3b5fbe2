//! `PUT /v1/applications/{id}/memorandum/scan`

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
        body,
        problem::{ApiError, catalogue::UNSUPPORTED_MEDIA_TYPE, problems},
        query::Query,
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::sign_memorandum::{self, Evidence, SignMemorandum},
    rules::{
        id::ApplicationId,
        scan::{MAX_BYTES, ScanType},
        word::Word as _,
    },
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    SIGNING_FORM_NOT_ACCEPTED,
    SCAN_WRONG_TYPE,
    SCAN_POLYGLOT,
    SCAN_TRUNCATED,
    SCAN_MALFORMED,
    SCAN_TOO_MANY_PAGES,
    SCAN_TOO_MANY_PIXELS,
    SCAN_ENCRYPTED,
    SCAN_ACTIVE_CONTENT,
    INVALID_BODY,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Hand in the scan of the signed memorandum.
///
/// The body is the file: PDF, JPEG or PNG, at most 10 MiB, 50 pages and 100 megapixels an image (20,000 a side). Its
/// content must be of the type in `Content-Type`, whole, and nothing besides: no bytes after a picture's end, no
/// encryption, scripts, attachments or other actions in a PDF. It takes the place of an earlier signature. The scan
/// stays with the secretariat; the public record holds a salted digest of it.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier"), Signed),
    request_body(content(
        (Vec<u8> = "application/pdf"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"),
    )),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[put("/v1/applications/{id}/memorandum/scan")]
pub async fn put_scan(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    query: Query<Signed>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let accepted = ScanType::all().iter().map(|one| one.as_str());
    let accepted: Vec<_> = accepted.collect();
    let claimed = body::media_type(&request).and_then(|given| ScanType::from_word(&given));
    let signed_on = query.0.on()?;
    let upload = signing::receive(&request, &service, payload, &accepted, MAX_BYTES).await?;
    let claimed = claimed.ok_or_else(|| ApiError::new(&UNSUPPORTED_MEDIA_TYPE, "no type"))?;
    let (desk, call) = (
        service.desk.clone(),
        caller.request_of(&request, upload.digest())?,
    );
    let command = SignMemorandum {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        signed_on,
        evidence: Evidence::Scan { upload, claimed },
    };
    stepped(
        &service
            .run(async move { sign_memorandum::sign_memorandum(&desk, call, command).await })
            .await?,
    )
}
