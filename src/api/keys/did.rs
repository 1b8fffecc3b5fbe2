//! `GET /.well-known/did.json`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use charter_proof::keys::{Purpose, did_document};

use crate::{
    api::{
        Service,
        problem::ApiError,
        render::{self, Freshness},
    },
    storage::keys::SigningKey,
};

/// Get the registry's DID document.
///
/// `did:web`: the record keys, each as a Multikey and as a `JsonWebKey`, the active one first.
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
    let mut keys = service
        .run(async move { SigningKey::all(&mut database.read().await?).await })
        .await?;
    keys.retain(|key| key.range.purpose == Purpose::Record);
    // The open range is the active key's; then the newest first.
    keys.sort_by_key(|key| (key.range.to.is_some(), std::cmp::Reverse(key.range.from)));
    let keys: Vec<_> = keys
        .iter()
        .map(|key| (key.range.public_key_multibase, key.range.to.is_none()))
        .collect();
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
