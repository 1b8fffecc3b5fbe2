//! `POST /v1/charters/{charter}/members/{id}/withdrawal`

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::target;
use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, problems},
        render,
        wire::member::{Member, revision},
    },
    desk::memberships::withdraw::{self, Withdraw},
    rules::text::{Localized, Slug},
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    CHANGED,
    RECUSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// A member's wish to leave.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"statement": {"ru": "По письму участника.", "en": "At the member's written request."}}))]
pub struct WithdrawBody {
    /// What the public record will say of it, by language.
    statement: BTreeMap<String, String>,
}

/// End a membership on the member's wish.
///
/// A registrar enters what the member asked for in writing; the record is signed at once.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = WithdrawBody,
    responses((status = OK, description = "The former member", body = Member), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/withdrawal")]
pub async fn withdraw_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<WithdrawBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let statement = faults.part("/statement", Localized::parse(&body.value.statement));
    let command = Withdraw {
        target: target(&request, path),
        statement: faults.unless_any(statement)?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let left = service
        .run(async move { withdraw::withdraw(&desk, call, command).await })
        .await?;
    render::changed(
        StatusCode::OK,
        revision(&left),
        &Member::new(&left, service.desk.base()),
    )
}
