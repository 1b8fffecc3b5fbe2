//! `POST /v1/applications/{id}/memorandum/paper`

use actix_web::{
    HttpRequest, HttpResponse, post,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        body::Body,
        problem::{ApiError, problems},
        render,
        wire::application::{ApplicationView, stepped},
    },
    desk::applications::sign_memorandum::{self, Evidence, SignMemorandum},
    rules::{day::Day, id::ApplicationId, memorandum::Delivery},
};

problems!(
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    SIGNING_FORM_NOT_ACCEPTED,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED,
    NOT_FOUND,
);

/// What a clerk attests.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({"signedOn": "2026-11-18", "receivedOn": "2026-11-22", "receivedBy": "post"}))]
pub struct PaperBody {
    /// The date of signing, as it stands on the paper.
    #[schema(value_type = chrono::NaiveDate)]
    signed_on: Day,
    /// The day on which it arrived; today when absent.
    #[serde(default)]
    #[schema(value_type = Option<chrono::NaiveDate>)]
    received_on: Option<Day>,
    /// How it arrived.
    received_by: Delivery,
}

/// Attest that the signed memorandum came on paper.
///
/// The clerk who calls attests to hold the memorandum, signed by hand, with the text that `GET …/memorandum` returns;
/// who attested it, when it arrived and how are kept. It takes the place of an earlier signature.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body = PaperBody,
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[post("/v1/applications/{id}/memorandum/paper")]
pub async fn attest_paper(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    body: Body<PaperBody>,
) -> Result<HttpResponse, ApiError> {
    let (desk, call) = (service.desk.clone(), caller.request(&request, &body.bytes)?);
    let command = SignMemorandum {
        application: ApplicationId(path.into_inner()),
        expected_revision: render::expected(&request),
        signed_on: Some(body.value.signed_on.0),
        evidence: Evidence::Paper {
            received_on: body.value.received_on.map(|day| day.0),
            received_by: body.value.received_by,
        },
    };
    stepped(
        &service
            .run(async move { sign_memorandum::sign_memorandum(&desk, call, command).await })
            .await?,
    )
}
