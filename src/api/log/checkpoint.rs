//! `GET /log/checkpoint`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};

use super::unserved;
use crate::api::{
    Service,
    problem::{ApiError, problems},
    render::{self, Freshness},
};

problems!(BUSY);

/// Get the newest checkpoint.
///
/// A signed note (C2SP tlog-checkpoint): the log's size and root, signed by the log key (type 01), and by the clock key
/// with the time at which it was the newest (type 04, C2SP tlog-cosignature), then by the registry's witnesses, where it
/// has any: it is the newest that enough of them cosigned. Its last entry is a `state` entry.
#[utoipa::path(
    tag = "log",
    responses(
        (status = OK, description = "The checkpoint", body = String, content_type = "text/plain; charset=utf-8"),
        Problems,
    ),
)]
#[get("/log/checkpoint")]
pub async fn get_checkpoint(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let served = service.desk.signatory.log.served();
    let served = served.ok_or_else(|| unserved(&service.desk))?;
    Ok(render::bytes(
        &request,
        Freshness::Seconds,
        None,
        "text/plain; charset=utf-8",
        served.note.clone().into_bytes(),
    ))
}
