//! `GET /v1/charters/{charter}/memorandum`

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::get::unknown;
use crate::{
    api::{
        Service,
        forms::{self, Form},
        problem::{ApiError, problems},
        query::Query,
        render::{self, Freshness},
    },
    print::Sheet,
    rules::{
        charter::{CharterVersion, FieldDefinition},
        memorandum::SigningForm,
        text::{Lang, Slug},
    },
    storage::charters::Published,
};

problems!(CHARTER_UNKNOWN, INVALID_QUERY, NOT_ACCEPTABLE);

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

/// Which form, and in which language.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetTemplate {
    /// The form, where `Accept` cannot name it, as in a link: `json`, `text`, `html` or `pdf`.
    #[param(inline)]
    form: Option<Form>,
    /// The language of the text, one of the charter's; its first when absent.
    #[param(example = "ru")]
    language: Option<String>,
}

/// Get a charter's memorandum template.
///
/// The current version's: as JSON the template and its fields, out of which the secretariat makes the memorandum of an
/// application; as text, HTML or PDF the form with lines to fill in by hand, to read and to print on A4.
#[utoipa::path(
    tag = "charters",
    params(
        ("charter" = String, Path, description = "The charter's slug", example = "digital-ethics-of-childhood"),
        GetTemplate,
    ),
    responses(
        (status = OK, description = "The template", content(
            (MemorandumTemplate = "application/json"), (String = "text/plain"), (String = "text/html"),
            (Vec<u8> = "application/pdf"),
        )),
        Problems,
    ),
)]
#[get("/v1/charters/{charter}/memorandum")]
pub async fn get_template(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Slug>,
    query: Query<GetTemplate>,
) -> Result<HttpResponse, ApiError> {
    let offered = [Form::Json, Form::Text, Form::Html, Form::Pdf];
    let form = forms::wanted(&request, query.0.form, &offered)?;
    let (database, slug) = (service.desk.database.clone(), path.into_inner());
    let name = format!("memorandum-{}", slug.as_str());
    let published = service
        .run(async move { Published::current(&mut database.read().await?, slug.as_str()).await })
        .await?;
    let version = published.ok_or_else(unknown)?.version;
    let language = language(&version, query.0.language.as_deref())?;
    if form == Form::Json {
        return render::json(&request, Freshness::Revalidate, None, &template(&version));
    }
    let text = version.memorandum_form(&language).unwrap_or_default();
    let sheet = Sheet {
        language: language.as_str(),
        text: &text,
    };
    forms::printed(&request, Freshness::Revalidate, form, &sheet, &name)
}

fn template(version: &CharterVersion) -> MemorandumTemplate {
    let memorandum = version.canonical_document().memorandum;
    MemorandumTemplate {
        version: version.version(),
        template: memorandum.template.0,
        fields: memorandum.fields,
        signing_forms: version.signing_forms().to_vec(),
    }
}

/// The language that is asked for, if the charter has it, or else the charter's first.
fn language(version: &CharterVersion, asked: Option<&str>) -> Result<Lang, ApiError> {
    let offered = version.languages();
    let found = match asked {
        Some(asked) => offered.iter().find(|offered| offered.as_str() == asked),
        None => offered.first(),
    };
    found.cloned().ok_or_else(|| {
        let known: Vec<_> = offered.iter().map(Lang::as_str).collect();
        let detail = format!("expected one of {}", known.join(", "));
        ApiError::invalid_query("language", "invalid_value", detail)
    })
}
