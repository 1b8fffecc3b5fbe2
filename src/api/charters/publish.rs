//! `POST /v1/charters`

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, post, web::Data};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    api::{
        Service,
        auth::Caller,
        body,
        problem::{
            ApiError,
            catalogue::{VERSION_GAP, VERSION_PUBLISHED},
            problems,
        },
        render,
    },
    desk::charters::publish::{self, PublishError},
    rules::charter::Definition,
};

problems!(
    VERSION_PUBLISHED,
    VERSION_GAP,
    IDEMPOTENCY_KEY_IN_USE,
    IDEMPOTENCY_KEY_REUSED
);

/// The longest definition, in bytes (2 MiB): it holds the charter's text in every language.
const MAX_DEFINITION: usize = 2 * 1024 * 1024;

/// A published version.
#[derive(Debug, Serialize, ToSchema)]
pub struct PublishedVersion {
    /// The charter's slug.
    #[schema(example = "digital-ethics-of-childhood")]
    pub slug: String,
    /// The version's number.
    pub version: u32,
    /// SHA-256 of the version's canonical document.
    pub digest: String,
}

/// Publish a version of a charter.
///
/// The body is the whole definition, texts included, as `GET /v1/charters/{charter}` shows it. Versions follow
/// each other from 1, and a published one never changes; to publish the same content again changes nothing and
/// answers 200.
#[utoipa::path(
    tag = "charters",
    request_body(
        content = Definition,
        content_type = "application/json",
        example = json!({
            "slug": "open-schools", "version": 1, "languages": ["en"],
            "title": {"en": "Charter of open schools"}, "custodian": {"en": "Association of open schools"},
            "text": {"en": "# Charter of open schools\n\nA school that accedes keeps its doors open.\n"},
            "sections": [], "clauses": [{"id": "A.1", "title": {"en": "Doors are open"}}],
            "eligibility": {"categories": [{"code": "school", "name": {"en": "School"}}]},
            "memorandum": {
                "fields": [
                    {"id": "date", "label": {"en": "Date"}, "required": true},
                    {"id": "organisation", "label": {"en": "Organisation"}, "required": true},
                    {"id": "fullName", "label": {"en": "Full name"}, "required": true},
                    {"id": "position", "label": {"en": "Position"}, "required": true},
                    {"id": "signature", "label": {"en": "Signature"}, "required": true}
                ],
                "template": {"en": "{{organisation}} accedes.\n\n{{date}}, {{fullName}}, {{position}}\n{{signature}}\n"}
            },
            "signingForms": ["handwritten_scan"],
            "policy": {"domainProofRequired": false, "twoPersons": ["admission", "exclusion"]},
            "founders": []
        }),
    ),
    responses(
        (status = CREATED, description = "Published", body = PublishedVersion),
        (status = OK, description = "It was published before, with the same content", body = PublishedVersion),
        Problems,
    ),
)]
#[post("/v1/charters")]
pub async fn publish_charter(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    payload: actix_web::web::Payload,
) -> Result<HttpResponse, ApiError> {
    body::expect_media_type(&request, &["application/json"])?;
    let bytes = body::read(&request, &mut payload.into_inner(), MAX_DEFINITION).await?;
    let definition: Definition = body::parse(&bytes)?;
    let version = definition
        .check()
        .map_err(|faults| ApiError::invalid_body(faults.into_iter().map(Into::into).collect()))?;
    let (desk, call) = (service.desk.clone(), caller.request(&request, &bytes)?);
    let published = service
        .run(async move { publish::publish(&desk, call, version).await })
        .await?;
    let location = format!(
        "/v1/charters/{}/versions/{}",
        published.slug, published.version
    );
    let shown = PublishedVersion {
        slug: published.slug,
        version: published.version,
        digest: published.digest.prefixed(),
    };
    if published.new {
        render::created(&location, None, &shown)
    } else {
        render::changed(StatusCode::OK, None, &shown)
    }
}

impl From<PublishError> for ApiError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::AlreadyPublished(_) => Self::refused(&VERSION_PUBLISHED, &error),
            PublishError::NotNext { .. } => Self::refused(&VERSION_GAP, &error),
            PublishError::Failed(failure) => failure.into(),
        }
    }
}
