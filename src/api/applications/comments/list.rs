//! `GET /v1/applications/{id}/comments`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        applications::unknown,
        auth::Caller,
        page::{Instant, Page, PageQuery},
        problem::{ApiError, problems},
        query::Query,
        render::{self, Freshness},
        wire::comment::CommentView,
    },
    desk::{Actor, applications},
    rules::{
        application::Visibility,
        id::{ApplicationId, CommentId},
    },
    storage::comments::Comment,
};

problems!(APPLICATION_UNKNOWN, NOT_FOUND);

/// List the comments on an application.
///
/// Oldest first. The secretariat reads all of them; the applicant and the partner that brought it those that are for
/// the applicant.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier"), PageQuery),
    responses((status = OK, description = "A page of comments", body = Page<CommentView>), Problems),
)]
#[get("/v1/applications/{id}/comments")]
pub async fn list_comments(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    query: Query<PageQuery>,
) -> Result<HttpResponse, ApiError> {
    let window = query.0.window::<(Instant, CommentId)>()?;
    let (id, actor) = (ApplicationId(path.into_inner()), caller.actor);
    let visibility = (!matches!(actor, Actor::Operator(..))).then_some(Visibility::Applicant);
    let (database, rows) = (service.desk.database.clone(), window.rows());
    let after = window.after.map(|(at, id)| (at.0, id));
    let found = service
        .run(async move {
            let mut conn = database.read().await?;
            applications::find(&mut conn, actor, id)
                .await?
                .ok_or_else(unknown)?;
            let comments = Comment::page(&mut conn, id, visibility, after, rows).await?;
            Ok::<_, ApiError>(comments)
        })
        .await?;
    let page = window.page(
        found,
        |comment| (Instant(comment.written_at), comment.id),
        |comment| CommentView::seen_by(actor, &comment),
    );
    render::page(&request, Freshness::Private, &page)
}
