//! `GET /v1/applications/{id}/personal-data`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{
            ApiError,
            catalogue::{APPLICATION_UNKNOWN, CONTACT_ERASED},
            problems,
        },
        render::{self, Freshness},
        wire::personal_data::PersonalDataView,
    },
    desk::personal_data::export::{self, ExportError},
    rules::id::ApplicationId,
};

problems!(APPLICATION_UNKNOWN, CONTACT_ERASED, NOT_FOUND);

impl From<ExportError> for ApiError {
    fn from(error: ExportError) -> Self {
        match error {
            ExportError::Unknown => Self::refused(&APPLICATION_UNKNOWN, &error),
            ExportError::Erased => Self::refused(&CONTACT_ERASED, &error),
            ExportError::Failed(failure) => failure.into(),
        }
    }
}

/// Export what is held about the persons of an application.
///
/// The contact person, the memorandum with its signatory, what was written about them, the letters to them, and who
/// looked at any of it: at most 1,000 of each. The applicant is not given what the secretariat noted for itself
/// alone; a clerk or registrar who exports on request is. This is a look at personal data, and written down as one.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        ("token" = Option<String>, Query, description = "The applicant's token, in the secret link"),
    ),
    responses((status = OK, description = "Everything that is held", body = PersonalDataView), Problems),
)]
#[get("/v1/applications/{id}/personal-data")]
pub async fn export_personal_data(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, id) = (service.desk.clone(), ApplicationId(path.into_inner()));
    let look = caller.look(&request);
    let found = service
        .run(async move { export::export(&desk, look, id).await })
        .await?;
    let shown = PersonalDataView::seen_by(caller.actor, found);
    render::json(&request, Freshness::Private, None, &shown)
}
