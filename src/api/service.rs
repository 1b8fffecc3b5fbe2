//! `/healthz`, `/readyz`, `/metrics`: for those who run the registry.

use std::collections::BTreeMap;

use actix_web::{HttpResponse, get, http::header, web::Data};
use chrono::{DateTime, SubsecRound as _, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    Service, measure,
    problem::{
        ApiError,
        catalogue::{BUSY, CLOCK_WRONG, LOG_CONTRADICTED, SIGNING_KEY_MISSING},
        problems,
    },
};
use crate::{
    desk::late,
    storage::{self, log},
    witness::asking::Asking,
};

problems!(BUSY, LOG_CONTRADICTED, CLOCK_WRONG, SIGNING_KEY_MISSING);

/// The process is alive.
#[derive(Debug, Serialize, ToSchema)]
pub struct Alive {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// The registry can answer.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ready {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
    /// How many entries the log has.
    log_size: u64,
    /// What should have been signed again by now, and was not: `checkpoint`, `status-lists`. Readers are served all the
    /// same, but verifiers refuse what lapses.
    #[schema(example = json!([]))]
    late: Vec<&'static str>,
    /// What the registry's witnesses keep it waiting for; absent where it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    witnesses: Option<Witnesses>,
    /// How this mirror stands to the registry that it follows; absent where this is the registry itself.
    #[schema(example = "following")]
    #[serde(skip_serializing_if = "Option::is_none")]
    mirror: Option<&'static str>,
}

/// How the registry stands with its witnesses.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Witnesses {
    /// Whether an operator lets checkpoints be served without them.
    #[schema(example = false)]
    overridden: bool,
    /// The newest checkpoint, if not enough of them cosigned it yet: an older one is served, and proofs stand at that.
    waiting: Option<Waiting>,
}

/// A checkpoint that waits for its quorum.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiting {
    /// How many entries it has.
    #[schema(example = 123)]
    size: u64,
    /// Since when it waits.
    #[schema(example = "2026-11-22T10:00:00Z")]
    since: Option<DateTime<Utc>>,
    /// Who has not cosigned, and what came of asking last, by the names of the policy.
    #[schema(example = json!({"witness-2": "it cannot be reached: connection refused"}))]
    missing: BTreeMap<String, String>,
}

impl Witnesses {
    fn of(asking: &Asking) -> Self {
        Self {
            overridden: asking.is_overridden(),
            waiting: asking.waiting().map(|waiting| Waiting {
                size: waiting.size,
                since: waiting.since.map(|since| since.trunc_subsecs(0)),
                missing: waiting.troubles.into_iter().collect(),
            }),
        }
    }
}

/// Say that the process is alive.
///
/// Touches nothing: for a supervisor that restarts what hangs.
#[utoipa::path(tag = "service", responses((status = OK, description = "Alive", body = Alive)))]
#[get("/healthz")]
pub async fn get_health() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(Alive { status: "ok" })
}

/// Say whether the registry can answer.
///
/// Reads the log's head: for a load balancer that sends no requests to an instance without its database. `late` names
/// the deadlines that were missed, `witnesses` why an older checkpoint than the newest is served.
#[utoipa::path(tag = "service", responses((status = OK, description = "Ready", body = Ready), Problems))]
#[get("/readyz")]
pub async fn get_readiness(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    if service.work.is_closing() {
        return Err(ApiError::new(&BUSY, "the server is closing"));
    }
    if let Some(standing) = service.mirror.as_ref().filter(|it| !it.is_open()) {
        let registry = standing.base.url();
        let detail = format!("this mirror of {registry} has not caught up yet: see /v1/mirror");
        return Err(ApiError::new(&BUSY, detail));
    }
    if service.desk.signatory.log.is_contradicted() {
        let detail = "the database's log is not the one that was published";
        return Err(ApiError::new(&LOG_CONTRADICTED, detail));
    }
    if service.desk.signatory.is_clock_wrong() {
        let detail = "the server's clock is more than five minutes from the database's";
        return Err(ApiError::new(&CLOCK_WRONG, detail));
    }
    if service.desk.signatory.keyring.is_lacking() {
        let detail =
            "a key of the registry was replaced, and its file is not in this instance's key folder";
        return Err(ApiError::new(&SIGNING_KEY_MISSING, detail));
    }
    let desk = service.desk.clone();
    let found = service
        .run(async move {
            let mut conn = desk.database.read().await?;
            let head = log::head(&mut conn).await?;
            Ok::<_, storage::Error>((head, late::late(&desk, &mut conn).await?))
        })
        .await;
    let (head, late) = found.map_err(|error| ApiError {
        kind: &BUSY,
        ..error
    })?;
    let standing = service.mirror.as_ref();
    let mirror = standing.map(|standing| standing.now(service.desk.now()).state.as_str());
    let ready = Ready {
        mirror,
        status: "ok",
        log_size: head.size,
        late: late.missed(),
        witnesses: service.desk.witnesses.as_deref().map(Witnesses::of),
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .json(ready))
}

/// Show metrics.
///
/// Prometheus text: requests by route and status with their durations, the state of the database, the log, the
/// outbox, the timetable, the disk and the process.
#[utoipa::path(
    tag = "service",
    responses((status = OK, description = "The metrics", body = String, content_type = "text/plain")),
)]
#[get("/metrics")]
pub async fn get_metrics(service: Data<Service>) -> HttpResponse {
    measure::measure(&service).await;
    HttpResponse::Ok()
        .insert_header((
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        ))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(service.metrics.render())
}
