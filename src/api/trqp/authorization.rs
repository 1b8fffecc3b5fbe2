//! `POST /authorization`

use actix_web::{HttpResponse, post, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use super::{TrustAnswer, TrustQuery, answer, rendered};
use crate::api::{
    Service,
    body::Body,
    problem::{ApiError, problems},
};

problems!(TRUST_QUERY_UNKNOWN, BUSY);

/// The answer to a query of authorization.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthorizationView {
    /// Whether it is.
    authorized: bool,
    #[serde(flatten)]
    answer: TrustAnswer,
}

/// Ask whether an organisation is authorised.
///
/// TRQP 2.0: authorised as `member-of` a charter is whoever was an active member at the time that is asked about, or is
/// one now. An organisation that nobody knows is not; the signed record and the proof are linked, for whoever trusts no answer.
#[utoipa::path(
    tag = "trust queries",
    request_body = TrustQuery,
    responses((status = OK, description = "The answer", body = AuthorizationView), Problems),
)]
#[post("/authorization")]
pub async fn query_authorization(
    service: Data<Service>,
    body: Body<TrustQuery>,
) -> Result<HttpResponse, ApiError> {
    let (authorized, answer) = answer(&service, body.value).await?;
    let proof = answer.proof.clone();
    rendered(&AuthorizationView { authorized, answer }, proof.as_deref())
}
