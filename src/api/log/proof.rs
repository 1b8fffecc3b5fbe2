//! `GET /v1/charters/{charter}/members/{id}/proof`, `GET /v1/charters/{charter}/proof`

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Data, Path},
};
use charter_proof::verify::Key;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::unserved;
use crate::{
    api::{
        Service,
        charters::get::unknown,
        problem::{ApiError, problems},
        query::Query,
        render::{self, Freshness},
    },
    log::{memory::Log, proofs::Proof},
    rules::{claim::Claim, id::MemberId, text::Slug},
    storage::charters::Published,
};

problems!(CHARTER_UNKNOWN, NOT_FOUND, INVALID_QUERY, BUSY);

/// For what a proof is asked.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ProofQuery {
    /// `member:<uuid>`, `domain:<host>`, or a register and a number; as people write it.
    #[param(example = "domain:school.example")]
    key: String,
}

/// Get the proof of a membership.
///
/// One file in the form of C2SP tlog-proof, by which a verifier sees offline what the member is now, for as long as its
/// policy lets a checkpoint be the newest (three hours by default). A former member's proof says that it is one, and
/// a stranger's that the charter never had such a member.
#[utoipa::path(
    tag = "log",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    responses(
        (status = OK, description = "The proof", body = String, content_type = "text/plain; charset=utf-8"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members/{id}/proof")]
pub async fn get_member_proof(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
) -> Result<HttpResponse, ApiError> {
    let (charter, id) = path.into_inner();
    answer(&request, &service, charter, Key::Member(id)).await
}

/// Get the proof of what a key stands for.
///
/// The same, by a domain or an official number: what it stands for is the member that holds it, the former member
/// that held it last, or nobody.
#[utoipa::path(
    tag = "log",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ProofQuery,
    ),
    responses(
        (status = OK, description = "The proof", body = String, content_type = "text/plain; charset=utf-8"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/proof")]
pub async fn get_proof(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
    query: Query<ProofQuery>,
) -> Result<HttpResponse, ApiError> {
    answer(&request, &service, path.into_inner(), key(&query.0.key)?).await
}

/// The key that is asked for, in its canonical form.
fn key(raw: &str) -> Result<Key, ApiError> {
    if let Some(member) = raw.strip_prefix("member:") {
        let member = member.parse();
        return member.map(Key::Member).map_err(|_| {
            ApiError::invalid_query("key", "malformed_key", "expected member: and a UUID")
        });
    }
    let claim = Claim::parse(raw)
        .map_err(|refusal| ApiError::invalid_query("key", refusal.code, refusal.detail))?;
    Ok(Key::Claim(claim.key()))
}

async fn answer(
    request: &HttpRequest,
    service: &Service,
    charter: Slug,
    key: Key,
) -> Result<HttpResponse, ApiError> {
    let name = disposition(&charter, &key);
    let log = service.desk.signatory.log.clone();
    let at_hand = log.proof_at_hand(charter.as_str(), &key, |member| {
        let newest = service
            .directory
            .standing(charter.as_str(), MemberId(member));
        let (record, status) = newest.ok().flatten()?;
        Some((record.bytes, record.digest, status))
    });
    let proof = match at_hand {
        Some(proof) => proof,
        None => read(service, log, charter, key).await?,
    };
    let mut response = render::tagged(
        request,
        Freshness::Revalidate,
        render::digest_tag(proof.tag),
        "text/plain; charset=utf-8",
        proof.text.into_bytes(),
    );
    if let Ok(name) = header::HeaderValue::try_from(name) {
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    Ok(response)
}

/// The proof from the database.
async fn read(service: &Service, log: Log, charter: Slug, key: Key) -> Result<Proof, ApiError> {
    let desk = service.desk.clone();
    let proof = service.run(async move {
        let mut conn = desk.database.read().await?;
        let published = Published::current(&mut conn, charter.as_str()).await?;
        published.ok_or_else(unknown)?;
        let proof = log.proof(&mut conn, charter.as_str(), &key).await?;
        proof.ok_or_else(|| unserved(&desk))
    });
    proof.await
}

/// What the file is called: the charter, and the key in letters that every system takes.
fn disposition(charter: &Slug, key: &Key) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '.';
    let key = key.canonical().replace(|c| !is_plain(c), "-");
    format!("attachment; filename=\"{charter}-{key}.tlog-proof\"")
}
