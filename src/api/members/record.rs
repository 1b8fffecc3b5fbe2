//! `GET /v1/charters/{charter}/members/{id}/record`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use charter_proof::record::MEDIA_TYPE;
use uuid::Uuid;

use super::unknown;
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        render::{self, Freshness},
    },
    rules::{id::MemberId, text::Slug},
    storage::{memberships::Membership, records::Record},
};

problems!(MEMBER_UNKNOWN, NOT_FOUND);

/// Get a member's newest record.
///
/// The signed document's exact bytes: a W3C Verifiable Credential secured with `eddsa-jcs-2022`. It says what
/// happened, not what holds today.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    responses(
        (status = OK, description = "The record", body = serde_json::Value, content_type = "application/vc"),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/members/{id}/record")]
pub async fn get_member_record(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
) -> Result<HttpResponse, ApiError> {
    let (database, (charter, id)) = (service.desk.database.clone(), path.into_inner());
    let record = service
        .run(async move {
            let mut conn = database.read().await?;
            let member = Membership::find(&mut conn, charter.as_str(), MemberId(id))
                .await?
                .ok_or_else(unknown)?;
            Record::find(&mut conn, member.record)
                .await?
                .ok_or_else(unknown)
        })
        .await?;
    Ok(render::bytes(
        &request,
        Freshness::Revalidate,
        None,
        MEDIA_TYPE,
        record.document,
    ))
}
