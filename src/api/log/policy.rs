//! `GET /v1/policy`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use charter_proof::{
    keys::{CLOCK_SIGNATURE, KeyRange, LOG_SIGNATURE, Purpose, vkey},
    policy::Policy,
};

use crate::api::{
    Service,
    problem::ApiError,
    render::{self, Freshness},
};

/// Get a policy by which proofs of this registry are checked.
///
/// C2SP tlog-policy: the log's keys and the registry's clock, and no witnesses. Whoever takes the keys from the registry
/// itself trusts whoever answered: compare them with those of a source of your own.
#[utoipa::path(
    tag = "log",
    responses(
        (status = OK, description = "The policy", body = String, content_type = "text/plain; charset=utf-8"),
    ),
)]
#[get("/v1/policy")]
pub async fn get_policy(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let (base, log) = (service.desk.base(), &service.desk.signatory.log);
    let keys = log.memory().await.replay().keys().clone();
    let of = |purpose: Purpose, name: String, kind: u8| {
        let ranges = keys
            .ranges()
            .iter()
            .filter(move |range| range.purpose == purpose);
        let open = ranges.filter(|range: &&KeyRange| range.to.is_none());
        let vkeys = open.map(move |range| vkey(&name, kind, &range.public_key_multibase));
        vkeys.collect::<Vec<_>>()
    };
    let text = Policy::registry_lines(
        base.url(),
        &of(Purpose::Log, base.origin(), LOG_SIGNATURE),
        &of(
            Purpose::Clock,
            format!("{}/clock", base.host()),
            CLOCK_SIGNATURE,
        ),
    );
    Ok(render::bytes(
        &request,
        Freshness::Revalidate,
        None,
        "text/plain; charset=utf-8",
        text.into_bytes(),
    ))
}
