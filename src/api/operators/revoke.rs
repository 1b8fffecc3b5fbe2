//! `DELETE /v1/operators/{id}`

use actix_web::{
    HttpRequest, HttpResponse, delete,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{
            ApiError,
            catalogue::{ACCOUNT_UNKNOWN, LAST_ADMINISTRATOR, SECOND_REGISTRAR},
            problems,
        },
    },
    desk::people::{
        add_token::Holder,
        revoke::{self, RevokeError},
    },
    rules::id::OperatorId,
};

problems!(
    ACCOUNT_UNKNOWN,
    LAST_ADMINISTRATOR,
    SECOND_REGISTRAR,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// Close an operator's account.
///
/// Its tokens cease to be valid at once. The last administrator and the second registrar cannot leave.
#[utoipa::path(
    tag = "people",
    params(("id" = Uuid, Path, description = "The operator's identifier")),
    responses((status = NO_CONTENT, description = "Closed"), Problems),
)]
#[delete("/v1/operators/{id}")]
pub async fn close_operator(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let holder = Holder::Operator(OperatorId(path.into_inner()));
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    service
        .run(async move { revoke::revoke_account(&desk, call, holder).await })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<RevokeError> for ApiError {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Unknown => Self::refused(&ACCOUNT_UNKNOWN, &error),
            RevokeError::LastAdministrator => Self::refused(&LAST_ADMINISTRATOR, &error),
            RevokeError::SecondRegistrar => Self::refused(&SECOND_REGISTRAR, &error),
            RevokeError::Failed(failure) => failure.into(),
        }
    }
}
