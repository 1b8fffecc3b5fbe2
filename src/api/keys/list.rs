//! `GET /v1/keys`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use charter_proof::keys::{CLOCK_SIGNATURE, LOG_SIGNATURE, Purpose, vkey};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Service,
        problem::ApiError,
        render::{self, Freshness},
    },
    storage::keys::SigningKey,
};

/// The key list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Keys {
    /// Every key there is and was, those in force first.
    keys: Vec<Key>,
}

/// A public key and the log positions for which it signs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Key {
    /// What it signs: `record`, `log` or `clock`.
    #[schema(example = "record")]
    purpose: &'static str,
    /// The key as a Multikey.
    #[schema(example = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")]
    public_key_multibase: String,
    /// `active` or `retired`.
    #[schema(example = "active")]
    status: &'static str,
    /// The first index that it signs for.
    from: u64,
    /// The first index that it no longer signs for; null while it is in force.
    to: Option<u64>,
    /// The key as C2SP signed notes write it; for the log and clock keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    vkey: Option<String>,
    /// When it came into force.
    valid_from: DateTime<Utc>,
    /// When it was retired; null while it is in force.
    valid_until: Option<DateTime<Utc>>,
}

/// List the registry's keys.
///
/// A record's signature counts by log position: the index of its entry must lie in `from` (inclusive) to `to`
/// (exclusive) of its key.
#[utoipa::path(tag = "records", responses((status = OK, description = "The keys", body = Keys)))]
#[get("/v1/keys")]
pub async fn list_keys(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, ApiError> {
    let database = service.desk.database.clone();
    let mut keys = service
        .run(async move { SigningKey::all(&mut database.read().await?).await })
        .await?;
    keys.sort_by_key(|key| (key.range.to.is_some(), key.range.purpose, key.range.from));
    let host = service.desk.base().host();
    let keys = keys.iter().map(|key| shown(key, host)).collect();
    render::json(&request, Freshness::Revalidate, None, &Keys { keys })
}

fn shown(key: &SigningKey, host: &str) -> Key {
    let public = key.range.public_key_multibase;
    let vkey = match key.range.purpose {
        Purpose::Record => None,
        Purpose::Log => Some(vkey(&format!("{host}/log"), LOG_SIGNATURE, &public)),
        Purpose::Clock => Some(vkey(&format!("{host}/clock"), CLOCK_SIGNATURE, &public)),
    };
    Key {
        purpose: key.range.purpose.as_str(),
        public_key_multibase: public.to_multibase(),
        status: if key.range.to.is_none() {
            "active"
        } else {
            "retired"
        },
        from: key.range.from,
        to: key.range.to,
        vkey,
        valid_from: key.created_at,
        valid_until: None,
    }
}
