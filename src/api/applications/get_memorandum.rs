//! `GET /v1/applications/{id}/memorandum`

use actix_web::{
    HttpRequest, HttpResponse, get,
    web::{Data, Path},
};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        forms::{self, Form},
        problem::{ApiError, problems},
        query::Query,
        render::Freshness,
    },
    desk::applications::look,
    print::Sheet,
    rules::id::ApplicationId,
};

problems!(
    APPLICATION_UNKNOWN,
    MEMORANDUM_NOT_ISSUED,
    INVALID_QUERY,
    NOT_ACCEPTABLE,
    NOT_FOUND
);

/// Whose token, and which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GetMemorandum {
    /// The applicant's token, in the secret link.
    #[serde(rename = "token")]
    _token: Option<String>,
    /// The form, where `Accept` cannot name it, as in a link: `text`, `html` or `pdf`.
    #[param(inline)]
    form: Option<Form>,
}

/// Get an application's memorandum.
///
/// `Accept: text/plain` gives the exact bytes that a key signs. `text/html` and `application/pdf` are made of them, to
/// print, sign by hand, scan and send back: on A4, with the SHA-256 of those bytes on every sheet.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        GetMemorandum,
    ),
    responses(
        (status = OK, description = "The memorandum", content(
            (String = "text/plain"), (String = "text/html"), (Vec<u8> = "application/pdf"),
        )),
        Problems,
    ),
)]
#[get("/v1/applications/{id}/memorandum")]
pub async fn get_memorandum(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    query: Query<GetMemorandum>,
) -> Result<HttpResponse, ApiError> {
    let offered = [Form::Text, Form::Html, Form::Pdf];
    let form = forms::wanted(&request, query.0.form, &offered)?;
    let (desk, id) = (service.desk.clone(), ApplicationId(path.into_inner()));
    let look_request = caller.look(&request);
    let memorandum = service
        .run(async move { look::at_memorandum(&desk, look_request, id).await })
        .await?;
    let sheet = Sheet {
        language: memorandum.language.as_str(),
        text: &String::from_utf8_lossy(&memorandum.body),
    };
    let name = format!("memorandum-{id}");
    forms::printed(&request, Freshness::Private, form, &sheet, &name)
}
