//! `POST /recognition`

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

/// The answer to a query of recognition.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecognitionView {
    /// Whether it is.
    recognized: bool,
    #[serde(flatten)]
    answer: TrustAnswer,
}

/// Ask whether an organisation is recognised.
///
/// TRQP 2.0: recognised is whoever is an active member of the charter, by the same question as `POST /authorization`.
#[utoipa::path(
    tag = "trust queries",
    request_body = TrustQuery,
    responses((status = OK, description = "The answer", body = RecognitionView), Problems),
)]
#[post("/recognition")]
pub async fn query_recognition(
    service: Data<Service>,
    body: Body<TrustQuery>,
) -> Result<HttpResponse, ApiError> {
    let (recognized, answer) = answer(&service, body.value).await?;
    let proof = answer.proof.clone();
    rendered(&RecognitionView { recognized, answer }, proof.as_deref())
}
