//! `POST /v1/applications/{id}/comments`

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, problems},
        render,
        wire::comment::CommentView,
    },
    desk::applications::comment::{self, AddComment},
    rules::{application::Visibility, id::ApplicationId, text::Prose},
};

problems!(
    APPLICATION_UNKNOWN,
    CONTACT_ERASED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// A comment as it is written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "Просили перезвонить после обеда.", "visibility": "internal"}))]
pub struct CommentBody {
    /// What is noted, at most 10,000 characters.
    text: String,
    /// Who reads it beside the secretariat; `internal` when absent.
    #[serde(default)]
    visibility: Option<Visibility>,
}

/// Comment on an application.
///
/// In whatever state it is, until its persons are erased. With `visibility` `applicant` its applicant and the partner that brought it read it, too.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = CommentBody,
    responses((status = CREATED, description = "The comment", body = CommentView), Problems),
)]
#[post("/v1/applications/{id}/comments")]
pub async fn add_comment(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<CommentBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let text = faults.field("/text", Prose::parse(&body.value.text));
    let command = AddComment {
        application: ApplicationId(path.into_inner()),
        body: faults.unless_any(text)?,
        visibility: body.value.visibility.unwrap_or(Visibility::Internal),
        by: caller.operator()?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let comment = service
        .run(async move { comment::add_comment(&desk, call, command).await })
        .await?;
    let shown = CommentView::seen_by(caller.actor, &comment);
    render::changed(StatusCode::CREATED, None, &shown)
}
