//! The tokens of an account, whoever holds it: what the endpoints of operators and partners share.

use actix_web::{HttpRequest, HttpResponse};

use super::{
    Service,
    auth::Caller,
    body::Body,
    page::Page,
    problem::{ApiError, catalogue::ACCOUNT_UNKNOWN},
    render::{self, Freshness},
    wire::account::{NewToken, ShownToken, TokenView},
};
use crate::{
    desk::people::{
        add_token::{self, AddTokenError, Holder},
        revoke,
    },
    rules::token::TokenId,
    storage::people::{Operator, Partner, StoredToken},
};

/// Lists an account's tokens.
pub async fn list(
    request: &HttpRequest,
    service: &Service,
    holder: Holder,
) -> Result<HttpResponse, ApiError> {
    let database = service.desk.database.clone();
    let tokens = service
        .run(async move {
            let mut conn = database.read().await?;
            let owner = match holder {
                Holder::Operator(id) => Operator::find(&mut conn, id)
                    .await?
                    .map(|operator| operator.id.0),
                Holder::Partner(id) => Partner::find(&mut conn, id)
                    .await?
                    .map(|partner| partner.id.0),
            };
            let owner =
                owner.ok_or_else(|| ApiError::new(&ACCOUNT_UNKNOWN, "there is no such account"))?;
            Ok::<_, ApiError>(StoredToken::of_owner(&mut conn, owner).await?)
        })
        .await?;
    let items = tokens.into_iter().map(TokenView::from).collect();
    render::page(request, Freshness::Private, &Page { items, next: None })
}

/// Makes an account a further token.
pub async fn add(
    request: &HttpRequest,
    service: &Service,
    caller: &Caller,
    holder: Holder,
    body: &Body<NewToken>,
) -> Result<HttpResponse, ApiError> {
    let days = body.value.days()?;
    let (desk, call) = (service.desk.clone(), caller.request(request, &body.bytes)?);
    let added = service
        .run(async move { add_token::add_token(&desk, call, holder, days).await })
        .await?;
    render::created(request.path(), None, &ShownToken { token: added.token })
}

/// Revokes one token of an account.
pub async fn revoke(
    request: &HttpRequest,
    service: &Service,
    caller: &Caller,
    holder: Holder,
    token: &TokenId,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(request, b"")?);
    let token = token.clone();
    service
        .run(async move { revoke::revoke_token(&desk, call, holder, token.as_str()).await })
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

impl From<AddTokenError> for ApiError {
    fn from(error: AddTokenError) -> Self {
        match error {
            AddTokenError::Unknown => Self::refused(&ACCOUNT_UNKNOWN, &error),
            AddTokenError::Failed(failure) => failure.into(),
        }
    }
}
