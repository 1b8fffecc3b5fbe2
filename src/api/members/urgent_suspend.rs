//! `POST /v1/charters/{charter}/members/{id}/urgent-suspension`

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use uuid::Uuid;

use super::{reasons::ReasonsBody, target};
use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        problem::{ApiError, catalogue::URGENT_SUSPENSION_REPEATED, problems},
        render,
        wire::member::{Member, revision},
    },
    desk::memberships::urgent_suspend::{self, UrgentlySuspend, UrgentlySuspendError},
    rules::text::Slug,
};

problems!(
    MEMBER_UNKNOWN,
    MEMBERSHIP_STATUS,
    URGENT_SUSPENSION_REPEATED,
    CHANGED,
    INVALID_BODY,
    RECUSED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Suspend a member at once.
///
/// By one registrar alone, for what cannot wait; the record is signed at once. The suspension lapses by itself after 14
/// days unless two registrars confirm it by then with an ordinary decision to suspend or exclude. Once one has ended
/// without that, none may follow it for 14 days, whoever asks.
#[utoipa::path(
    tag = "members",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        ("id" = Uuid, Path, description = "The member's identifier"),
    ),
    request_body = ReasonsBody,
    responses((status = OK, description = "The suspended member", body = Member), Problems),
)]
#[post("/v1/charters/{charter}/members/{id}/urgent-suspension")]
pub async fn urgently_suspend_member(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Slug, Uuid)>,
    body: Body<ReasonsBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let command = UrgentlySuspend {
        target: target(&request, path),
        reasons: body.value.read()?,
        by: caller.operator()?,
    };
    let suspended = service
        .run(async move { urgent_suspend::urgently_suspend(&desk, call, command).await })
        .await?;
    let shown = Member::new(&suspended, service.desk.base());
    render::changed(StatusCode::OK, revision(&suspended), &shown)
}

impl From<UrgentlySuspendError> for ApiError {
    fn from(error: UrgentlySuspendError) -> Self {
        match error {
            UrgentlySuspendError::Change(refusal) => refusal.into(),
            UrgentlySuspendError::Again(_) => Self::refused(&URGENT_SUSPENSION_REPEATED, &error),
            UrgentlySuspendError::Failed(failure) => failure.into(),
        }
    }
}
