//! Request bodies: limited before they are read, strict when they are parsed.

mod value;

use std::{future::Future, pin::Pin, time::Duration};

use actix_web::{
    FromRequest, HttpRequest,
    http::header,
    web::{self, Bytes},
};
use charter_proof::canonical::parse_strict;
use futures_util::StreamExt as _;
use serde::de::DeserializeOwned;
use tokio::time::timeout;

use super::problem::{
    ApiError, InputError,
    catalogue::{BAD_REQUEST, MALFORMED_JSON, SLOW_BODY, TOO_LARGE, UNSUPPORTED_MEDIA_TYPE},
};
use crate::{rules::text::pointer_to, storage::files::Upload};

/// The longest JSON body, in bytes (64 KiB).
pub const MAX_JSON: usize = 64 * 1024;

/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_mins(1);

/// A JSON body, and its bytes as they came.
#[derive(Debug)]
pub struct Body<T> {
    /// What it says.
    pub value: T,
    /// Its bytes.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut actix_web::dev::Payload) -> Self::Future {
        let media_type = expect_media_type(
            request,
            &["application/json", "application/merge-patch+json"],
        );
        let bytes = read(request, payload, MAX_JSON);
        Box::pin(async move {
            media_type?;
            let bytes = bytes.await?;
            Ok(Self {
                value: parse(&bytes)?,
                bytes,
            })
        })
    }
}

/// The media type that the body is said to have, without its parameters.
pub fn media_type(request: &HttpRequest) -> Option<String> {
    let given = request.headers().get(header::CONTENT_TYPE)?.to_str().ok()?;
    Some(given.split(';').next()?.trim().to_ascii_lowercase())
}

/// Refuses a body of another media type than these. Parameters such as `charset` do not matter.
pub fn expect_media_type(request: &HttpRequest, accepted: &[&str]) -> Result<(), ApiError> {
    let essence = media_type(request).unwrap_or_default();
    if accepted.contains(&essence.as_str()) {
        return Ok(());
    }
    let found = if essence.is_empty() {
        "none".to_owned()
    } else {
        format!("{essence:?}")
    };
    let detail = format!(
        "Content-Type is {found}; expected {}",
        accepted.join(" or ")
    );
    Err(ApiError::new(&UNSUPPORTED_MEDIA_TYPE, detail))
}

/// Reads a body of at most `limit` bytes.
pub fn read(
    request: &HttpRequest,
    payload: &mut actix_web::dev::Payload,
    limit: usize,
) -> impl Future<Output = Result<Bytes, ApiError>> + use<> {
    let too_large =
        move || ApiError::new(&TOO_LARGE, format!("the body has more than {limit} bytes"));
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok());
    let announced = announced
        .and_then(|length| length.parse::<usize>().ok())
        .unwrap_or_default();
    let payload = web::Payload::from_request(request, payload);
    async move {
        if announced > limit {
            return Err(too_large());
        }
        let payload = payload
            .await
            .map_err(|error| ApiError::new(&BAD_REQUEST, error.to_string()))?;
        let Ok(read) = timeout(BODY_TIME, payload.to_bytes_limited(limit)).await else {
            let detail = format!("the body was not whole after {} s", BODY_TIME.as_secs());
            return Err(ApiError::new(&SLOW_BODY, detail));
        };
        match read {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(_)) => Err(ApiError::new(
                &BAD_REQUEST,
                "the body ended early or is wrongly encoded",
            )),
            Err(_) => Err(too_large()),
        }
    }
}

/// Takes a body of at most `limit` bytes to disk as it comes.
pub async fn receive(
    request: &HttpRequest,
    mut payload: web::Payload,
    limit: usize,
    mut upload: Upload,
) -> Result<Upload, ApiError> {
    let too_large = || ApiError::new(&TOO_LARGE, format!("the body has more than {limit} bytes"));
    let announced = request.headers().get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        return Err(too_large());
    }
    while let Some(bytes) = payload.next().await {
        let bytes = bytes.map_err(|_| {
            ApiError::new(&BAD_REQUEST, "the body ended early or is wrongly encoded")
        })?;
        if upload.length() + bytes.len() > limit {
            return Err(too_large());
        }
        upload.write(&bytes).await?;
    }
    Ok(upload)
}

