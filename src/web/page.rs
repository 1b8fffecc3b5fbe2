//! What every page has: its frame, its headers, its language.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
};

use crate::{
    api::problem::ApiError,
    texts::{self, Places, Written},
};

/// A page: a heading and what stands under it, both plain text, and a form if there is one.
pub struct Page {
    /// Its language.
    pub written: Written,
    /// The name of its texts: the heading is the attribute `heading`.
    pub text: &'static str,
    /// The HTML of its form.
    pub form: String,
}

impl Page {
    /// Answers with the page.
    pub fn answer(&self, status: StatusCode, registry: &str) -> Result<HttpResponse, ApiError> {
        let places = Places::default().with("registry", registry);
        let text = |found: Result<String, texts::TextError>| found.map_err(ApiError::internal);
        let heading = text(texts::attribute(
            self.written,
            self.text,
            "heading",
            &places,
        ))?;
        let body = text(texts::text(self.written, self.text, &places))?;
        let html = format!(
            "<!doctype html>\n<html lang=\"{}\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
             content=\"width=device-width\">\n<meta name=\"robots\" content=\"noindex\">\n<title>{heading}</title>\n\
             <style>body {{ font: 1.1rem/1.5 sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem }} \
             button {{ font: inherit; padding: .5rem 1.5rem }}</style>\n<h1>{heading}</h1>\n<p>{body}</p>\n{form}\
             <p>{registry}</p>\n</html>\n",
            self.written.tag(),
            heading = escaped(&heading),
            body = escaped(&body),
            form = self.form,
            registry = escaped(registry),
        );
        // Nothing but this page's own style, and no form but its own: it has no scripts and loads nothing.
        let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";
        Ok(HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::VARY, "Accept"))
            .body(html))
    }
}

/// An attribute of a page's texts, such as what stands on its button.
pub fn label(written: Written, text: &str, attribute: &str) -> Result<String, ApiError> {
    texts::attribute(written, text, attribute, &Places::default()).map_err(ApiError::internal)
}

/// Whether a person reads the answer, by a browser.
pub fn is_for_people(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT);
    let accept = accept.and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Text in HTML, also between quotes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}
