//! `POST /v1/applications/{id}/resubmission`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::{self, Body},
        faults::Faults,
        members::amend::merge,
        problem::{ApiError, InputError, catalogue::ALREADY_MEMBER, problems},
        render,
        wire::{
            application::{ApplicationView, Contact, stepped},
            organisation::OrganisationBody,
        },
    },
    desk::applications::resubmit::{self, Resubmit, ResubmitError},
    rules::{id::ApplicationId, organisation::Organisation, text::Invalid},
    storage::applications,
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    ALREADY_MEMBER,
    CATEGORY_NOT_ACCEPTED,
    COUNTRY_NOT_ACCEPTED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// What is corrected: any fields of organisation and contact person, as a merge patch (RFC 7396).
#[derive(ToSchema)]
#[schema(value_type = Object)]
#[expect(dead_code, reason = "it only documents the body")]
pub struct ResubmitBody(Value);

/// What the application says once the corrections are merged in.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Whole {
    organisation: OrganisationBody,
    contact: Contact,
}

/// Resubmit a returned application.
///
/// A merge patch (RFC 7396) of `organisation` and `contact`: absent fields stay, null removes; `{}` resubmits it as it
/// is. A new e-mail address is to be confirmed anew. A memorandum that was made out stands as long as what it names
/// does; else it must be made out and signed again.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body(
        content = ResubmitBody,
        content_type = "application/merge-patch+json",
        example = json!({"organisation": {"name": {"ru": "Средняя школа № 1 города Тынды"}}, "contact": {"phone": "+7 000 000-00-00"}}),
    ),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/resubmission")]
pub async fn resubmit_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<Map<String, Value>>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let corrections = body.value;
    let command = Resubmit {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        correct: move |organisation: &Organisation, contact: Option<&applications::Contact>| {
            corrected(organisation, contact, corrections)
        },
    };
    stepped(
        &service
            .run(async move { resubmit::resubmit(&desk, call, command).await })
            .await?,
    )
}

/// Organisation and contact person with the patch applied.
fn corrected(
    organisation: &Organisation,
    contact: Option<&applications::Contact>,
    patch: Map<String, Value>,
) -> Result<(Organisation, applications::Contact), Vec<InputError>> {
    let contact = contact.cloned().map(Contact::from);
    let mut document = json!({"organisation": OrganisationBody::from(organisation)});
    merge(&mut document, json!({"contact": contact}));
    merge(&mut document, Value::Object(patch));
    let whole: Whole = body::from_value(document).map_err(|error| error.errors)?;
    let mut faults = Faults::default();
    let organisation = faults.part(
        "/organisation",
        Organisation::parse(whole.organisation.into()),
    );
    let contact = whole.contact.parse(&mut faults);
    faults
        .unless_any(organisation.zip(contact))
        .map_err(|error| error.errors)
}

impl From<ResubmitError<InputError>> for ApiError {
    fn from(error: ResubmitError<InputError>) -> Self {
        let missing = |pointer: &str| {
            let invalid = Invalid::new("missing_field", error.to_string());
            Self::invalid_field(pointer, invalid)
        };
        match error {
            ResubmitError::EmailMissing => missing("/contact/email"),
            ResubmitError::NotReachable => missing("/contact/phone"),
            ResubmitError::AlreadyMember(_) => Self::refused(&ALREADY_MEMBER, &error),
            ResubmitError::Step(refusal) => refusal.into(),
            ResubmitError::Invalid(faults) => Self::invalid_body(faults),
            ResubmitError::Ineligible(refusal) => refusal.into(),
            ResubmitError::Failed(failure) => failure.into(),
        }
    }
}
