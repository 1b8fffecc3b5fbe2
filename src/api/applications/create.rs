//! `POST /v1/charters/{charter}/applications`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
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
            catalogue::{
                ALREADY_MEMBER, CHANNEL_NOT_ALLOWED, CHARTER_UNKNOWN, LANGUAGE_NOT_OFFERED,
                REFERRER_UNKNOWN,
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
        day::Day,
        id::MemberId,
        organisation::Organisation,
        region::Region,
        text::{Invalid, Lang, Name, Slug},
    },
};

problems!(
    CHARTER_UNKNOWN,
    ALREADY_MEMBER,
    REFERRER_UNKNOWN,
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
    /// The member that referred it, with origin `member_referral`.
    #[serde(default)]
    referrer: Option<Uuid>,
    /// The region of the campaign that brought it (ISO 3166-2), with origin `regional_campaign`; the organisation's
    /// own when absent.
    #[serde(default)]
    campaign: Option<String>,
    /// How the application came, when an operator enters it: `letter`, which is also what is meant when absent,
    /// `email` or `oral`.
    #[serde(default)]
    channel: Option<Channel>,
    /// When it came to the operator who enters it, and how; needed then, and only then.
    #[serde(default)]
    entered: Option<EnteredBody>,
}

/// When an application came to the operator who enters it, and how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"receivedOn": "2026-11-20", "how": "Звонок в секретариат"}))]
pub struct EnteredBody {
    /// The day it came.
    #[schema(value_type = chrono::NaiveDate)]
    received_on: Day,
    /// How, in a line; without the names of persons.
    #[serde(default)]
    how: Option<String>,
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
/// e-mail or word of mouth, and then says in `entered` when and how; who speaks to a clerk may be without an e-mail
/// address. The organisation must have an identifier or a domain. What resembles a former member is let in and looked
/// at by the secretariat.
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
    let campaign = faults.optional("/campaign", body.campaign.as_deref(), Region::parse);
    let entered = body.entered.map(|entered| {
        let how = faults.optional("/entered/how", entered.how.as_deref(), Name::parse);
        (entered.received_on.0, how)
    });
    let command = organisation
        .zip(contact)
        .map(|(organisation, contact)| Apply {
            charter,
            organisation,
            contact,
            language,
            origin: body.origin.unwrap_or(Origin::OwnInitiative),
            referrer: body.referrer.map(MemberId),
            campaign,
            channel: body.channel,
            entered,
        });
    faults.unless_any(command)
}

impl From<ApplyError> for ApiError {
    fn from(error: ApplyError) -> Self {
        let invalid = |pointer: &str, code| {
            Self::invalid_field(pointer, Invalid::new(code, error.to_string()))
        };
        match error {
            ApplyError::EnteredMissing(_) => invalid("/entered", "missing_field"),
            ApplyError::EnteredUnexpected(_) => invalid("/entered", "not_allowed"),
            ApplyError::ReceivedInFuture(_) => invalid("/entered/receivedOn", "in_the_future"),
            ApplyError::EmailMissing => invalid("/contact/email", "missing_field"),
            ApplyError::NotReachable => invalid("/contact/phone", "missing_field"),
            ApplyError::ReferrerUnexpected => invalid("/referrer", "not_allowed"),
            ApplyError::CampaignUnexpected => invalid("/campaign", "not_allowed"),
            ApplyError::ReferrerUnknown => Self::refused(&REFERRER_UNKNOWN, &error),
            ApplyError::Ineligible(refusal) => refusal.into(),
            ApplyError::CharterUnknown => Self::refused(&CHARTER_UNKNOWN, &error),
            ApplyError::LanguageNotOffered(_) => Self::refused(&LANGUAGE_NOT_OFFERED, &error),
            ApplyError::ChannelNotAllowed { .. } => Self::refused(&CHANNEL_NOT_ALLOWED, &error),
            ApplyError::AlreadyMember(_) => Self::refused(&ALREADY_MEMBER, &error),
            ApplyError::Failed(failure) => failure.into(),
        }
    }
}
