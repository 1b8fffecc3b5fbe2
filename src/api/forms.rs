//! The forms of a memorandum, and which of them a client wants (RFC 9110 §12.5.1).

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{self, HeaderValue},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    problem::{ApiError, catalogue::NOT_ACCEPTABLE},
    render::{self, Freshness},
};
use crate::print::{self, Sheet};

/// A form of a memorandum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// Its template and fields.
    Json,
    /// The exact text.
    Text,
    /// A page to print.
    Html,
    /// A file to print.
    Pdf,
}

impl Form {
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Text => "text/plain",
            Self::Html => "text/html",
            Self::Pdf => "application/pdf",
        }
    }
}

/// The form that the client wants: the one it names in the query, or the one of those offered that `Accept` likes
/// best, the first of several.
pub fn wanted(
    request: &HttpRequest,
    named: Option<Form>,
    offered: &[Form],
) -> Result<Form, ApiError> {
    let accept = accept(request);
    let best = if let Some(named) = named {
        offered.iter().copied().find(|form| *form == named)
    } else {
        let liked = offered
            .iter()
            .rev()
            .map(|form| (quality(accept, form.media_type()), *form));
        let best = liked.max_by(|(one, _), (other, _)| one.total_cmp(other));
        best.filter(|(quality, _)| *quality > 0.0)
            .map(|(_, form)| form)
    };
    best.ok_or_else(|| {
        let forms: Vec<_> = offered.iter().map(|form| form.media_type()).collect();
        let detail = format!("the memorandum is {}", forms.join(" or "));
        ApiError::new(&NOT_ACCEPTABLE, detail)
    })
}

/// Whether the client likes a media type better than another, which it is given otherwise.
pub fn prefers(request: &HttpRequest, media_type: &str, otherwise: &str) -> bool {
    let accept = accept(request);
    quality(accept, media_type) > quality(accept, otherwise)
}

fn accept(request: &HttpRequest) -> &str {
    let accept = request.headers().get(header::ACCEPT);
    accept.map_or("*/*", |value| value.to_str().unwrap_or_default())
}

/// How much `Accept` likes a media type: what its most exact range says.
fn quality(accept: &str, media_type: &str) -> f32 {
    let class = media_type.split('/').next().unwrap_or_default();
    let is = |name: &str, wanted: &str| name.eq_ignore_ascii_case(wanted);
    let of = |is_wanted: &dyn Fn(&str) -> bool| {
        accept.split(',').find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let matches = parts.next().is_some_and(is_wanted);
            let quality = parts
                .find_map(|part| part.strip_prefix("q="))
                .and_then(|q| q.parse::<f32>().ok());
            matches.then(|| quality.unwrap_or(1.0))
        })
    };
    of(&|name| is(name, media_type))
        .or_else(|| of(&|name| name.strip_suffix("/*").is_some_and(|name| is(name, class))))
        .or_else(|| of(&|name| name == "*/*"))
        .unwrap_or(0.0)
}

/// The text in this form; a PDF is given the name.
pub fn printed(
    request: &HttpRequest,
    freshness: Freshness,
    form: Form,
    sheet: &Sheet<'_>,
    name: &str,
) -> Result<HttpResponse, ApiError> {
    let (media_type, body) = match form {
        Form::Html => ("text/html; charset=utf-8", print::html(sheet).into_bytes()),
        Form::Pdf => {
            let file = print::pdf(sheet);
            let file = file.map_err(|refusal| ApiError::refused(&NOT_ACCEPTABLE, &refusal))?;
            ("application/pdf", file)
        }
        Form::Text | Form::Json => ("text/plain; charset=utf-8", sheet.text.as_bytes().to_vec()),
    };
    let mut response = render::bytes(request, freshness, None, media_type, body);
    if form == Form::Pdf
        && let Ok(value) = HeaderValue::from_str(&format!("inline; filename=\"{name}.pdf\""))
    {
        response
            .headers_mut()
            .insert(header::CONTENT_DISPOSITION, value);
    }
    Ok(response)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::{
        Form::{self, Html, Json, Pdf, Text},
        prefers, wanted,
    };

    #[test]
    fn a_media_type_is_preferred_when_accept_likes_it_better() {
        let (token, document) = ("application/vc+jwt", "application/vc");
        for (accept, expected) in [
            (token, true),
            ("application/vc+jwt, application/vc;q=0.5", true),
            ("application/vc, application/vc+jwt;q=0.5", false),
            ("application/vc+jwt;q=0", false),
            ("application/*", false),
            ("*/*", false),
            ("text/html", false),
            ("", false),
        ] {
            let request = TestRequest::get().insert_header(("accept", accept));
            let request = request.to_http_request();
            assert_eq!(prefers(&request, token, document), expected, "{accept}");
        }
        assert!(!prefers(
            &TestRequest::get().to_http_request(),
            token,
            document
        ));
    }

    #[test]
    fn the_form_follows_accept_unless_the_query_names_one() {
        let form = |accept: &str, named: Option<Form>, offered: &[Form]| {
            let request = TestRequest::get().insert_header(("accept", accept));
            wanted(&request.to_http_request(), named, offered).map_err(|e| e.kind.slug)
        };
        let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
        let of_application = |accept| form(accept, None, &[Text, Html, Pdf]);
        assert_eq!(of_application("text/plain"), Ok(Text));
        assert_eq!(of_application("*/*"), Ok(Text));
        assert_eq!(of_application("text/*"), Ok(Text));
        assert_eq!(of_application("application/*"), Ok(Pdf));
        assert_eq!(of_application(browser), Ok(Html));
        assert_eq!(of_application("text/html;q=0.1, text/plain"), Ok(Text));
        assert_eq!(of_application("text/plain;q=0, */*"), Ok(Html));
        assert_eq!(of_application("application/json"), Err("not-acceptable"));
        assert_eq!(form(browser, Some(Pdf), &[Text, Html, Pdf]), Ok(Pdf));
        assert_eq!(form(browser, Some(Json), &[Text]), Err("not-acceptable"));
        assert_eq!(form("*/*", None, &[Json, Text, Html, Pdf]), Ok(Json));
        assert_eq!(form(browser, None, &[Json, Html]), Ok(Html));
    }
}
