//! Answers: JSON with an entity tag, conditional requests (RFC 9110 §13), pages.

use std::fmt::Display;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{
        StatusCode,
        header::{self, HeaderValue},
    },
    web::Bytes,
};
use charter_proof::{canonical::Digest, record};
use serde::Serialize;

use super::{
    encoding::{self, Encoding},
    page::{Page, link_to_next},
    problem::{ApiError, catalogue::PRECONDITION_REQUIRED},
};
use crate::{
    buffers::Lent,
    directory::{Document, Found},
};

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// By anybody, who asks again each time whether it changed.
    Revalidate,
    /// By anybody, for a few seconds.
    Seconds,
    /// By anybody, for five minutes.
    Minutes,
    /// By anybody, for ever: it never changes.
    Immutable,
    /// By nobody.
    Private,
}

impl Freshness {
    /// What `Cache-Control` says of it.
    pub const fn cache_control(self) -> &'static str {
        match self {
            Self::Revalidate => "public, no-cache",
            Self::Seconds => "public, max-age=5",
            Self::Minutes => "public, max-age=300",
            Self::Immutable => "public, max-age=31536000, immutable",
            Self::Private => "no-store",
        }
    }

    const fn header(self) -> HeaderValue {
        HeaderValue::from_static(self.cache_control())
    }
}

/// Answers with JSON, or with 304 when the client has it.
pub fn json<T: Serialize>(
    request: &HttpRequest,
    freshness: Freshness,
    revision: Option<i64>,
    value: &T,
) -> Result<HttpResponse, ApiError> {
    let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
    Ok(bytes(
        request,
        freshness,
        revision,
        "application/json",
        body,
    ))
}

/// Answers with bytes as they are, or with 304 when the client has them.
///
/// The entity tag is the revision, where the resource has one that `If-Match` can name, and else a digest of
/// the bytes.
pub fn bytes(
    request: &HttpRequest,
    freshness: Freshness,
    revision: Option<i64>,
    media_type: &'static str,
    body: Vec<u8>,
) -> HttpResponse {
    let tag = revision.map_or_else(|| digest_tag(Digest::of(&body)), revision_tag);
    tagged(request, freshness, tag, media_type, body)
}

/// Answers with a record's document, whose digest is known.
pub fn document(request: &HttpRequest, document: Document) -> HttpResponse {
    tagged(
        request,
        Freshness::Revalidate,
        digest_tag(document.digest),
        record::MEDIA_TYPE,
        document.bytes,
    )
}

/// Answers with bytes as they are under this entity tag, or with 304 when the client has them.
pub fn tagged(
    request: &HttpRequest,
    freshness: Freshness,
    tag: String,
    media_type: &'static str,
    body: Vec<u8>,
) -> HttpResponse {
    let body = lent(body);
    if has(request, &tag) {
        return unchanged(freshness, tag);
    }
    let mut builder = HttpResponse::Ok();
    if media_type.starts_with("text/html") {
        // Our pages have styles of their own and nothing else.
        let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        builder.insert_header((header::CONTENT_SECURITY_POLICY, policy));
    }
    builder
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static(media_type)))
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, freshness.header()))
        .insert_header((header::VARY, HeaderValue::from_static("Accept")))
        .body(body)
}

/// Bytes whose room is used again once they are sent.
fn lent(body: Vec<u8>) -> Bytes {
    Bytes::from_owner(Lent(body))
}

/// Answers that the client has what is under this entity tag.
pub fn unchanged(freshness: Freshness, tag: String) -> HttpResponse {
    HttpResponse::NotModified()
        .insert_header((header::ETAG, tag))
        .insert_header((header::CACHE_CONTROL, freshness.header()))
        .finish()
}

/// Answers with bytes under a digest's entity tag, compressed where the client takes that.
pub fn packed(
    request: &HttpRequest,
    freshness: Freshness,
    media_type: &'static str,
    body: Vec<u8>,
) -> Result<HttpResponse, ApiError> {
    let digest = Digest::of(&body);
    packed_as(request, freshness, digest, media_type, body)
}

/// The same, where the digest is known of what the bytes are made of.
fn packed_as(
    request: &HttpRequest,
    freshness: Freshness,
    digest: Digest,
    media_type: &'static str,
    body: Vec<u8>,
) -> Result<HttpResponse, ApiError> {
    let encoding = match Encoding::of(request) {
        wanted if body.len() >= encoding::WORTHWHILE => wanted,
        _ => Encoding::Identity,
    };
    let tag = encoding.tag(digest_tag(digest));
    let mut response = if has(request, &tag) {
        unchanged(freshness, tag)
    } else {
        let body = encoding.encoded(body).map_err(ApiError::internal)?;
        let mut response = tagged(request, freshness, tag, media_type, body);
        if encoding != Encoding::Identity {
            let name = HeaderValue::from_static(encoding.name());
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_ENCODING, name);
        }
        response
    };
    let vary = HeaderValue::from_static("Accept-Encoding");
    response.headers_mut().insert(header::VARY, vary);
    Ok(response)
}

