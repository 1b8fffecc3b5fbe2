//! `GET /v1/applications/{id}/memorandum/scan`

use actix_web::{
    HttpResponse, get,
    http::header,
    web::{Data, Path},
};
use uuid::Uuid;

use super::unknown;
use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, catalogue::MEMORANDUM_NOT_ISSUED, problems},
    },
    desk::applications,
    rules::{id::ApplicationId, memorandum::ScanType, word::Word as _},
    storage::memoranda::{Means, Memorandum},
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
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, id) = (service.desk.clone(), ApplicationId(path.into_inner()));
    let (scan_type, content) = service
        .run(async move {
            let mut conn = desk.database.read().await?;
            applications::find(&mut conn, caller.actor, id)
                .await?
                .ok_or_else(unknown)?;
            let signature = Memorandum::find(&mut conn, id)
                .await?
                .and_then(|memorandum| memorandum.signature);
            match signature.map(|signature| signature.means) {
                Some(Means::Scan { file, scan_type }) => {
                    Ok((scan_type, desk.files.get(file).await?))
                }
                _ => Err(ApiError::new(
                    &MEMORANDUM_NOT_ISSUED,
                    "no scan of the memorandum was handed in",
                )),
            }
        })
        .await?;
    let disposition = format!(
        "attachment; filename=\"memorandum-{id}.{}\"",
        extension(scan_type)
    );
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, scan_type.as_str()))
        .insert_header((header::CONTENT_DISPOSITION, disposition))
        .insert_header((
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; sandbox",
        ))
        .body(content))
}

const fn extension(scan_type: ScanType) -> &'static str {
    match scan_type {
        ScanType::Pdf => "pdf",
        ScanType::Jpeg => "jpg",
        ScanType::Png => "png",
    }
}
