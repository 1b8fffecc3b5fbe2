//! `GET /v1/applications/{id}/contact`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, problems},
        render::{self, Freshness},
        wire::application::Contact,
    },
    desk::applications::look,
    rules::id::ApplicationId,
};

problems!(APPLICATION_UNKNOWN, CONTACT_ERASED, NOT_FOUND);

/// Get the contact person of an application.
///
/// Personal data: every look at it is written down, with who looked and when.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        ("token" = Option<String>, Query, description = "The applicant's token, in the secret link"),
    ),
    responses((status = OK, description = "The contact person", body = Contact), Problems),
)]
#[get("/v1/applications/{id}/contact")]
pub async fn get_contact(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let (desk, id) = (service.desk.clone(), ApplicationId(path.into_inner()));
    let look_request = caller.look(&request);
    let contact = service
        .run(async move { look::at_contact(&desk, look_request, id).await })
        .await?;
    render::json(&request, Freshness::Private, None, &Contact::from(contact))
}