/// Answers with bytes that nobody is to keep, whose form `Accept` decides about.
pub fn never_kept(media_type: &'static str, body: Vec<u8>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static(media_type)))
        .insert_header((header::CACHE_CONTROL, Freshness::Private.header()))
        .insert_header((header::VARY, HeaderValue::from_static("Accept")))
        .body(lent(body))
}

/// Answers with a page of a list.
pub fn page<T: Serialize>(
    request: &HttpRequest,
    freshness: Freshness,
    page: &Page<T>,
) -> Result<HttpResponse, ApiError> {
    let response = json(request, freshness, None, page)?;
    Ok(with_link(request, response, page.next.as_deref()))
}

/// Answers with a page of members, whose items are JSON already.
pub fn page_of_members(
    request: &HttpRequest,
    page: &Found,
    next: Option<&str>,
) -> Result<HttpResponse, ApiError> {
    let next_json = serde_json::to_vec(&next).map_err(ApiError::internal)?;
    let body = [
        b"{\"items\":",
        &*page.items,
        b",\"next\":",
        &next_json,
        b"}",
    ]
    .concat();
    let response = packed_as(
        request,
        Freshness::Revalidate,
        page.digest,
        "application/json",
        body,
    )?;
    Ok(with_link(request, response, next))
}

fn with_link(
    request: &HttpRequest,
    mut response: HttpResponse,
    next: Option<&str>,
) -> HttpResponse {
    if let Some(next) = next
        && let Ok(link) = HeaderValue::from_str(&link_to_next(request, next))
    {
        response.headers_mut().insert(header::LINK, link);
    }
    response
}

/// Answers a change with the resource as it now stands.
pub fn changed<T: Serialize>(
    status: StatusCode,
    revision: Option<i64>,
    value: &T,
) -> Result<HttpResponse, ApiError> {
    let mut builder = HttpResponse::build(status);
    if let Some(revision) = revision {
        builder.insert_header((header::ETAG, revision_tag(revision)));
    }
    let body = serde_json::to_vec(value).map_err(ApiError::internal)?;
    Ok(builder
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(body))
}

/// Answers the making of a resource with it and its address.
pub fn created<T: Serialize>(
    location: &str,
    revision: Option<i64>,
    value: &T,
) -> Result<HttpResponse, ApiError> {
    let mut response = changed(StatusCode::CREATED, revision, value)?;
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    Ok(response)
}

/// The revision that `If-Match` names; none when it is absent or `*`.
///
/// Anything that is no tag of ours gives a revision that nothing ever has, and so 412.
pub fn expected(request: &HttpRequest) -> Option<i64> {
    let value = request
        .headers()
        .get(header::IF_MATCH)?
        .to_str()
        .unwrap_or_default()
        .trim();
    if value == "*" {
        return None;
    }
    let tag = value
        .strip_prefix('"')
        .and_then(|tag| tag.strip_suffix('"'));
    Some(tag.and_then(|tag| tag.parse().ok()).unwrap_or(-1))
}

/// The revision that `If-Match` must name.
pub fn required(request: &HttpRequest) -> Result<i64, ApiError> {
    expected(request).ok_or_else(|| {
        ApiError::new(
            &PRECONDITION_REQUIRED,
            "send `If-Match` with the ETag of what you read",
        )
    })
}

/// The entity tag of a resource whose revision `If-Match` can name.
pub fn revision_tag(revision: impl Display) -> String {
    format!("\"{revision}\"")
}

/// The entity tag that this digest gives.
pub fn digest_tag(digest: Digest) -> String {
    // Written for most answers, so not by `write!`.
    let (start, _) = digest.as_bytes().split_at(16);
    let mut tag = String::with_capacity(2 * start.len() + 2);
    tag.push('"');
    let nibbles = start.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    tag.extend(nibbles.filter_map(|nibble| char::from_digit(nibble.into(), 16)));
    tag.push('"');
    tag
}

/// Whether `If-None-Match` names the tag (weak comparison).
pub fn has(request: &HttpRequest, tag: &str) -> bool {
    let given = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok());
    given.is_some_and(|list| {
        list.split(',')
            .map(str::trim)
            .any(|given| given == "*" || given.strip_prefix("W/").unwrap_or(given) == tag)
    })
}
