//! `GET /.well-known/did.json`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use charter_proof::keys::{PublicKey, Purpose, did_document};
use chrono::{DateTime, Utc};

use crate::{
    api::{
        Service,
        problem::ApiError,
        render::{self, Freshness},
    },
    desk::keys::ASSERTING_FOR,
    storage::{
        self,
        keys::{AnnouncedKey, SigningKey},
    },
};

/// Get the registry's DID document.
///
/// `did:web`: the record keys, each as a Multikey and as a `JsonWebKey`, the active one first. A key that is to take over
/// stands here a day before it signs. A retired one leaves `assertionMethod` after seven days, when everything short-lived
/// that it signed has ended, a compromised one at once; both stay in `verificationMethod`: records that they signed in
/// their time stay authentic, which `/v1/keys` and the position in the log tell.
#[utoipa::path(
    tag = "records",
    responses((status = OK, description = "The DID document", body = serde_json::Value, content_type = "application/did+json")),
)]
#[get("/.well-known/did.json")]
pub async fn get_did_document(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let database = service.desk.database.clone();
    let (keys, announced) = service
        .run(async move {
            let mut conn = database.read().await?;
            let announced = AnnouncedKey::of(&mut conn, Purpose::Record).await?;
            Ok::<_, storage::Error>((SigningKey::all(&mut conn).await?, announced))
        })
        .await?;
    let keys = published(keys, announced, service.desk.now());
    let document = serde_json::to_vec(&did_document(service.desk.base(), &keys))
        .map_err(ApiError::internal)?;
    Ok(render::bytes(
        &request,
        Freshness::Revalidate,
        None,
        "application/did+json",
        document,
    ))
}

/// The record keys, and whether each asserts: the one in force, the one to come, then those before, the newest first.
fn published(
    mut keys: Vec<SigningKey>,
    announced: Option<AnnouncedKey>,
    now: DateTime<Utc>,
) -> Vec<(PublicKey, bool)> {
    keys.retain(|key| key.range.purpose == Purpose::Record);
    keys.sort_by_key(|key| (key.range.to.is_some(), std::cmp::Reverse(key.range.from)));
    let asserts = |key: &SigningKey| {
        let is_asserting = |at| now < at + ASSERTING_FOR;
        key.compromised_at.is_none() && key.retired_at.is_none_or(is_asserting)
    };
    let known = keys
        .iter()
        .map(|key| (key.range.public_key_multibase, asserts(key)));
    let mut published: Vec<_> = known.collect();
    if let Some(next) = announced {
        published.insert(published.len().min(1), (next.key, true));
    }
    published
}
