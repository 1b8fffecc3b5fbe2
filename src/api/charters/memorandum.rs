//! `GET /v1/charters/{charter}/memorandum`

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::get::unknown;
use crate::{
    api::{
        Service,
        problem::{ApiError, problems},
        render::{self, Freshness},
    },
    rules::{charter::FieldDefinition, memorandum::SigningForm, text::Slug},
    storage::charters::Published,
};

problems!(CHARTER_UNKNOWN);

/// What an organisation signs to accede.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct MemorandumTemplate {
    /// The charter's version.
    pub version: u32,
    /// The template by language; `{{date}}`, `{{organisation}}`, `{{fullName}}`, `{{position}}` and
    /// `{{signature}}` are filled in.
    pub template: BTreeMap<String, String>,
    /// The fields that the parties fill in.
    pub fields: Vec<FieldDefinition>,
    /// The forms of signing that the charter takes.
    pub signing_forms: Vec<SigningForm>,
}

/// Get a charter's memorandum template.
///
/// The current version's. The secretariat makes the memorandum of an application out of it.
#[utoipa::path(
    tag = "charters",
    params(("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood")),
    responses((status = OK, description = "The template", body = MemorandumTemplate), Problems),
)]
#[get("/v1/charters/{charter}/memorandum")]
pub async fn get_template(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
) -> Result<HttpResponse, ApiError> {
    let (database, slug) = (service.desk.database.clone(), path.into_inner());
    let published = service
        .run(async move { Published::current(&mut database.read().await?, slug.as_str()).await })
        .await?;
    let version = published.ok_or_else(unknown)?.version;
    let memorandum = version.canonical_document().memorandum;
    let template = MemorandumTemplate {
        version: version.version(),
        template: memorandum.template.0,
        fields: memorandum.fields,
        signing_forms: version.signing_forms().to_vec(),
    };
    render::json(&request, Freshness::Revalidate, None, &template)
}
