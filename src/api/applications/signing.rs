//! What the endpoints share that take and give back what was handed in as a signature.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{
    api::{
        Service, body,
        problem::{
            ApiError,
            catalogue::{
                SCAN_ACTIVE_CONTENT, SCAN_ENCRYPTED, SCAN_MALFORMED, SCAN_POLYGLOT,
                SCAN_TOO_MANY_PAGES, SCAN_TOO_MANY_PIXELS, SCAN_TRUNCATED, SCAN_WRONG_TYPE,
                SIGNATURE_FILE_INVALID, SIGNATURE_INVALID, SIGNING_FORM_NOT_ACCEPTED, TOO_LARGE,
            },
        },
    },
    desk::applications::sign_memorandum::SignMemorandumError,
    rules::{day::Day, scan::ScanRefusal, text::Invalid},
    storage::files::Upload,
};

/// When it was signed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Signed {
    /// The date of signing (RFC 3339 full-date); today when absent.
    #[param(value_type = Option<chrono::NaiveDate>)]
    signed_on: Option<String>,
}

impl Signed {
    /// The date of signing, if it is given.
    pub fn on(&self) -> Result<Option<NaiveDate>, ApiError> {
        let invalid = |_| {
            ApiError::invalid_query(
                "signedOn",
                "invalid_value",
                "expected a date such as 2026-11-22",
            )
        };
        let day = self.signed_on.as_deref().map(Day::parse).transpose();
        Ok(day.map_err(invalid)?.map(|day| day.0))
    }
}

/// Takes a file of at most `limit` bytes, of one of these media types, to disk.
pub async fn receive(
    request: &HttpRequest,
    service: &Service,
    payload: web::Payload,
    accepted: &[&str],
    limit: usize,
) -> Result<Upload, ApiError> {
    body::expect_media_type(request, accepted)?;
    let upload = service.desk.files.receive().await?;
    let upload = body::receive(request, payload, limit, upload).await?;
    if upload.length() == 0 {
        let detail = "the body is empty: send the file as the request's body";
        return Err(ApiError::invalid_field("", Invalid::new("empty", detail)));
    }
    Ok(upload)
}

/// A file that somebody uploaded: to be saved, never shown inside a page of the registry.
pub fn attachment(name: &str, media_type: &str, content: Vec<u8>) -> HttpResponse {
    let disposition = format!("attachment; filename=\"{name}\"");
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, media_type))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::CACHE_CONTROL, "private, no-store"))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ))
        .body(content)
}

impl From<SignMemorandumError> for ApiError {
    fn from(error: SignMemorandumError) -> Self {
        match error {
            SignMemorandumError::Step(refusal) => refusal.into(),
            SignMemorandumError::FormNotAccepted(_) => {
                Self::refused(&SIGNING_FORM_NOT_ACCEPTED, &error)
            }
            SignMemorandumError::SignedInFuture(_) => Self::invalid_field(
                "/signedOn",
                Invalid::new("in_the_future", error.to_string()),
            ),
            SignMemorandumError::ReceivedAtNoTime(_) => Self::invalid_field(
                "/receivedOn",
                Invalid::new("invalid_value", error.to_string()),
            ),
            SignMemorandumError::Scan(refusal) => refusal.into(),
            SignMemorandumError::Enclosed(_) => Self::refused(&SIGNATURE_FILE_INVALID, &error),
            SignMemorandumError::SignatureInvalid => Self::refused(&SIGNATURE_INVALID, &error),
            SignMemorandumError::Failed(failure) => failure.into(),
        }
    }
}

impl From<ScanRefusal> for ApiError {
    fn from(refusal: ScanRefusal) -> Self {
        let kind = match refusal {
            ScanRefusal::TooLong => &TOO_LARGE,
            ScanRefusal::UnknownType | ScanRefusal::OtherType { .. } => &SCAN_WRONG_TYPE,
            ScanRefusal::Polyglot(_) => &SCAN_POLYGLOT,
            ScanRefusal::Empty | ScanRefusal::Truncated(_) => &SCAN_TRUNCATED,
            ScanRefusal::Malformed(_) => &SCAN_MALFORMED,
            ScanRefusal::TooManyPages => &SCAN_TOO_MANY_PAGES,
            ScanRefusal::TooManyPixels { .. } => &SCAN_TOO_MANY_PIXELS,
            ScanRefusal::Encrypted => &SCAN_ENCRYPTED,
            ScanRefusal::ActiveContent(_) => &SCAN_ACTIVE_CONTENT,
        };
        Self::refused(kind, &refusal)
    }
}
