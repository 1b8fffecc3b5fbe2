//! Problem documents, RFC 9457: the one form of every error of every route.
//!
//! A use case's error becomes an [`ApiError`] of one [`ProblemType`] of the [`catalogue`], beside the endpoint
//! that calls it. [`envelope`](super::envelope) gives it the request's identifier and the type its full address.

pub mod catalogue;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use serde::Serialize;
use utoipa::ToSchema;

pub use catalogue::ProblemType;

use crate::{
    desk::Failure,
    log::{ledger::LedgerError, memory::LogError},
    rules::text::{FieldError, Invalid},
};

/// The media type of problem documents.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// A problem document (RFC 9457).
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// The problem's type: the address of a page that explains it. Programs tell problems apart by it.
    #[serde(rename = "type")]
    #[schema(
        format = "uri",
        example = "https://registry.example/problems/invalid-body"
    )]
    pub kind: String,
    /// The type's title.
    #[schema(example = "The body is not valid")]
    pub title: &'static str,
    /// The HTTP status.
    #[schema(example = 422)]
    pub status: u16,
    /// What happened this time.
    pub detail: String,
    /// The request's identifier, as in `X-Request-Id`.
    #[schema(example = "0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10")]
    pub instance: String,
    /// What is wrong with the input, place by place.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<InputError>,
}

/// One fault of the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InputError {
    /// Where: a JSON Pointer (RFC 6901) into the body, or `/<name>` of a query parameter.
    #[schema(example = "/organisation/name/ru")]
    pub pointer: String,
    /// What kind of fault, for programs.
    #[schema(example = "too_long")]
    pub code: String,
    /// What was expected, for people.
    pub detail: String,
}

impl From<FieldError> for InputError {
    fn from(error: FieldError) -> Self {
        Self {
            pointer: error.pointer,
            code: error.code.to_owned(),
            detail: error.detail,
        }
    }
}

/// Why a request is answered with a problem.
#[derive(Debug)]
pub struct ApiError {
    /// The problem's type.
    pub kind: &'static ProblemType,
    /// What happened this time.
    pub detail: String,
    /// What is wrong with the input.
    pub errors: Vec<InputError>,
    /// What lies behind it; logged, never shown.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
    /// After how many seconds to try again, where that is known.
    pub retry_after: Option<u64>,
    /// How many bytes there are, where a range is of none of them.
    pub length: Option<u64>,
}

impl ApiError {
    /// A problem of this type.
    pub fn new(kind: &'static ProblemType, detail: impl Into<String>) -> Self {
        Self {
            kind,
            detail: detail.into(),
            errors: Vec::new(),
            source: None,
            retry_after: None,
            length: None,
        }
    }

    /// A problem of this type, told in the words of a use case's refusal.
    pub fn refused(kind: &'static ProblemType, refusal: &dyn std::error::Error) -> Self {
        Self::new(kind, refusal.to_string())
    }

    /// A body that is well-formed and not valid.
    pub fn invalid_body(errors: Vec<InputError>) -> Self {
        let detail = match errors.as_slice() {
            [only] => format!("{}: {}", shown(&only.pointer), only.detail),
            several => format!("{} places are not valid; see `errors`", several.len()),
        };
        Self {
            errors,
            ..Self::new(&catalogue::INVALID_BODY, detail)
        }
    }

    /// A body that is not valid at one place.
    pub fn invalid_field(pointer: &str, invalid: Invalid) -> Self {
        Self::invalid_body(vec![invalid.at(pointer).into()])
    }

    /// A query parameter that is not valid.
    pub fn invalid_query(parameter: &str, code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = InputError {
            pointer: format!("/{parameter}"),
            code: code.to_owned(),
            detail: detail.clone(),
        };
        Self {
            errors: vec![error],
            ..Self::new(&catalogue::INVALID_QUERY, format!("{parameter}: {detail}"))
        }
    }

    /// Something failed that is no fault of the client.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self {
            source: Some(source.into()),
            ..Self::new(
                &catalogue::INTERNAL,
                "something failed; the request's identifier finds it in the log",
            )
        }
    }

    /// The document, for a request of this identifier at a registry of this address.
    pub fn document(&self, type_url: String, instance: String) -> Problem {
        Problem {
            kind: type_url,
            title: self.kind.title,
            status: self.kind.status,
            detail: self.detail.clone(),
            instance,
            errors: self.errors.clone(),
        }
    }
}

/// A pointer for people: the whole document has none.
fn shown(pointer: &str) -> &str {
    if pointer.is_empty() {
        "the body"
    } else {
        pointer
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.slug, self.detail)
    }
}

impl std::error::Error for ApiError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| -> &(dyn std::error::Error + 'static) { source })
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        self.kind.http_status()
    }

    fn error_response(&self) -> HttpResponse {
        // `envelope` writes the body, where the request is known.
        HttpResponse::build(self.status_code())
            .insert_header((header::CONTENT_TYPE, MEDIA_TYPE))
            .finish()
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::KeyReused => Self::refused(&catalogue::IDEMPOTENCY_KEY_REUSED, &failure),
            Failure::StillRunning => Self::refused(&catalogue::IDEMPOTENCY_KEY_IN_USE, &failure),
            Failure::AccessClosed => Self::refused(&catalogue::INVALID_TOKEN, &failure),
            Failure::Busy => Self::refused(&catalogue::BUSY, &failure),
            Failure::Ledger(LedgerError::Log(
                LogError::Behind { .. }
                | LogError::Contradicts(_)
                | LogError::BehindWitness { .. }
                | LogError::Forked(_),
            )) => Self::new(
                &catalogue::LOG_CONTRADICTED,
                "the database's log is not the one that was published",
            ),
            Failure::Ledger(LedgerError::ClockBehind { .. } | LedgerError::ClockApart { .. }) => {
                Self::new(
                    &catalogue::CLOCK_WRONG,
                    "the server's clock does not agree with the log's last entry or the database's clock",
                )
            }
            Failure::Ledger(LedgerError::Keys(_)) => Self::new(
                &catalogue::SIGNING_KEY_MISSING,
                "a key of the registry was replaced, and this instance does not have the new one",
            ),
            Failure::Storage(_) | Failure::Ledger(_) | Failure::Outcome => Self::internal(failure),
        }
    }
}

impl From<crate::directory::Error> for ApiError {
    fn from(error: crate::directory::Error) -> Self {
        Self::internal(error)
    }
}

impl From<crate::storage::Error> for ApiError {
    fn from(error: crate::storage::Error) -> Self {
        if error.is_busy() {
            Self::new(&catalogue::BUSY, "the registry is busy: try again later")
        } else {
            Self::internal(error)
        }
    }
}

/// Declares the problems that an endpoint can answer, beside those of its access and body, for its documentation.
macro_rules! problems {
    ($($problem:ident),+ $(,)?) => {
        /// The problems that this endpoint can answer.
        struct Problems;

        impl utoipa::IntoResponses for Problems {
            fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                $crate::api::openapi::problem_responses(&[$(&$crate::api::problem::catalogue::$problem),+])
            }
        }
    };
}
pub(crate) use problems;