/// Parses JSON strictly: RFC 8259 without duplicate keys, then the fields of `T` and no others.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, ApiError> {
    let value = parse_strict(bytes).map_err(|error| {
        let (pointer, code) = (error.pointer, error.kind.as_str().to_owned());
        let fault = InputError {
            pointer,
            code,
            detail: error.detail.clone(),
        };
        ApiError {
            errors: vec![fault],
            ..ApiError::new(&MALFORMED_JSON, error.detail)
        }
    })?;
    from_value(value)
}

/// Reads the fields of `T` from JSON; a fault is reported at its pointer.
pub fn from_value<T: DeserializeOwned>(value: serde_json::Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(value::Strict(value)).map_err(|error| {
        let mut pointer = pointer_of(error.path());
        let message = error.inner().to_string();
        let code = code_of(&message);
        if let Some(field) = named_field(&message, code) {
            let last = pointer_to(field);
            if !pointer.ends_with(&last) {
                pointer.push_str(&last);
            }
        }
        ApiError::invalid_body(vec![InputError {
            pointer,
            code: code.to_owned(),
            detail: message,
        }])
    })
}

/// A path into the body, as a JSON Pointer (RFC 6901).
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    path.iter()
        .filter_map(|segment| match segment {
            Segment::Seq { index } => Some(pointer_to(&index.to_string())),
            Segment::Map { key } => Some(pointer_to(key)),
            Segment::Enum { .. } | Segment::Unknown => None,
        })
        .collect()
}

/// The kind of fault that serde's message tells.
fn code_of(message: &str) -> &'static str {
    if message.starts_with("missing field") {
        "missing_field"
    } else if message.starts_with("unknown field") {
        "unknown_field"
    } else if message.starts_with("unknown variant") {
        "unknown_value"
    } else if message.starts_with("invalid type") {
        "wrong_type"
    } else {
        "invalid_value"
    }
}

/// The field that a message about a missing or unknown field names.
fn named_field<'a>(message: &'a str, code: &str) -> Option<&'a str> {
    let named = matches!(code, "missing_field" | "unknown_field");
    message.split('`').nth(1).filter(|_| named)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::parse;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Outer {
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Inner {
        number: u8,
    }

    #[test]
    fn every_fault_is_reported_at_its_place() {
        let fault = |text: &str| {
            let error = parse::<Outer>(text.as_bytes()).unwrap_err();
            let first = error.errors.into_iter().next().unwrap();
            (error.kind.slug, first.pointer, first.code)
        };
        let at = |slug, pointer: &str, code: &str| (slug, pointer.to_owned(), code.to_owned());
        assert_eq!(fault("{"), at("malformed-json", "", "syntax"));
        assert_eq!(
            fault(r#"{"inner":[],"inner":[]}"#),
            at("malformed-json", "/inner", "duplicate_key")
        );
        assert_eq!(fault("[]"), at("invalid-body", "", "wrong_type"));
        assert_eq!(
            fault(r#"{"inner":[[1]]}"#),
            at("invalid-body", "/inner/0", "wrong_type")
        );
        assert_eq!(fault("{}"), at("invalid-body", "/inner", "missing_field"));
        assert_eq!(
            fault(r#"{"inner":[{"number":1},{}]}"#),
            at("invalid-body", "/inner/1/number", "missing_field")
        );
        assert_eq!(
            fault(r#"{"inner":[{"number":1,"x":2}]}"#),
            at("invalid-body", "/inner/0/x", "unknown_field")
        );
        assert_eq!(
            fault(r#"{"inner":[{"number":"1"}]}"#),
            at("invalid-body", "/inner/0/number", "wrong_type")
        );
        assert_eq!(
            fault(r#"{"inner":[{"number":256}]}"#),
            at("invalid-body", "/inner/0/number", "invalid_value")
        );
    }
}
