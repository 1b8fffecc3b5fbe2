//! `POST /v1/partners`

use actix_web::{HttpRequest, HttpResponse, post, web::Data};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, catalogue::NAME_TAKEN, problems},
        render,
        wire::account::{PartnerView, days},
    },
    desk::people::add_partner::{self, AddPartner, AddPartnerError},
    rules::text::Name,
};

problems!(NAME_TAKEN, IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED);

/// A new partner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "schools.example"}))]
pub struct AddPartnerBody {
    /// The name, unique among partners.
    name: String,
    /// Days of validity of the key, 1 to 3660; 365 when absent.
    #[serde(default)]
    expires_in_days: Option<i64>,
}

/// The partner, and the key.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedPartnerView {
    /// The partner.
    #[serde(flatten)]
    partner: PartnerView,
    /// The key, shown once.
    token: String,
}

/// Add a partner site.
///
/// The key is shown once; with it the site brings applications and follows those that it brought.
#[utoipa::path(
    tag = "people",
    request_body = AddPartnerBody,
    responses((status = CREATED, description = "The partner, and the key", body = AddedPartnerView), Problems),
)]
#[post("/v1/partners")]
pub async fn add_partner_account(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    body: Body<AddPartnerBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let name = faults.field("/name", Name::parse(&body.value.name));
    let days = days(&mut faults, body.value.expires_in_days);
    let command = faults.unless_any(
        name.zip(days)
            .map(|(name, token_days)| AddPartner { name, token_days }),
    )?;
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let added = service
        .run(async move { add_partner::add_partner(&desk, call, command).await })
        .await?;
    let shown = AddedPartnerView {
        partner: added.partner.into(),
        token: added.token,
    };
    render::created("/v1/partners", None, &shown)
}

impl From<AddPartnerError> for ApiError {
    fn from(error: AddPartnerError) -> Self {
        match error {
            AddPartnerError::NameTaken => Self::refused(&NAME_TAKEN, &error),
            AddPartnerError::Failed(failure) => failure.into(),
        }
    }
}
