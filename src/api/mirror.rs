//! `GET /v1/mirror`, and what a mirror answers to what only the registry itself can do.

use actix_web::{HttpResponse, get, http::header, web::Data};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Service,
    access::Endpoint,
    problem::{
        ApiError,
        catalogue::{BUSY, MIRROR_CANNOT_SIGN, MIRROR_READ_ONLY, NOT_A_MIRROR},
        problems,
    },
};
use crate::mirror::standing::Standing;

problems!(NOT_A_MIRROR);

/// Where a mirror answers before it has anything of the registry.
const ALWAYS: [&str; 8] = [
    "/v1/mirror",
    "/healthz",
    "/readyz",
    "/metrics",
    "/problems",
    "/problems/{slug}",
    "/openapi.json",
    "/docs/{_:.*}",
];

/// Where a mirror answers once it has the log, though its tables do not tell all of it yet.
const OF_THE_LOG: [&str; 5] = [
    "/log/checkpoint",
    "/log/tile/{path}",
    "/log/records/{path}",
    "/log/charters/{digest}",
    "/v1/policy",
];

/// How a mirror stands to the registry that it follows.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mirroring {
    /// The registry's address: what this server answers is the registry's word.
    #[schema(format = "uri", example = "https://registry.example")]
    registry: String,
    /// Where it is fetched from.
    #[schema(format = "uri", example = "https://registry.example")]
    source: String,
    /// `following`, `catching-up`, `stale` (what is served may not be the newest) or `contradicted` (the registry
    /// contradicts itself, and nothing more of it is accepted).
    #[schema(example = "following")]
    state: &'static str,
    /// How many log entries are served; null before the first checkpoint is.
    size: Option<u64>,
    /// How many of them the answers about members tell: fewer than are served while the tables of a first copy are made, and
    /// until then there are no such answers.
    told: u64,
    /// How many log entries are fetched and checked.
    fetched: u64,
    /// How many the registry's newest checkpoint has, as far as is known.
    registry_size: Option<u64>,
    /// How many of them are not served here yet.
    lag_entries: Option<u64>,
    /// How many seconds ago the registry said that what is served was its newest.
    lag_seconds: Option<i64>,
    /// When the registry was last looked at and everything was in order.
    last_check: Option<DateTime<Utc>>,
    /// Whether the keys that are trusted are those that answered first, which nobody vouched for.
    trusted_on_first_use: bool,
    /// What is in the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// The file in the mirror's data folder that shows others how the registry contradicts itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<String>,
}

/// Say how this mirror stands to its registry.
///
/// Only a mirror answers. Each of its answers names the registry in `X-Registry-Mirror`; whatever is signed in them the
/// registry itself signed.
#[utoipa::path(
    tag = "service",
    responses((status = OK, description = "How it stands", body = Mirroring), Problems),
)]
#[get("/v1/mirror")]
pub async fn get_mirror(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    let standing = service.mirror.as_ref().ok_or_else(|| {
        let detail = "this server is the registry itself, not a mirror";
        ApiError::new(&NOT_A_MIRROR, detail)
    })?;
    let at = service.desk.now();
    let now = standing.now(at);
    let newest = service.desk.signatory.log.newest();
    let newest = newest.filter(|_| standing.is_log_open());
    let size = newest.map(|newest| newest.checkpoint.size);
    let lag = now
        .size
        .map(|there| there.saturating_sub(size.unwrap_or(0)));
    let mirroring = Mirroring {
        registry: standing.base.url().to_owned(),
        source: standing.source.clone(),
        state: now.state.as_str(),
        size,
        told: now.told,
        fetched: now.kept,
        registry_size: now.size,
        lag_entries: lag,
        lag_seconds: now.cosigned_at.map(|then| (at - then).num_seconds().max(0)),
        last_check: now.checked_at,
        trusted_on_first_use: standing.first_use,
        detail: now.detail,
        evidence: now.evidence,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(mirroring))
}

/// Refuses what a mirror does not do, and everything but how it stands until it has something to answer from.
pub(super) fn check(standing: &Standing, endpoint: &Endpoint, path: &str) -> Result<(), ApiError> {
    let registry = standing.base.url();
    if endpoint.needs_registry() {
        let detail =
            format!("this is a read-only mirror: send it to the registry, {registry}{path}");
        return Err(ApiError::new(&MIRROR_READ_ONLY, detail));
    }
    let is_answered = standing.is_open()
        || ALWAYS.contains(&endpoint.path)
        || standing.is_log_open() && OF_THE_LOG.contains(&endpoint.path);
    if !is_answered {
        let detail = format!("this mirror of {registry} has not caught up yet: see /v1/mirror");
        return Err(ApiError::new(&BUSY, detail));
    }
    Ok(())
}

/// Refuses what needs a key of the registry.
pub(super) fn check_signs(service: &Service, path: &str) -> Result<(), ApiError> {
    match &service.mirror {
        None => Ok(()),
        Some(standing) => {
            let registry = standing.base.url();
            let detail = format!("a mirror has no key of the registry: ask {registry}{path}");
            Err(ApiError::new(&MIRROR_CANNOT_SIGN, detail))
        }
    }
}
