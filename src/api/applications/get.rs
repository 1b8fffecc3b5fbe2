//! `GET /v1/applications/{id}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use super::unknown;
use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
        render::{self, Freshness},
        wire::application::ApplicationView,
    },
    desk::applications,
    rules::id::ApplicationId,
    storage::applications::Contact,
};

problems!(APPLICATION_UNKNOWN, NOT_FOUND);

/// Get an application.
///
/// With the contact person. For the secretariat, the partner that brought it, and its applicant: with the token,
/// or by the secret link.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        ("token" = Option<String>, Query, description = "The applicant's token, in the secret link"),
    ),
    responses((status = OK, description = "The application", body = ApplicationView), Problems),
)]
#[get("/v1/applications/{id}")]
pub async fn get_application(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (database, id) = (
        service.desk.database.clone(),
        ApplicationId(path.into_inner()),
    );
    let (application, contact) = service
        .run(async move {
            let mut conn = database.read().await?;
            let found = applications::find(&mut conn, caller.actor, id)
                .await?
                .ok_or_else(unknown)?;
            let contact = Contact::find(&mut conn, id).await?;
            Ok::<_, ApiError>((found, contact))
        })
        .await?;
    let shown = ApplicationView {
        contact: contact.map(Into::into),
        ..ApplicationView::from(&application)
    };
    render::json(
        &request,
        Freshness::Private,
        Some(application.revision),
        &shown,
    )
}
