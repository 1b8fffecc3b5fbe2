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
        wire::{application::ApplicationView, desk_work::DeskWork},
    },
    desk::{Actor, applications},
    rules::id::ApplicationId,
    storage::{applications::Contact, letters::Letter, memoranda::Memorandum, traces},
};

problems!(APPLICATION_UNKNOWN, NOT_FOUND);

/// Get an application.
///
/// With how the memorandum stands, and without the contact person, who has an address of its own. For the
/// secretariat, the partner that brought it, and its applicant: with the token,
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
    let is_operator = matches!(caller.actor, Actor::Operator(..));
    let (application, matches, contact_unreachable, memorandum) = service
        .run(async move {
            let mut conn = database.read().await?;
            let found = applications::find(&mut conn, caller.actor, id)
                .await?
                .ok_or_else(unknown)?;
            let contact = Contact::find(&mut conn, id).await?;
            let memorandum = Memorandum::find(&mut conn, id).await?;
            let matches = if is_operator && found.state.is_open() {
                traces::matches(&mut conn, &found, contact.as_ref()).await?
            } else {
                found.matches.clone()
            };
            let contact_unreachable = if is_operator {
                Some(Letter::is_contact_unreachable(&mut conn, id).await?)
            } else {
                None
            };
            Ok::<_, ApiError>((found, matches, contact_unreachable, memorandum))
        })
        .await?;
    let shown = ApplicationView {
        desk: is_operator
            .then(|| DeskWork::new(&application, &matches).with_contact(contact_unreachable)),
        memorandum: memorandum.as_ref().map(Into::into),
        ..ApplicationView::from(&application)
    };
    render::json(
        &request,
        Freshness::Private,
        Some(application.revision),
        &shown,
    )
}
