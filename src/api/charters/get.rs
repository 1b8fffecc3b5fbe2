//! `GET /v1/charters/{charter}`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};

use crate::{
    api::{
        Service,
        problem::{ApiError, catalogue::CHARTER_UNKNOWN, problems},
        render::{self, Freshness},
        wire::charter::Charter,
    },
    rules::text::Slug,
    storage::charters::Published,
};

problems!(CHARTER_UNKNOWN);

/// Get a charter.
///
/// The current version, whole: text and clauses by language, who may accede, the memorandum's template, how it
/// is signed, the charter's rules for the desk, its founders.
#[utoipa::path(
    tag = "charters",
    params(("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood")),
    responses((status = OK, description = "The charter", body = Charter), Problems),
)]
#[get("/v1/charters/{charter}")]
pub async fn get_charter(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
) -> Result<HttpResponse, ApiError> {
    let (database, slug) = (service.desk.database.clone(), path.into_inner());
    let published = service
        .run(async move { Published::current(&mut database.read().await?, slug.as_str()).await })
        .await?;
    let published = published.ok_or_else(unknown)?;
    render::json(
        &request,
        Freshness::Revalidate,
        None,
        &Charter::new(&published, service.desk.base()),
    )
}

/// There is no such charter, or no such version of it.
pub fn unknown() -> ApiError {
    ApiError::new(
        &CHARTER_UNKNOWN,
        "no charter, or no version of it, is published under this name",
    )
}
