//! `POST /v1/applications/{id}/confirmation`

use actix_web::{
    HttpRequest, HttpResponse,
    http::StatusCode,
    post,
    web::{Data, Path},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        faults::Faults,
        problem::{ApiError, catalogue::CONFIRMATION_REFUSED, problems},
        render,
    },
    desk::{
        Actor,
        applications::confirm::{self, Confirm, ConfirmError, Proof},
    },
    rules::{
        application::State,
        id::ApplicationId,
        text::{Invalid, Name},
        token::{Token, TokenKind},
    },
    storage::applications::Application,
};

problems!(
    CONFIRMATION_REFUSED,
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// What confirms the address: the link's token, or a clerk's word.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"token": "chr_cf_0123456789AB_0123456789ABCDEFGHIJKLMNOPQRST012345"}))]
pub struct ConfirmBody {
    /// The token in the link of the letter; for the contact person.
    #[serde(default)]
    token: Option<String>,
    /// How the contact person confirmed it, such as a telephone call; for a clerk.
    #[serde(default)]
    how: Option<String>,
}

/// Where the application stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConfirmedView {
    /// The application's identifier.
    id: Uuid,
    /// Where it stands.
    state: State,
    /// When the address was confirmed.
    confirmed_at: Option<DateTime<Utc>>,
}

impl From<&Application> for ConfirmedView {
    fn from(application: &Application) -> Self {
        Self {
            id: application.id.0,
            state: application.state,
            confirmed_at: application.confirmation.as_ref().map(|given| given.at),
        }
    }
}

/// Confirm the contact person's address.
///
/// With the token of the link in the letter, for whoever received it: no other token is needed, and to use it twice
/// is no error. Or by a clerk's word, after a telephone call for instance.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = ConfirmBody,
    responses((status = OK, description = "The address is confirmed", body = ConfirmedView), Problems),
)]
#[post("/v1/applications/{id}/confirmation")]
pub async fn confirm_contact(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<ConfirmBody>,
) -> Result<HttpResponse, ApiError> {
    let command = Confirm {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        proof: proof(caller.actor, &body.value)?,
    };
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let confirmed = service
        .run(async move { confirm::confirm(&desk, call, command).await })
        .await?;
    render::changed(
        StatusCode::OK,
        Some(confirmed.revision),
        &ConfirmedView::from(&confirmed),
    )
}

/// What the caller has to offer: a clerk's word, or a token from anybody.
fn proof(actor: Actor, body: &ConfirmBody) -> Result<Proof, ApiError> {
    let (needed, other, given) = match actor {
        Actor::Operator(..) => ("/how", "/token", body.token.is_some()),
        _ => ("/token", "/how", body.how.is_some()),
    };
    if given {
        let invalid = Invalid::new("not_allowed", format!("expected {needed} instead"));
        return Err(ApiError::invalid_field(other, invalid));
    }
    let missing = || {
        let invalid = Invalid::new("missing_field", "this is what confirms the address");
        ApiError::invalid_field(needed, invalid)
    };
    if let Actor::Operator(clerk, _) = actor {
        let mut faults = Faults::default();
        let how = body.how.as_deref().ok_or_else(missing)?;
        let how = faults.field("/how", Name::parse(how));
        return Ok(Proof::Word(clerk, faults.unless_any(how)?));
    }
    let token = body.token.as_deref().ok_or_else(missing)?;
    Token::parse(token)
        .filter(|token| token.kind() == TokenKind::Confirmation)
        .map(Proof::Link)
        .ok_or_else(|| ConfirmError::Refused.into())
}

impl From<ConfirmError> for ApiError {
    fn from(error: ConfirmError) -> Self {
        match error {
            ConfirmError::Refused => Self::refused(&CONFIRMATION_REFUSED, &error),
            ConfirmError::Step(refusal) => refusal.into(),
            ConfirmError::Failed(failure) => failure.into(),
        }
    }
}
