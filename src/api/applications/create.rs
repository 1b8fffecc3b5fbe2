//! `POST /v1/charters/{charter}/applications`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{
            ApiError,
            catalogue::{
                ALREADY_MEMBER, CATEGORY_NOT_ACCEPTED, CHANNEL_NOT_ALLOWED, CHARTER_UNKNOWN,
                COUNTRY_NOT_ACCEPTED, FORMER_MEMBER, LANGUAGE_NOT_OFFERED,
            },
            problems,
        },
        render,
        wire::{
            application::{ApplicationView, Contact},
            organisation::OrganisationBody,
        },
    },
    desk::applications::apply::{self, Apply, ApplyError},
    rules::{
        application::{Channel, Origin},
        organisation::Organisation,
        text::{Lang, Slug},
    },
};

problems!(
    CHARTER_UNKNOWN,
    ALREADY_MEMBER,
    FORMER_MEMBER,
    CATEGORY_NOT_ACCEPTED,
    COUNTRY_NOT_ACCEPTED,
    LANGUAGE_NOT_OFFERED,
    CHANNEL_NOT_ALLOWED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
);

/// An application to accede. Natural persons cannot accede.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "organisation": {
        "name": {"ru": "Средняя школа № 1", "en": "School No. 1"},
        "category": "educational_institution",
        "region": "RU-AMU",
        "domain": "school.example",
        "identifiers": [{"scheme": "RU-OGRN", "value": "1022800000002"}]
    },
    "contact": {"name": "Фамилия Имя Отчество", "position": "Директор", "email": "office@school.example"},
    "language": "ru",
    "origin": "regional_campaign"
}))]
pub struct ApplyBody {
    /// Who applies.
    organisation: OrganisationBody,
    /// The person to speak to.
    contact: Contact,
    /// The language of letters and memorandum; the charter's first when absent.
    #[serde(default)]
    language: Option<String>,
    /// Why the organisation applies; `own_initiative` when absent.
    #[serde(default)]
    origin: Option<Origin>,
    /// How the application came, when an operator enters it: `letter`, `email`, `oral` or `import`.
    #[serde(default)]
    channel: Option<Channel>,
}

/// The application, and the applicant's token.
#[derive(Debug, Serialize, ToSchema)]
pub struct AppliedView {
    /// The application.
    #[serde(flatten)]
    application: ApplicationView,
    /// The applicant's token, shown once: `Authorization: Bearer` with it opens this application and no other.
    token: String,
    /// The applicant's secret link: the application, by its token, for reading.
    link: String,
}

/// Apply to accede.
///
/// For anybody (`website`), a partner with its key (`partner`), or a clerk who enters what came by letter,
/// e-mail or word of mouth. The organisation must have an identifier or a domain.
#[utoipa::path(
    tag = "applications",
    params(("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood")),
    request_body = ApplyBody,
    responses((status = CREATED, description = "The application, received", body = AppliedView), Problems),
)]
#[post("/v1/charters/{charter}/applications")]
pub async fn create_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Slug>,
    body: Body<ApplyBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let command = command(path.into_inner().to_string(), body.value)?;
    let applied = service
        .run(async move { apply::apply(&desk, call, command).await })
        .await?;
    let location = format!("/v1/applications/{}", applied.application.id);
    let shown = AppliedView {
        application: ApplicationView::from(&applied.application),
        link: format!(
            "{}{location}?token={}",
            service.desk.base().url(),
            applied.token
        ),
        token: applied.token,
    };
    render::created(&location, Some(applied.application.revision), &shown)
}

fn command(charter: String, body: ApplyBody) -> Result<Apply, ApiError> {
    let mut faults = Faults::default();
    let organisation = faults.part(
        "/organisation",
        Organisation::parse(body.organisation.into()),
    );
    let contact = body.contact.parse(&mut faults);
    let language = faults.optional("/language", body.language.as_deref(), Lang::parse);
    let command = organisation
        .zip(contact)
        .map(|(organisation, contact)| Apply {
            charter,
            organisation,
            contact,
            language,
            origin: body.origin.unwrap_or(Origin::OwnInitiative),
            channel: body.channel,
        });
    faults.unless_any(command)
}

impl From<ApplyError> for ApiError {
    fn from(error: ApplyError) -> Self {
        match error {
            ApplyError::CharterUnknown => Self::refused(&CHARTER_UNKNOWN, &error),
            ApplyError::CategoryNotAccepted { .. } => Self::refused(&CATEGORY_NOT_ACCEPTED, &error),
            ApplyError::CountryNotAccepted(_) => Self::refused(&COUNTRY_NOT_ACCEPTED, &error),
            ApplyError::LanguageNotOffered(_) => Self::refused(&LANGUAGE_NOT_OFFERED, &error),
            ApplyError::ChannelNotAllowed { .. } => Self::refused(&CHANNEL_NOT_ALLOWED, &error),
            ApplyError::AlreadyMember(_) => Self::refused(&ALREADY_MEMBER, &error),
            ApplyError::FormerMember(_) => Self::refused(&FORMER_MEMBER, &error),
            ApplyError::Failed(failure) => failure.into(),
        }
    }
}
