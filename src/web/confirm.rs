//! `/applications/{id}/confirm`: where the link in a letter leads.
//!
//! To open it changes nothing, since mail scanners open links; the button on it does.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::StatusCode,
    post,
    web::{Data, Path, Payload},
};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::page::{Page, escaped, is_for_people, label};
use crate::{
    api::{
        Service,
        auth::Caller,
        body,
        problem::{
            ApiError,
            catalogue::{APPLICATION_STATE, CONFIRMATION_REFUSED},
            problems,
        },
    },
    desk::{
        Request,
        applications::confirm::{self, Confirm, ConfirmError, Proof},
    },
    rules::{
        id::ApplicationId,
        text::Lang,
        token::{Token, TokenKind},
    },
    texts::Written,
};

problems!(
    CONFIRMATION_REFUSED,
    APPLICATION_UNKNOWN,
    APPLICATION_STATE,
    CHANGED,
    NOT_FOUND,
);

/// The longest form, in bytes.
const MAX_FORM: usize = 4096;

/// What the link carries, and its button.
#[derive(Debug, Default, Deserialize, IntoParams, ToSchema)]
#[into_params(parameter_in = Query)]
pub struct Link {
    /// The token.
    token: Option<String>,
    /// The language of the page: `ru` or `en`.
    #[param(example = "ru")]
    lang: Option<String>,
}

impl Link {
    /// Reads a query or a form. What is not one says nothing: people see a page in any case.
    fn read(bytes: &[u8]) -> Self {
        serde_urlencoded::from_bytes(bytes).unwrap_or_default()
    }

    fn token(&self) -> Option<Token> {
        let token = Token::parse(self.token.as_deref()?);
        token.filter(|token| token.kind() == TokenKind::Confirmation)
    }

    fn written(&self) -> Written {
        let language = self.lang.as_deref().map(Lang::parse);
        language
            .and_then(Result::ok)
            .map_or(Written::English, |language| Written::of(&language))
    }

    fn page(&self, text: &'static str) -> Page {
        Page {
            written: self.written(),
            text,
            form: String::new(),
        }
    }
}

/// Show the page of a letter's link.
///
/// It has a button and changes nothing by itself: mail scanners open links.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier"), Link),
    responses((status = OK, description = "The page", body = String, content_type = "text/html")),
)]
#[get("/applications/{id}/confirm")]
pub async fn show_confirmation(
    request: HttpRequest,
    service: Data<Service>,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let link = Link::read(request.query_string().as_bytes());
    let registry = &service.desk.signatory.name;
    let Some(token) = link.token() else {
        return link
            .page("confirm-nothing")
            .answer(StatusCode::OK, registry);
    };
    let form = format!(
        "<form method=\"post\" action=\"/applications/{}/confirm\">\n<input type=\"hidden\" name=\"lang\" \
         value=\"{}\">\n<input type=\"hidden\" name=\"token\" value=\"{}\">\n<button>{}</button>\n</form>\n",
        path.into_inner(),
        link.written().tag(),
        escaped(token.reveal()),
        escaped(&label(link.written(), "confirm", "button")?),
    );
    let page = Page {
        form,
        ..link.page("confirm")
    };
    page.answer(StatusCode::OK, registry)
}

/// Confirm the contact person's address by the page.
///
/// What the button of the page sends. Programs use `POST /v1/applications/{id}/confirmation`. Browsers are answered
/// with a page, also where something is refused.
#[utoipa::path(
    tag = "applications",
    params(("id" = Uuid, Path, description = "The application's identifier")),
    request_body(content = Link, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = OK, description = "The page that says so", body = String, content_type = "text/html"),
        Problems,
    ),
)]
#[post("/applications/{id}/confirm")]
pub async fn press_confirmation(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
    payload: Payload,
) -> Result<HttpResponse, ApiError> {
    body::expect_media_type(&request, &["application/x-www-form-urlencoded"])?;
    let form = body::read(&request, &mut payload.into_inner(), MAX_FORM).await?;
    let link = Link::read(&form);
    let call = caller.request(&request, &form)?;
    let application = ApplicationId(path.into_inner());
    let (text, status, error) = match press(&service, call, application, link.token()).await {
        Ok(()) => ("confirm-done", StatusCode::OK, None),
        Err(error) if error.kind == &CONFIRMATION_REFUSED => {
            ("confirm-nothing", error.kind.http_status(), Some(error))
        }
        Err(error) if error.kind == &APPLICATION_STATE => {
            ("confirm-closed", error.kind.http_status(), Some(error))
        }
        Err(error) => return Err(error),
    };
    match error {
        Some(error) if !is_for_people(&request) => Err(error),
        _ => link.page(text).answer(status, &service.desk.signatory.name),
    }
}

async fn press(
    service: &Service,
    call: Request,
    application: ApplicationId,
    token: Option<Token>,
) -> Result<(), ApiError> {
    let proof = Proof::Link(token.ok_or(ConfirmError::Refused)?);
    let command = Confirm {
        application,
        expected_revision: None,
        proof,
    };
    let desk = service.desk.clone();
    service
        .run(async move { confirm::confirm(&desk, call, command).await })
        .await?;
    Ok(())
}
