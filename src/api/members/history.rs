//! `GET /v1/charters/{charter}/members/{id}/history`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use super::unknown;
use crate::{
    api::{
        Service,
        page::Page,
        problem::{ApiError, problems},
        render::{self, Freshness},
        wire::member::MemberEvent,
    },
    rules::{id::MemberId, text::Slug},
    storage::{memberships::Membership, records::Record},
};

problems!(MEMBER_UNKNOWN, NOT_FOUND);

/// Get a member's history.
///
/// Everything that happened to the membership, oldest first, each with its signed record.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    responses((status = OK, description = "The history", body = Page<MemberEvent>), Problems),
)]
#[get("/v1/charters/{charter}/members/{id}/history")]
pub async fn get_history(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
) -> Result<HttpResponse, ApiError> {
    let (database, (charter, id)) = (service.desk.database.clone(), path.into_inner());
    let records = service
        .run(async move {
            let mut conn = database.read().await?;
            let member = Membership::find(&mut conn, charter.as_str(), MemberId(id))
                .await?
                .ok_or_else(unknown)?;
            Ok::<_, ApiError>(Record::of_member(&mut conn, member.id).await?)
        })
        .await?;
    let base = service.desk.base();
    let items = records
        .iter()
        .map(|record| MemberEvent::new(record, base))
        .collect();
    render::page(&request, Freshness::Revalidate, &Page { items, next: None })
}
