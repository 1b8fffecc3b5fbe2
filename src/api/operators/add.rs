//! `POST /v1/operators`

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
        wire::account::{OperatorView, days},
    },
    desk::people::add_operator::{self, AddOperator, AddOperatorError},
    rules::{role::Role, text::Name},
};

problems!(NAME_TAKEN, IDEMPOTENCY_KEY_IN_USE, IDEMPOTENCY_KEY_REUSED);

/// A new operator.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"name": "registrar-1", "role": "registrar", "expiresInDays": 90}))]
pub struct AddOperatorBody {
    /// The name, unique among operators.
    name: String,
    /// The office.
    role: Role,
    /// Days of validity of the token, 1 to 3660; 365 when absent.
    #[serde(default)]
    expires_in_days: Option<i64>,
}

/// The operator, and the token.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddedOperatorView {
    /// The operator.
    #[serde(flatten)]
    operator: OperatorView,
    /// The token, shown once.
    token: String,
}

/// Add an operator.
///
/// The token is shown once. The first administrator is added on the host: `operator add NAME --role administrator`.
#[utoipa::path(
    tag = "people",
    request_body = AddOperatorBody,
    responses((status = CREATED, description = "The operator, and the token", body = AddedOperatorView), Problems),
)]
#[post("/v1/operators")]
pub async fn add_operator_account(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    body: Body<AddOperatorBody>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let name = faults.field("/name", Name::parse(&body.value.name));
    let days = days(&mut faults, body.value.expires_in_days);
    let role = body.value.role;
    let command = name.zip(days).map(|(name, token_days)| AddOperator {
        name,
        role,
        token_days,
    });
    let command = faults.unless_any(command)?;
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let added = service
        .run(async move { add_operator::add_operator(&desk, call, command).await })
        .await?;
    let shown = AddedOperatorView {
        operator: added.operator.into(),
        token: added.token,
    };
    render::created("/v1/operators", None, &shown)
}

impl From<AddOperatorError> for ApiError {
    fn from(error: AddOperatorError) -> Self {
        match error {
            AddOperatorError::NameTaken => Self::refused(&NAME_TAKEN, &error),
            AddOperatorError::Failed(failure) => failure.into(),
        }
    }
}
