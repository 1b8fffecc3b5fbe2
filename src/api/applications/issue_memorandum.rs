//! `POST /v1/applications/{id}/memorandum`

use actix_web::{
    HttpRequest, HttpResponse, post,
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
        problem::{
            ApiError,
            catalogue::{CONTACT_NOT_CONFIRMED, LANGUAGE_NOT_OFFERED, SIGNATORY_MISSING},
            problems,
        },
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::issue_memorandum::{self, IssueMemorandum, IssueMemorandumError},
    rules::{
        charter::MemorandumRefusal,
        day::Day,
        id::ApplicationId,
        text::{Lang, Name},
    },
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    LANGUAGE_NOT_OFFERED,
    SIGNATORY_MISSING,
    CONTACT_NOT_CONFIRMED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// What the memorandum is made out for; `{}` for today and the contact person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"date": "2026-11-22"}))]
pub struct IssueBody {
    /// The date on it; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    date: Option<Day>,
    /// Its language; the application's when absent.
    #[serde(default)]
    language: Option<String>,
    /// The signatory's full name; the contact person's when absent.
    #[serde(default)]
    full_name: Option<String>,
    /// The signatory's position; the contact person's when absent.
    #[serde(default)]
    position: Option<String>,
}

/// Make out the memorandum.
///
/// Out of the charter's template, in place of an unsigned earlier one. Its text is what the applicant signs.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = IssueBody,
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/memorandum")]
pub async fn post_memorandum(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<IssueBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let command = IssueMemorandum {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        date: body.value.date.map(|day| day.0),
        language: faults.optional("/language", body.value.language.as_deref(), Lang::parse),
        full_name: faults.optional("/fullName", body.value.full_name.as_deref(), Name::parse),
        position: faults.optional("/position", body.value.position.as_deref(), Name::parse),
    };
    let command = faults.unless_any(Some(command))?;
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    stepped(
        &service
            .run(async move { issue_memorandum::issue_memorandum(&desk, call, command).await })
            .await?,
    )
}

impl From<IssueMemorandumError> for ApiError {
    fn from(error: IssueMemorandumError) -> Self {
        match error {
            IssueMemorandumError::Step(refusal) => refusal.into(),
            IssueMemorandumError::Template(MemorandumRefusal::NoSuchLanguage(_)) => {
                Self::refused(&LANGUAGE_NOT_OFFERED, &error)
            }
            IssueMemorandumError::Template(MemorandumRefusal::PositionMissing)
            | IssueMemorandumError::NoSignatory => Self::refused(&SIGNATORY_MISSING, &error),
            IssueMemorandumError::NotConfirmed => Self::refused(&CONTACT_NOT_CONFIRMED, &error),
            IssueMemorandumError::Failed(failure) => failure.into(),
        }
    }
}
