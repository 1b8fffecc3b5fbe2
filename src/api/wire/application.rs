//! An application in JSON.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{desk_work::DeskWork, memorandum::MemorandumView, organisation::OrganisationBody};
use crate::{
    api::{faults::Faults, problem::ApiError},
    rules::{
        application::{Channel, Origin, State},
        text::{Email, Name, Phone},
    },
    storage::applications::{self, Application, Referral},
};

/// The person to speak to. Personal data: it never becomes public.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Фамилия Имя Отчество", "position": "Директор", "email": "office@school.example", "phone": "+7 000 000-00-00"
}))]
pub struct Contact {
    /// The full name.
    pub name: String,
    /// The position in the organisation.
    pub position: String,
    /// The e-mail address; only who speaks to a clerk may be without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
}

impl Contact {
    /// The contact person, its faults noted under `/contact`.
    pub fn parse(self, faults: &mut Faults) -> Option<applications::Contact> {
        let name = faults.field("/contact/name", Name::parse(&self.name));
        let position = faults.field("/contact/position", Name::parse(&self.position));
        let email = faults.optional("/contact/email", self.email.as_deref(), Email::parse);
        let phone = faults.optional("/contact/phone", self.phone.as_deref(), Phone::parse);
        Some(applications::Contact {
            name: name?,
            position: position?,
            email,
            phone,
        })
    }
}

impl From<applications::Contact> for Contact {
    fn from(contact: applications::Contact) -> Self {
        Self {
            name: contact.name.to_string(),
            position: contact.position.to_string(),
            email: contact.email.map(|email| email.to_string()),
            phone: contact.phone.map(|phone| phone.to_string()),
        }
    }
}

/// An application, as its parties see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ApplicationView {
    /// The application's identifier.
    pub id: Uuid,
    /// The charter's slug.
    pub charter: String,
    /// The charter's version that was current when it arrived.
    pub charter_version: u32,
    /// Where it stands.
    pub state: State,
    /// How it arrived.
    pub channel: Channel,
    /// Why the organisation applies.
    pub origin: Origin,
    /// The partner that brought it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partner: Option<Uuid>,
    /// The language of letters and memorandum.
    pub language: String,
    /// Who applies.
    pub organisation: OrganisationBody,
    /// The memorandum, once it is made out; absent in lists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memorandum: Option<MemorandumView>,
    /// Why it was rejected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The membership that it led to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub membership: Option<Uuid>,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
    /// The member that referred it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<Uuid>,
    /// The region of the campaign that brought it, ISO 3166-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// When the contact person's address was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTime<Utc>>,
    /// What is to be corrected, while it is returned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub returned: Option<ReturnedView>,
    /// When it lapses unless something happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lapses_at: Option<DateTime<Utc>>,
    /// When its contact person and signatory were erased.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<DateTime<Utc>>,
    /// What the secretariat alone sees.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desk: Option<DeskWork>,
}

/// What is to be corrected.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnedView {
    /// Why, in the secretariat's words.
    pub reason: String,
    /// The fields: JSON Pointers into a resubmission.
    pub fields: Vec<String>,
    /// When it was sent back.
    pub at: DateTime<Utc>,
}

impl ApplicationView {
    /// The application as the secretariat sees it.
    pub fn at_desk(application: &Application) -> Self {
        Self {
            desk: Some(DeskWork::new(application, &application.matches)),
            ..Self::from(application)
        }
    }
}

impl From<&Application> for ApplicationView {
    fn from(application: &Application) -> Self {
        Self {
            id: application.id.0,
            charter: application.charter.clone(),
            charter_version: application.charter_version,
            state: application.state,
            channel: application.channel,
            origin: application.origin,
            partner: application.partner.map(|partner| partner.0),
            language: application.language.to_string(),
            organisation: OrganisationBody::from(&application.organisation),
            memorandum: None,
            reason: application
                .outcome
                .as_ref()
                .map(|outcome| outcome.reason.to_string()),
            membership: application.membership.map(|member| member.0),
            received_at: application.received_at,
            updated_at: application.updated_at,
            referrer: match application.referral {
                Some(Referral::Member(member)) => Some(member.0),
                _ => None,
            },
            campaign: match application.referral {
                Some(Referral::Campaign(region)) => Some(region.to_string()),
                _ => None,
            },
            confirmed_at: application.confirmation.as_ref().map(|given| given.at),
            returned: application
                .returned
                .as_ref()
                .filter(|_| application.state == State::Returned)
                .map(|returned| ReturnedView {
                    reason: returned.reason.to_string(),
                    fields: returned.fields.clone(),
                    at: returned.at,
                }),
            lapses_at: application.lapses_at,
            erased_at: application.erased_at,
            desk: None,
        }
    }
}

/// Answers a step of the secretariat with the application as it now stands.
pub fn stepped_at_desk(application: &Application) -> Result<actix_web::HttpResponse, ApiError> {
    crate::api::render::changed(
        actix_web::http::StatusCode::OK,
        Some(application.revision),
        &ApplicationView::at_desk(application),
    )
}

/// Answers a step with the application as it now stands.
pub fn stepped(application: &Application) -> Result<actix_web::HttpResponse, ApiError> {
    crate::api::render::changed(
        actix_web::http::StatusCode::OK,
        Some(application.revision),
        &ApplicationView::from(application),
    )
}
