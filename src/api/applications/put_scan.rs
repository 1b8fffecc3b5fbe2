//! `PUT /v1/applications/{id}/memorandum/scan`

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    put,
    web::{Data, Path, Payload},
};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body,
        problem::{
            ApiError,
            catalogue::{SIGNATURE_INVALID, SIGNING_FORM_NOT_ACCEPTED, UNSUPPORTED_MEDIA_TYPE},
            problems,
        },
        query::Query,
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::sign_memorandum::{self, Evidence, SignMemorandum, SignMemorandumError},
    rules::{
        day::Day,
        id::ApplicationId,
        memorandum::{MAX_SCAN_BYTES, ScanType},
        text::Invalid,
        word::Word as _,
    },
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    SIGNING_FORM_NOT_ACCEPTED,
    INVALID_BODY,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// When it was signed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PutScan {
    /// The date of signing (RFC 3339 full-date); today when absent.
    #[param(value_type = Option<chrono::NaiveDate>)]
    signed_on: Option<String>,
}

/// Hand in the scan of the signed memorandum.
///
/// The body is the file: PDF, JPEG or PNG, at most 10 MiB; its content must be of the type in `Content-Type`. It
/// takes the place of an earlier signature. The scan stays with the secretariat; the public record holds a
/// salted digest of it.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier"), PutScan),
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
    query: Query<PutScan>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    let accepted: Vec<_> = ScanType::all()
        .iter()
        .map(|scan_type| scan_type.as_str())
        .collect();
    body::expect_media_type(&request, &accepted)?;
    let signed_on = signed_on(query.0.signed_on.as_deref())?;
    let content = body::read(&request, &mut payload.into_inner(), MAX_SCAN_BYTES).await?;
    let (desk, call) = (service.desk.clone(), caller.request(&request, &content)?);
    let command = SignMemorandum {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        signed_on,
        evidence: Evidence::Scan {
            content: content.to_vec(),
            claimed: claimed(&request),
        },
    };
    stepped(
        &service
            .run(async move { sign_memorandum::sign_memorandum(&desk, call, command).await })
            .await?,
    )
}

fn signed_on(given: Option<&str>) -> Result<Option<NaiveDate>, ApiError> {
    let invalid = |_| {
        ApiError::invalid_query(
            "signedOn",
            "invalid_value",
            "expected a date such as 2026-11-22",
        )
    };
    let day = given.map(Day::parse).transpose().map_err(invalid)?;
    Ok(day.map(|day| day.0))
}

/// The type that the file is said to have.
fn claimed(request: &HttpRequest) -> Option<ScanType> {
    let given = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    ScanType::from_word(
        given
            .split(';')
            .next()?
            .trim()
            .to_ascii_lowercase()
            .as_str(),
    )
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
            SignMemorandumError::NoScan(invalid) => Self::invalid_field("", invalid),
            SignMemorandumError::OtherType { .. } => Self::refused(&UNSUPPORTED_MEDIA_TYPE, &error),
            SignMemorandumError::SignatureInvalid => Self::refused(&SIGNATURE_INVALID, &error),
            SignMemorandumError::Failed(failure) => failure.into(),
        }
    }
}
