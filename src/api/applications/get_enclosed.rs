//! `GET /v1/applications/{id}/memorandum/enclosed-signature`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use super::signing;
use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
    },
    desk::applications::look,
    rules::{enclosed::MEDIA_TYPE, id::ApplicationId},
};

problems!(APPLICATION_UNKNOWN, MEMORANDUM_NOT_ISSUED, NOT_FOUND);

/// Get the electronic signature that was handed in.
///
/// As it was sent, always as an attachment. The registry has not verified it.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        ("token" = Option<String>, Query, description = "The applicant's token, in the secret link"),
    ),
    responses(
        (status = OK, description = "The signature file", content((Vec<u8> = "application/pkcs7-signature"))),
        Problems,
    ),
)]
#[get("/v1/applications/{id}/memorandum/enclosed-signature")]
pub async fn get_enclosed_signature(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, id) = (service.desk.clone(), ApplicationId(path.into_inner()));
    let look_request = caller.look(&request);
    let content = service
        .run(async move { look::at_enclosed(&desk, look_request, id).await })
        .await?;
    let name = format!("memorandum-{id}.p7s");
    Ok(signing::attachment(&name, MEDIA_TYPE, content))
}
