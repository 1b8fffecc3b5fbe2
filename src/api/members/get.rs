//! `GET /v1/charters/{charter}/members/{id}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::{past, unknown};
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        query::Query,
        render::{self, Freshness},
        wire::member::Member,
    },
    rules::{id::MemberId, text::Slug},
};

problems!(MEMBER_UNKNOWN, NOT_FOUND, INVALID_QUERY, BUSY);

/// As of when.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetMember {
    /// The member as it was at this time (RFC 3339), or once the log's entry of this index was appended.
    #[serde(rename = "asOf")]
    #[param(example = "2026-11-22T10:00:00Z")]
    as_of: Option<String>,
}

/// Get a member.
///
/// A present or former member as it stands. What proves it is the signed record at `record`, which says what
/// happened; the `ETag` serves `If-Match` of a change. As of a moment of the past (`asOf`) the member is shown as the newest
/// record before tells; of a record that was redacted the names are those of now.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
        GetMember,
    ),
    responses((status = OK, description = "The member", body = Member), Problems),
)]
#[get("/v1/charters/{charter}/members/{id}")]
pub async fn get_member(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<(Slug, Uuid)>,
    query: Query<GetMember>,
) -> Result<HttpResponse, ApiError> {
    let (charter, id) = path.into_inner();
    if let Some(as_of) = &query.0.as_of {
        let moment = past::moment(as_of)?;
        return past::member(&request, &service, charter, MemberId(id), moment).await;
    }
    let member = service.directory.member(charter.as_str(), MemberId(id))?;
    let member = member.ok_or_else(unknown)?;
    let mut tag = render::revision_tag(member.log_index);
    if member.is_withheld {
        tag = render::revision_tag(format!("{}-withheld", member.log_index));
    }
    Ok(render::tagged(
        &request,
        Freshness::Revalidate,
        tag,
        "application/json",
        member.json,
    ))
}
