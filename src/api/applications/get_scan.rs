//! `GET /v1/applications/{id}/memorandum/scan`

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
    rules::{id::ApplicationId, scan::ScanType, word::Word as _},
};

problems!(APPLICATION_UNKNOWN, MEMORANDUM_NOT_ISSUED, NOT_FOUND);

/// Get the scan of the signed memorandum.
///
/// Always as an attachment: what somebody uploaded is never shown inside a page of the registry.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        ("token" = Option<String>, Query, description = "The applicant's token, in the secret link"),
    ),
    responses(
        (status = OK, description = "The scan", content(
            (Vec<u8> = "application/pdf"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/png"),
        )),
        Problems,
    ),
)]
#[get("/v1/applications/{id}/memorandum/scan")]
pub async fn get_scan(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, id) = (service.desk.clone(), ApplicationId(path.into_inner()));
    let look_request = caller.look(&request);
    let (scan_type, content) = service
        .run(async move { look::at_scan(&desk, look_request, id).await })
        .await?;
    let name = format!("memorandum-{id}.{}", extension(scan_type));
    Ok(signing::attachment(&name, scan_type.as_str(), content))
}

const fn extension(scan_type: ScanType) -> &'static str {
    match scan_type {
        ScanType::Pdf => "pdf",
        ScanType::Jpeg => "jpg",
        ScanType::Png => "png",
    }
}
