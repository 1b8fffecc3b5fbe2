//! `POST /v1/verify`

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Payload},
};
use charter_proof::{
    canonical::Digest,
    keys::KeyList,
    verify::{RecordSummary, RecordVerdict, TrustedKeys, verify_record},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Service, body, problem::ApiError, render};
use crate::storage::{Connection, keys::SigningKey, records::Record};

/// The longest record, in bytes (256 KiB): names and a statement may be long, in many languages.
const MAX_RECORD: usize = 256 * 1024;

/// What is established about a record.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verdict {
    /// `authentic`: this registry signed it and its log has it. `refused`: it did not, see `reasons`.
    /// `position-unknown`: a key signed it that is not in force, and the log does not have it.
    #[schema(example = "authentic")]
    #[serde(rename = "verdict")]
    word: &'static str,
    /// Why it is not authentic.
    reasons: Vec<Reason>,
    /// What an authentic record says.
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Established>,
}

/// Why a record is not authentic.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reason {
    /// For programs.
    #[schema(example = "signature_invalid")]
    code: String,
    /// For people.
    detail: String,
}

/// What an authentic record establishes: that the event happened, not what holds today.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Established {
    /// The record.
    id: Uuid,
    /// The charter's slug.
    charter: String,
    /// The member.
    member: Uuid,
    /// What happened.
    #[schema(example = "included")]
    event: &'static str,
    /// When.
    at: DateTime<Utc>,
    /// The status that followed.
    #[schema(example = "active")]
    resulting_status: &'static str,
    /// The index of its log entry.
    log_index: u64,
    /// Whether a newer record of the member exists: then this one is history.
    superseded: bool,
}

/// Verify a record.
///
/// A record in, a verdict with reasons out. Its signature, its shape, its keys, and that the log has its digest.
/// The body is the record as it was served, or the same JSON in another spacing.
#[utoipa::path(
    tag = "records",
    request_body(
        content = serde_json::Value,
        content_type = "application/vc",
        example = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"],
            "credentialSubject": {
                "category": "educational_institution",
                "charter": {
                    "digest": "sha-256:bce8cbc36fed3068621ca6670a9db29017e4125e5187c8d60aa928b590a5b73b",
                    "id": "https://registry.example/charters/digital-ethics-of-childhood",
                    "version": 1
                },
                "country": "RU", "domain": "school.example",
                "event": {"at": "2026-11-22T09:00:00Z", "resultingStatus": "active", "type": "included"},
                "founder": false,
                "id": "https://registry.example/members/01a2027b-d680-75aa-9ae5-49055c4a1280",
                "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000002"}],
                "memberNumber": "000001",
                "memorandum": {
                    "digest": "sha-256:db147a7d3828de8a5785c399d2078722ad72a4932e284da6a61e1c9576e3545d",
                    "form": "handwritten_scan", "signedOn": "2026-11-22"
                },
                "name": [
                    {"@language": "en", "@value": "School No. 1"},
                    {"@language": "ru", "@value": "Средняя школа № 1"}
                ],
                "region": "RU-AMU", "since": "2026-11-22", "type": "CharterMember", "website": "https://school.example"
            },
            "id": "https://registry.example/records/01a2027b-d680-7e28-84cd-2441948b2d44",
            "issuer": {"id": "did:web:registry.example", "name": "Charter registry"},
            "proof": {
                "@context": ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/undefined-terms/v2"],
                "created": "2026-11-22T09:00:00Z", "cryptosuite": "eddsa-jcs-2022", "proofPurpose": "assertionMethod",
                "proofValue": "z2KYYSGa228oRANrm19FWh4xjvmZ2df4ciJfFWUZ2M6JWihewkZH2geMGdNYx8z375WY7StNCNHHeyD45g9siUbMw",
                "type": "DataIntegrityProof",
                "verificationMethod": "did:web:registry.example#z6Mkj2uD2LAhYTDd581jWW6Wk6gYhC5USXhVthuCJZvbbgXv"
            },
            "type": ["VerifiableCredential", "CharterRegistryRecord"],
            "validFrom": "2026-11-22T09:00:00Z"
        }),
    ),
    responses((status = OK, description = "The verdict", body = Verdict)),
)]
#[post("/v1/verify")]
pub async fn verify_record_document(
    request: HttpRequest,
    service: Data<Service>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    body::expect_media_type(
        &request,
        &["application/vc", "application/json", "application/ld+json"],
    )?;
    let bytes = body::read(&request, &mut payload.into_inner(), MAX_RECORD).await?;
    let (database, did) = (service.desk.database.clone(), service.desk.base().did());
    let verdict = service
        .run(async move {
            let mut conn = database.read().await?;
            let keys = SigningKey::list(&SigningKey::all(&mut conn).await?);
            judge(&mut conn, &bytes, &did, keys).await
        })
        .await?;
    render::changed(StatusCode::OK, None, &verdict)
}

/// Judges a record by its digest's place in the log, and by the keys in force there.
async fn judge(
    conn: &mut Connection,
    bytes: &[u8],
    did: &str,
    keys: KeyList,
) -> Result<Verdict, ApiError> {
    let logged = match charter_proof::canonical::parse_strict(bytes) {
        Ok(document) => {
            let canonical = charter_proof::canonical::to_jcs(&document).unwrap_or_default();
            Record::find_by_digest(conn, Digest::of(&canonical)).await?
        }
        Err(_) => None,
    };
    let position = logged.as_ref().map(|record| record.log_index);
    let trusted = TrustedKeys::from_key_list(did, keys);
    Ok(match (verify_record(bytes, &trusted, position), logged) {
        (RecordVerdict::Authentic(said), Some(logged)) => {
            let newest = Record::of_member(conn, logged.member).await?.pop();
            let superseded = newest.is_some_and(|newest| newest.id != logged.id);
            authentic(&said, logged.log_index, superseded)
        }
        (RecordVerdict::Authentic(_), None) => refused(vec![Reason {
            code: "not_in_log".to_owned(),
            detail: "the signature is the registry's, but the log does not have this record"
                .to_owned(),
        }]),
        (RecordVerdict::PositionUnknown { .. }, _) => Verdict {
            word: "position-unknown",
            reasons: vec![Reason {
                code: "position_unknown".to_owned(),
                detail: "the key is not in force, and the log does not have this record".to_owned(),
            }],
            record: None,
        },
        (RecordVerdict::Refused(reasons), _) => refused(
            reasons
                .iter()
                .map(|reason| Reason {
                    code: reason.code().to_owned(),
                    detail: reason.to_string(),
                })
                .collect(),
        ),
    })
}

fn refused(reasons: Vec<Reason>) -> Verdict {
    Verdict {
        word: "refused",
        reasons,
        record: None,
    }
}

fn authentic(said: &RecordSummary, log_index: u64, superseded: bool) -> Verdict {
    let record = Established {
        id: said.id,
        charter: said.charter.clone(),
        member: said.member,
        event: said.event.as_str(),
        at: said.at,
        resulting_status: said.resulting_status.as_str(),
        log_index,
        superseded,
    };
    Verdict {
        word: "authentic",
        reasons: Vec::new(),
        record: Some(record),
    }
}
