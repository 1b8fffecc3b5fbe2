//! `POST /v1/applications/{id}/return`

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
        problem::{ApiError, problems},
        render,
        wire::application::{ApplicationView, stepped_at_desk},
    },
    desk::applications::return_for_correction::{self, ReturnForCorrection},
    rules::{
        id::ApplicationId,
        text::{Invalid, Prose},
    },
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// The most fields that one return names.
const MAX_FIELDS: usize = 20;

/// The longest pointer to a field.
const MAX_POINTER: usize = 200;

/// What is to be corrected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"reason": "Укажите полное наименование по уставу.", "fields": ["/organisation/name/ru"]}))]
pub struct ReturnBody {
    /// What the applicant is told.
    reason: String,
    /// The fields, at most 20: JSON Pointers (RFC 6901) into a resubmission.
    #[serde(default)]
    fields: Vec<String>,
}

/// Return an application for correction.
///
/// From any open state. The applicant, or the partner that brought it, corrects and resubmits it. A proposal to admit
/// it grows stale.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = ReturnBody,
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/return")]
pub async fn return_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<ReturnBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let reason = faults.field("/reason", Prose::parse(&body.value.reason));
    check_fields(&body.value.fields, &mut faults);
    let command = ReturnForCorrection {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        reason: faults.unless_any(reason)?,
        fields: body.value.fields,
        by: caller.operator()?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let returned = service
        .run(
            async move { return_for_correction::return_for_correction(&desk, call, command).await },
        )
        .await?;
    stepped_at_desk(&returned)
}

/// Notes what is no pointer into a resubmission.
fn check_fields(fields: &[String], faults: &mut Faults) {
    if fields.len() > MAX_FIELDS {
        let invalid = Invalid::new("too_many", format!("at most {MAX_FIELDS} are accepted"));
        faults.field::<()>("/fields", Err(invalid));
        return;
    }
    for (place, field) in fields.iter().enumerate() {
        let is_of_a_part = ["/organisation", "/contact"].iter().any(|part| {
            field
                .strip_prefix(part)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        });
        let is_plain = field.len() <= MAX_POINTER
            && field
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"/-_~".contains(&byte));
        if !(is_of_a_part && is_plain) {
            let invalid = Invalid::new(
                "invalid_pointer",
                "expected a JSON Pointer into a resubmission, such as /organisation/name/ru",
            );
            faults.field::<()>(&format!("/fields/{place}"), Err(invalid));
        }
    }
}
