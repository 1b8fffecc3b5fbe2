//! `/healthz`, `/readyz`, `/metrics`: for those who run the registry.

use actix_web::{HttpResponse, get, http::header, web::Data};
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
/// the deadlines that were missed.
#[utoipa::path(tag = "service", responses((status = OK, description = "Ready", body = Ready), Problems))]
#[get("/readyz")]
pub async fn get_readiness(service: Data<Service>) -> Result<HttpResponse, ApiError> {
    if service.work.is_closing() {
        return Err(ApiError::new(&BUSY, "the server is closing"));
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
    let ready = Ready {
        status: "ok",
        log_size: head.size,
        late: late.missed(),
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
