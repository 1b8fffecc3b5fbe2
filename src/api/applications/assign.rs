//! `PATCH /v1/applications/{id}`

use actix_web::{
    HttpRequest, HttpResponse, patch,
    web::{Data, Path},
};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, catalogue::ASSIGNEE_UNKNOWN, problems},
        render,
        wire::application::{ApplicationView, stepped_at_desk},
    },
    desk::applications::assign::{self, Assign, AssignError, Assignee, Change},
    rules::{
        day::Day,
        id::{ApplicationId, OperatorId},
        text::Name,
    },
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    ASSIGNEE_UNKNOWN,
    CHANGED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Who sees to an application, and by when: what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"assignee": "self", "dueOn": "2026-12-01"}))]
pub struct AssignBody {
    /// `self`, or the identifier or name of a clerk or registrar; null for nobody.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    assignee: Change<String>,
    /// The day by which the secretariat means to act; null for none.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    due_on: Change<Day>,
}

/// Tells null, which removes, from what is absent.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Change<T>, D::Error> {
    Ok(Option::deserialize(value)?.map_or(Change::Remove, Change::To))
}

/// Assign an application.
///
/// To yourself, to another clerk or registrar, or to nobody; with another day to act by, or none. The list of
/// applications filters and sorts by both. A proposal to admit it grows stale.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body(content = AssignBody, content_type = "application/merge-patch+json"),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[patch("/v1/applications/{id}")]
pub async fn assign_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<AssignBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let own = caller.operator()?;
    let assignee = match body.value.assignee {
        Change::Keep => Some(Change::Keep),
        Change::Remove => Some(Change::Remove),
        Change::To(text) => read(&text, own, &mut faults).map(Change::To),
    };
    let command = Assign {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        assignee: faults.unless_any(assignee)?,
        due_on: match body.value.due_on {
            Change::Keep => Change::Keep,
            Change::Remove => Change::Remove,
            Change::To(day) => Change::To(day.0),
        },
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    stepped_at_desk(
        &service
            .run(async move { assign::assign(&desk, call, command).await })
            .await?,
    )
}

/// Whom the caller means.
fn read(text: &str, own: OperatorId, faults: &mut Faults) -> Option<Assignee> {
    if text == "self" {
        return Some(Assignee::Operator(own));
    }
    match Uuid::parse_str(text) {
        Ok(id) => Some(Assignee::Operator(OperatorId(id))),
        Err(_) => faults
            .field("/assignee", Name::parse(text))
            .map(Assignee::Named),
    }
}

impl From<AssignError> for ApiError {
    fn from(error: AssignError) -> Self {
        match error {
            AssignError::Step(refusal) => refusal.into(),
            AssignError::NotAtTheDesk => Self::refused(&ASSIGNEE_UNKNOWN, &error),
            AssignError::Failed(failure) => failure.into(),
        }
    }
}
