//! `/v1/partners/{id}/tokens`: a partner's tokens.

use actix_web::{
    HttpRequest, HttpResponse, delete, get, post,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        page::Page,
        problem::{ApiError, problems},
        tokens,
        wire::account::{NewToken, ShownToken, TokenView},
    },
    desk::people::add_token::Holder,
    rules::{id::PartnerId, token::TokenId},
};

problems!(
    ACCOUNT_UNKNOWN,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND
);

fn holder(id: Uuid) -> Holder {
    Holder::Partner(PartnerId(id))
}

/// List a partner's tokens.
///
/// When each was made, last used, and when it ends; never the tokens themselves.
#[utoipa::path(
    tag = "people",
    operation_id = "listPartnerTokens",
    params(("id" = Uuid, Path, description = "The partner's identifier")),
    responses((status = OK, description = "The tokens", body = Page<TokenView>), Problems),
)]
#[get("/v1/partners/{id}/tokens")]
pub async fn list(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    tokens::list(&request, &service, holder(path.into_inner())).await
}

/// Give a partner a further token.
///
/// Shown once. To replace a token, make a new one and revoke the old.
#[utoipa::path(
    tag = "people",
    operation_id = "addPartnerToken",
    params(("id" = Uuid, Path, description = "The partner's identifier")),
    request_body(content = NewToken, example = json!({"expiresInDays": 90})),
    responses((status = CREATED, description = "The token", body = ShownToken), Problems),
)]
#[post("/v1/partners/{id}/tokens")]
pub async fn add(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<NewToken>,
) -> Result<HttpResponse, ApiError> {
    tokens::add(
        &request,
        &service,
        &caller,
        holder(path.into_inner()),
        &body,
    )
    .await
}

/// Revoke a partner's token.
///
/// It ceases to be valid at once.
#[utoipa::path(
    tag = "people",
    operation_id = "revokePartnerToken",
    params(
        ("id" = Uuid, Path, description = "The partner's identifier"),
        ("token" = String, Path, description = "The token's identifier, not the token"),
    ),
    responses((status = NO_CONTENT, description = "Revoked"), Problems),
)]
#[delete("/v1/partners/{id}/tokens/{token}")]
pub async fn revoke(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<(Uuid, TokenId)>,
) -> Result<HttpResponse, ApiError> {
    let (id, token) = path.into_inner();
    tokens::revoke(&request, &service, &caller, holder(id), &token).await
}
