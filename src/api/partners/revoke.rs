//! `DELETE /v1/partners/{id}`

use actix_web::{
    HttpRequest, HttpResponse, delete,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
    },
    desk::people::{add_token::Holder, revoke},
    rules::id::PartnerId,
};

problems!(
    ACCOUNT_UNKNOWN,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND
);

/// Close a partner's account.
///
/// Its keys cease to be valid at once; the applications that it brought go on.
#[utoipa::path(
    tag = "people",
    params(("id" = Uuid, Path, description = "The partner's identifier")),
    responses((status = NO_CONTENT, description = "Closed"), Problems),
)]
#[delete("/v1/partners/{id}")]
pub async fn close_partner(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let holder = Holder::Partner(PartnerId(path.into_inner()));
    let (desk, call) = (service.desk.clone(), caller.request(&request, b"")?);
    service
        .run(async move { revoke::revoke_account(&desk, call, holder).await })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
