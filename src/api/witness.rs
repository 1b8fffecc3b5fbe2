//! `POST /add-checkpoint`, `GET /{origin}/checkpoint`: this program as a witness of other logs (C2SP tlog-witness).

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::{StatusCode, header},
    post,
    web::{Data, Path, Payload},
};
use charter_proof::{canonical::Digest, note::Checkpoint};
use futures_util::future::BoxFuture;
use tokio::runtime::Handle;

use super::body;
use crate::{
    clock::Clock,
    witness::add::{Refusal, Witness},
};

/// The longest request, in bytes.
const LONGEST: usize = 64 * 1024;

/// The media type of a size, by which a witness says what it cosigned last.
pub const SIZE: &str = "text/x.tlog.size";

const TEXT: &str = "text/plain; charset=utf-8";

/// Says whether the map of a checkpoint's log was recomputed up to this very checkpoint.
pub type Recomputed = Arc<dyn Fn(Checkpoint) -> BoxFuture<'static, bool> + Send + Sync>;

/// What a witness's endpoints serve from.
#[derive(Clone)]
pub struct Booth {
    /// Who cosigns.
    pub witness: Arc<Witness>,
    /// The time of cosignatures.
    pub clock: Clock,
    /// The runtime of the database work: a statement must not be dropped with a request.
    pub runtime: Handle,
    /// Whether maps are recomputed here, and how far.
    pub recomputed: Option<Recomputed>,
}

impl Booth {
    async fn add(&self, body: &[u8]) -> Result<String, Refusal> {
        let request = self.witness.read(body)?;
        let is_recomputed = match &self.recomputed {
            Some(recomputed) => recomputed(request.checkpoint.clone()).await,
            None => false,
        };
        let caught_up = is_recomputed.then_some(&request.checkpoint);
        self.witness
            .add(&request, self.clock.now(), caught_up)
            .await
    }
}

/// Cosign a checkpoint.
///
/// C2SP tlog-witness: `old <size>`, a consistency proof, an empty line and the checkpoint; answered with signature lines,
/// or with 409 and the size that was cosigned last.
#[utoipa::path(
    tag = "log",
    request_body(content = String, content_type = "text/plain"),
    responses(
        (status = OK, description = "Cosignature lines", body = String, content_type = "text/plain; charset=utf-8"),
        (status = CONFLICT, description = "The size that was cosigned last", body = String, content_type = "text/x.tlog.size"),
    ),
)]
#[post("/add-checkpoint")]
pub async fn add_checkpoint(
    request: HttpRequest,
    booth: Data<Booth>,
    payload: Payload,
) -> HttpResponse {
    let bytes = match body::read(&request, &mut payload.into_inner(), LONGEST).await {
        Ok(bytes) => bytes,
        Err(error) => return said(error.kind.http_status(), error.detail),
    };
    let own = booth.get_ref().clone();
    let added = booth.runtime.spawn(async move { own.add(&bytes).await });
    match added.await {
        Ok(Ok(lines)) => said(StatusCode::OK, lines),
        Ok(Err(refusal)) => refused(&refusal),
        Err(error) => failed(&error),
    }
}

/// Get the checkpoint that was cosigned last of a log.
///
/// C2SP tlog-witness: the log is named by the SHA-256 of its origin.
#[utoipa::path(
    tag = "log",
    params(("origin" = String, Path, description = "The SHA-256 of the log's origin, in hexadecimal")),
    responses(
        (status = OK, description = "The checkpoint with its cosignatures", body = String, content_type = "text/plain; charset=utf-8"),
    ),
)]
#[get("/{origin}/checkpoint")]
pub async fn get_cosigned(booth: Data<Booth>, origin: Path<String>) -> HttpResponse {
    let unknown = || {
        said(
            StatusCode::NOT_FOUND,
            "nothing of such a log was cosigned\n",
        )
    };
    let Ok(origin) = origin.parse::<Digest>() else {
        return unknown();
    };
    let own = booth.get_ref().clone();
    let found = booth
        .runtime
        .spawn(async move { own.witness.newest(origin).await });
    match found.await {
        Ok(Ok(Some(note))) => said(StatusCode::OK, note),
        Ok(Ok(None)) => unknown(),
        Ok(Err(error)) => refused(&error.into()),
        Err(error) => failed(&error),
    }
}

fn refused(refusal: &Refusal) -> HttpResponse {
    let status = match refusal {
        Refusal::Malformed(_) => StatusCode::BAD_REQUEST,
        Refusal::UnknownLog => StatusCode::NOT_FOUND,
        Refusal::Signature => StatusCode::FORBIDDEN,
        Refusal::Inconsistent => StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::OtherSize(size) => {
            return HttpResponse::Conflict()
                .insert_header((header::CONTENT_TYPE, SIZE))
                .body(format!("{size}\n"));
        }
        Refusal::Storage(error) => return failed(error),
    };
    said(status, format!("{refusal}\n"))
}

fn failed(error: &dyn std::error::Error) -> HttpResponse {
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    tracing::error!(%error, cause, "a checkpoint is not cosigned");
    let mut response = said(
        StatusCode::SERVICE_UNAVAILABLE,
        "the witness cannot keep what it cosigns just now: try again later\n",
    );
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    response
}

fn said(status: StatusCode, text: impl Into<String>) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, TEXT))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(text.into())
}
