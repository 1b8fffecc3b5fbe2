//! `GET /v1/keys`

use actix_web::{HttpRequest, HttpResponse, get, web::Data};
use charter_proof::keys::{CLOCK_SIGNATURE, LOG_SIGNATURE, PublicKey, Purpose, vkey};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Service,
        problem::ApiError,
        render::{self, Freshness},
    },
    desk::keys::ANNOUNCED_FOR,
    storage::{
        self,
        keys::{AnnouncedKey, SigningKey},
    },
};

/// The key list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Keys {
    /// Every key there is and was, those in force first.
    keys: Vec<Key>,
    /// Those that are to take over, and do not sign yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    announced: Vec<NextKey>,
}

/// A key that will sign.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct NextKey {
    /// What it will sign: `record`, `log` or `clock`.
    #[schema(example = "record")]
    purpose: &'static str,
    /// The key as a Multikey.
    #[schema(example = "z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2")]
    public_key_multibase: String,
    /// The key as C2SP signed notes write it; for the log and clock keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    vkey: Option<String>,
    /// When it was published.
    announced_at: DateTime<Utc>,
    /// When it may come into force; the log says when it did.
    not_before: DateTime<Utc>,
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
    /// `active`, `retired` or `compromised`.
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
    /// When it ceased to sign; null while it is in force.
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
    let (mut keys, announced) = service
        .run(async move {
            let mut conn = database.read().await?;
            let announced = AnnouncedKey::all(&mut conn).await?;
            Ok::<_, storage::Error>((SigningKey::all(&mut conn).await?, announced))
        })
        .await?;
    keys.sort_by_key(|key| (key.range.to.is_some(), key.range.purpose, key.range.from));
    let host = service.desk.base().host();
    let keys = Keys {
        keys: keys.iter().map(|key| shown(key, host)).collect(),
        announced: announced.iter().map(|key| to_come(key, host)).collect(),
    };
    render::json(&request, Freshness::Revalidate, None, &keys)
}

/// The name by which verifiers of notes know a key.
fn vkey_of(purpose: Purpose, key: &PublicKey, host: &str) -> Option<String> {
    match purpose {
        Purpose::Record => None,
        Purpose::Log => Some(vkey(&format!("{host}/log"), LOG_SIGNATURE, key)),
        Purpose::Clock => Some(vkey(&format!("{host}/clock"), CLOCK_SIGNATURE, key)),
    }
}

fn to_come(announced: &AnnouncedKey, host: &str) -> NextKey {
    NextKey {
        purpose: announced.purpose.as_str(),
        public_key_multibase: announced.key.to_multibase(),
        vkey: vkey_of(announced.purpose, &announced.key, host),
        announced_at: announced.announced_at,
        not_before: announced.announced_at + ANNOUNCED_FOR,
    }
}

fn shown(key: &SigningKey, host: &str) -> Key {
    let public = key.range.public_key_multibase;
    Key {
        purpose: key.range.purpose.as_str(),
        public_key_multibase: public.to_multibase(),
        status: key.standing().as_str(),
        from: key.range.from,
        to: key.range.to,
        vkey: vkey_of(key.range.purpose, &public, host),
        valid_from: key.created_at,
        valid_until: key.retired_at,
    }
}
