//! `GET /v1/applications/{id}/memorandum`

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::header,
    web::{Data, Path},
};
use uuid::Uuid;

use crate::{
    api::{
        Service,
        auth::Caller,
        problem::{ApiError, catalogue::NOT_ACCEPTABLE, problems},
        render::{self, Freshness},
    },
    desk::applications::look,
    rules::id::ApplicationId,
    storage::memoranda::Memorandum,
};

problems!(
    APPLICATION_UNKNOWN,
    MEMORANDUM_NOT_ISSUED,
    NOT_ACCEPTABLE,
    NOT_FOUND
);

/// Get an application's memorandum.
///
/// `Accept: text/plain` gives the exact bytes that an ed25519 key signs; `text/html` a page to print, sign by
/// hand, scan and send back.
#[utoipa::path(
    tag = "applications",
    params(
        ("id" = Uuid, Path, description = "The application's identifier"),
        ("token" = Option<String>, Query, description = "The applicant's token, in the secret link"),
    ),
    responses(
        (status = OK, description = "The memorandum", content((String = "text/plain"), (String = "text/html"))),
        Problems,
    ),
)]
#[get("/v1/applications/{id}/memorandum")]
pub async fn get_memorandum(
    request: HttpRequest,
    service: Data<Service>,
    caller: Caller,
    path: Path<Uuid>,
) -> Result<HttpResponse, ApiError> {
    let html = wants_html(&request)?;
    let (desk, id) = (service.desk.clone(), ApplicationId(path.into_inner()));
    let look_request = caller.look(&request);
    let memorandum = service
        .run(async move { look::at_memorandum(&desk, look_request, id).await })
        .await?;
    let (media_type, body) = if html {
        ("text/html; charset=utf-8", page(&memorandum).into_bytes())
    } else {
        ("text/plain; charset=utf-8", memorandum.body)
    };
    Ok(render::bytes(
        &request,
        Freshness::Private,
        None,
        media_type,
        body,
    ))
}

/// Whether the client would rather have HTML: it names it, or nothing else that there is.
fn wants_html(request: &HttpRequest) -> Result<bool, ApiError> {
    let accept = request
        .headers()
        .get(header::ACCEPT)
        .and_then(|value| value.to_str().ok())
        .unwrap_or("*/*");
    let quality = |wanted: &str| {
        accept.split(',').find_map(|range| {
            let mut parts = range.split(';').map(str::trim);
            let matches = parts
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(wanted));
            let quality = parts
                .find_map(|part| part.strip_prefix("q="))
                .and_then(|q| q.parse::<f32>().ok());
            matches.then(|| quality.unwrap_or(1.0))
        })
    };
    let anything = quality("text/*").or_else(|| quality("*/*")).unwrap_or(0.0);
    let html = quality("text/html").unwrap_or(anything);
    let plain = quality("text/plain").unwrap_or(anything);
    if html <= 0.0 && plain <= 0.0 {
        return Err(ApiError::new(
            &NOT_ACCEPTABLE,
            "the memorandum is text/plain or text/html",
        ));
    }
    Ok(html > plain)
}

/// A page to print: the text, each line as it stands.
fn page(memorandum: &Memorandum) -> String {
    let text = escaped(&String::from_utf8_lossy(&memorandum.body));
    let language = escaped(memorandum.language.as_str());
    format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<meta charset=\"utf-8\">\n<title>{}</title>\n\
         <style>@page {{ size: A4; margin: 25mm }} body {{ font: 12pt/1.5 serif; max-width: 160mm; margin: auto }} \
         main {{ white-space: pre-wrap }}</style>\n<main>{text}</main>\n</html>\n",
        text.lines()
            .find(|line| !line.trim().is_empty())
            .unwrap_or_default()
            .trim(),
    )
}

/// Text that HTML shows as it is.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::{escaped, wants_html};

    #[test]
    fn the_form_follows_accept() {
        let html = |accept: &str| {
            wants_html(
                &TestRequest::get()
                    .insert_header(("accept", accept))
                    .to_http_request(),
            )
            .map_err(|e| e.kind.slug)
        };
        assert_eq!(html("text/plain"), Ok(false));
        assert_eq!(html("*/*"), Ok(false));
        assert_eq!(html("text/html,application/xhtml+xml,*/*;q=0.8"), Ok(true));
        assert_eq!(html("text/html;q=0.1, text/plain"), Ok(false));
        assert_eq!(html("application/json"), Err("not-acceptable"));
    }

    #[test]
    fn a_name_cannot_bring_markup_into_the_page() {
        assert_eq!(
            escaped("<script>\"&\"</script>"),
            "&lt;script&gt;&quot;&amp;&quot;&lt;/script&gt;"
        );
    }
}
