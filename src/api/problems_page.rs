//! `/problems` and `/problems/{slug}`: the pages to which the `type` of a problem leads.

use actix_web::{HttpRequest, HttpResponse, get, web::Path};

use super::{
    problem::{
        ApiError, ProblemType,
        catalogue::{self, NOT_FOUND},
        problems,
    },
    render::{self, Freshness},
};

problems!(NOT_FOUND);

/// List the types of problems.
///
/// A page for people: every type, its status and what it means.
#[utoipa::path(
    tag = "service",
    responses((status = OK, description = "The page", body = String, content_type = "text/html")),
)]
#[get("/problems")]
pub async fn list_problems(request: HttpRequest) -> HttpResponse {
    let entries: Vec<String> = catalogue::ALL.iter().map(|kind| entry(kind)).collect();
    page(&request, "Problems", &entries.join("\n"))
}

/// Explain a type of problem.
///
/// The page to which `type` leads.
#[utoipa::path(
    tag = "service",
    params(("slug" = String, Path, description = "The type's slug", example = "invalid-body")),
    responses((status = OK, description = "The page", body = String, content_type = "text/html"), Problems),
)]
#[get("/problems/{slug}")]
pub async fn explain_problem(
    request: HttpRequest,
    path: Path<String>,
) -> Result<HttpResponse, ApiError> {
    let kind = catalogue::find(&path);
    let kind = kind.ok_or_else(|| ApiError::new(&NOT_FOUND, "there is no such type of problem"))?;
    Ok(page(&request, kind.title, &entry(kind)))
}

fn entry(kind: &ProblemType) -> String {
    format!(
        "<h2 id=\"{0}\">{1}</h2>\n<p><code>{0}</code>, HTTP status {2}</p>\n<p>{3}</p>",
        kind.slug,
        kind.title,
        kind.status,
        marked_up(kind.explanation),
    )
}

/// Our own text in HTML: what stands between backticks is code.
fn marked_up(text: &str) -> String {
    let plain = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let parts = plain.split('`').enumerate().map(|(place, part)| {
        if place % 2 == 1 {
            format!("<code>{part}</code>")
        } else {
            part.to_owned()
        }
    });
    parts.collect()
}

fn page(request: &HttpRequest, title: &str, content: &str) -> HttpResponse {
    let body = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width\">\n<title>{title}</title>\n<style>body {{ font: 1rem/1.5 sans-serif; \
         max-width: 45rem; margin: 2rem auto; padding: 0 1rem }}</style>\n{content}\n</html>\n"
    );
    render::bytes(
        request,
        Freshness::Revalidate,
        None,
        "text/html; charset=utf-8",
        body.into_bytes(),
    )
}
