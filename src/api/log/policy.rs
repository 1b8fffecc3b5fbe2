//! `GET /v1/policy`

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header::{self, HeaderValue},
    web::Data,
};
use charter_proof::{
    keys::{CLOCK_SIGNATURE, LOG_SIGNATURE, Purpose, vkey},
    policy::Policy,
};

use crate::{
    api::{
        Service,
        problem::ApiError,
        render::{self, Freshness},
    },
    storage::{
        self,
        keys::{AnnouncedKey, SigningKey},
    },
};

/// Get a policy by which proofs of this registry are checked.
///
/// C2SP tlog-policy: the log's keys and the registry's clock, those that are announced included, and the witnesses and the
/// quorum under which the registry publishes, where it has any; a mirror gives those of the policy that it was begun with.
/// Whoever takes the keys from the registry itself trusts whoever answered: compare them with those of a source of your own.
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
    let base = service.desk.base();
    let database = service.desk.database.clone();
    let (keys, announced) = service
        .run(async move {
            let mut conn = database.read().await?;
            let announced = AnnouncedKey::all(&mut conn).await?;
            Ok::<_, storage::Error>((SigningKey::all(&mut conn).await?, announced))
        })
        .await?;
    let of = |purpose: Purpose, name: String, kind: u8| {
        let in_force = SigningKey::in_force(&keys, purpose);
        let in_force = in_force.map(|key| key.range.public_key_multibase);
        let to_come = announced.iter().filter(|key| key.purpose == purpose);
        let keys = in_force.into_iter().chain(to_come.map(|key| key.key));
        keys.map(|key| vkey(&name, kind, &key)).collect::<Vec<_>>()
    };
    let asked = service
        .desk
        .witnesses
        .as_ref()
        .map(|asking| asking.policy());
    let followed = service.mirror.as_ref().map(|standing| &standing.policy);
    let text = Policy::registry_lines(
        base.url(),
        &of(Purpose::Log, base.origin(), LOG_SIGNATURE),
        &of(
            Purpose::Clock,
            format!("{}/clock", base.host()),
            CLOCK_SIGNATURE,
        ),
        asked.or(followed),
    );
    let mut response = render::bytes(
        &request,
        Freshness::Revalidate,
        None,
        "text/plain; charset=utf-8",
        text.into_bytes(),
    );
    let name = base.host().replace(':', "-");
    let name = format!("attachment; filename=\"{name}.tlog-policy\"");
    if let Ok(name) = HeaderValue::from_str(&name) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}
