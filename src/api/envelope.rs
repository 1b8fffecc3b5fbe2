//! What every request passes through: its identifier, the table of access, and the form of every error.

mod observe;

use std::{net::IpAddr, time::Instant};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        ConnectionType, Method, StatusCode,
        header::{self, HeaderName, HeaderValue},
    },
    middleware::Next,
    web::Data,
};

use super::{
    Service,
    access::{self, Endpoint},
    auth,
    limits::{self, Standing},
    mirror,
    problem::{
        ApiError, MEDIA_TYPE, ProblemType,
        catalogue::{
            BAD_REQUEST, BUSY, INTERNAL, INVALID_TOKEN, METHOD_NOT_ALLOWED, NOT_FOUND, TOO_LARGE,
        },
    },
};
use crate::{config::limits::Budget, desk::Actor};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The registry in whose place a mirror answers.
const MIRROR: HeaderName = HeaderName::from_static("x-registry-mirror");

/// The identifier of a request: the client's own, when it is short and plain, or a new one.
#[derive(Debug, Clone)]
pub struct RequestId(pub String);

/// Wraps every request.
pub async fn envelope<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let Some(service) = request.app_data::<Data<Service>>().cloned() else {
        return Err(ApiError::internal("the service is not set up").into());
    };
    let id = request_id(&request, &service);
    request.extensions_mut().insert(id.clone());
    let method = request.method().clone();
    let pattern = request.match_pattern().unwrap_or_default();
    if method == Method::HEAD {
        // The connection knows that the request was a HEAD and sends no body.
        request.head_mut().method = Method::GET;
        // Ranges are those of a GET.
        request.headers_mut().remove(header::RANGE);
    }
    let peer = request.peer_addr().map(|address| address.ip());
    let client = service.proxies.client(peer, request.headers());
    // Nothing may hold on to the request while it is routed.
    let (mut response, endpoint) = match admit(&request, &service, &pattern, &method, client).await
    {
        Ok(Admitted::Preflight(response)) => (request.into_response(response), None),
        Ok(Admitted::To(endpoint, caller)) => {
            request.extensions_mut().insert(caller);
            (
                next.call(request).await?.map_into_boxed_body(),
                Some(endpoint),
            )
        }
        Err(error) => (request.error_response(error), None),
    };
    let is_error = response.status().is_client_error() || response.status().is_server_error();
    // A page for people stays one, also where it tells of a refusal.
    if is_error && !is_page(&response) {
        response = as_problem(response, &service, &id, &pattern);
    }
    finish(&mut response, endpoint, &id, &service);
    observe::observe(&response, &method, &pattern, endpoint, &id, began.elapsed());
    Ok(response)
}

enum Admitted {
    To(&'static Endpoint, auth::Caller),
    Preflight(HttpResponse),
}

/// Finds the endpoint in the table of access, and lets the caller pass or not.
async fn admit(
    request: &ServiceRequest,
    service: &Service,
    pattern: &str,
    method: &Method,
    client: Option<IpAddr>,
) -> Result<Admitted, ApiError> {
    let routed = if method == Method::HEAD {
        &Method::GET
    } else {
        method
    };
    if let Some(endpoint) = access::of_path(pattern)
        .iter()
        .find(|endpoint| endpoint.method == *routed)
    {
        if let Some(standing) = &service.mirror {
            mirror::check(standing, endpoint, request.path())?;
        }
        let caller = identify(request, service, endpoint, client).await;
        let actor = caller
            .as_ref()
            .map_or(Actor::Anonymous, |caller| caller.actor);
        count(request, service, Some(endpoint), method, actor, client)?;
        return Ok(Admitted::To(endpoint, caller?));
    }
    count(request, service, None, method, Actor::Anonymous, client)?;
    let allowed = allowed_methods(pattern);
    if allowed.is_empty() {
        return Err(ApiError::new(
            &NOT_FOUND,
            format!("there is nothing at {}", request.path()),
        ));
    }
    let mut here = access::of_path(pattern).iter();
    if method == Method::OPTIONS && here.any(|endpoint| endpoint.is_public_read()) {
        return Ok(Admitted::Preflight(preflight()));
    }
    Err(ApiError::new(
        &METHOD_NOT_ALLOWED,
        format!("{method} is not allowed here; allowed: {allowed}"),
    ))
}

/// Establishes who calls; a network that sent too many tokens that are not valid is not asked for another one.
async fn identify(
    request: &ServiceRequest,
    service: &Service,
    endpoint: &Endpoint,
    client: Option<IpAddr>,
) -> Result<auth::Caller, ApiError> {
    if endpoint.access == access::PUBLIC {
        return auth::authenticate(request, service, endpoint.access).await;
    }
    if let Some(standing) = service.limits.look(Budget::Failures, client) {
        standing.check()?;
    }
    let caller = auth::authenticate(request, service, endpoint.access).await;
    if matches!(&caller, Err(error) if *error.kind == INVALID_TOKEN) {
        service
            .limits
            .count(Budget::Failures, Actor::Anonymous, client);
    }
    caller
}

/// Counts the request against its budget, and refuses it when that is used up.
fn count(
    request: &ServiceRequest,
    service: &Service,
    endpoint: Option<&Endpoint>,
    method: &Method,
    actor: Actor,
    client: Option<IpAddr>,
) -> Result<(), ApiError> {
    let budget = limits::budget_of(endpoint, method, actor);
    let standing = budget.and_then(|budget| service.limits.count(budget, actor, client));
    let Some(standing) = standing else {
        return Ok(());
    };
    request.extensions_mut().insert(standing);
    standing.check()
}

/// The methods of a path, as `Allow` lists them; empty when there is no such path.
fn allowed_methods(pattern: &str) -> String {
    let mut methods: Vec<String> = Vec::new();
    for endpoint in access::of_path(pattern) {
        methods.push(endpoint.method.to_string());
        if endpoint.method == Method::GET {
            methods.push(Method::HEAD.to_string());
        }
    }
    methods.join(", ")
}

/// The answer to a browser that asks whether another origin's page may read.
fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"))
        .insert_header((
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Accept, If-None-Match",
        ))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"))
        .finish()
}

fn request_id(request: &ServiceRequest, service: &Service) -> RequestId {
    let is_plain = |id: &&str| {
        (1..=64).contains(&id.len())
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
    };
    let given = request
        .headers()
        .get(REQUEST_ID)
        .and_then(|id| id.to_str().ok())
        .filter(is_plain);
    RequestId(given.map_or_else(|| service.desk.clock.uuid().to_string(), str::to_owned))
}

/// Whether a response is a page for people.
fn is_page(response: &ServiceResponse<BoxBody>) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE);
    media_type.is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

/// Gives an error its body, whoever made it, and logs it when it is the registry's own fault.
fn as_problem(
    response: ServiceResponse<BoxBody>,
    service: &Service,
    id: &RequestId,
    pattern: &str,
) -> ServiceResponse<BoxBody> {
    let (http, response) = response.into_parts();
    let own = response
        .error()
        .and_then(|error| error.as_error::<ApiError>());
    let of_framework = ApiError::new(
        of_status(response.status()),
        of_status(response.status()).explanation,
    );
    let error = own.unwrap_or(&of_framework);
    if error.kind.status >= 500 {
        tracing::error!(request = %id.0, route = pattern, problem = error.kind.slug, cause = %causes(error), "request failed");
    }
    let type_url = service.desk.base().problem_url(error.kind.slug);
    let mut builder = HttpResponse::build(error.kind.http_status());
    builder
        .insert_header((header::CONTENT_TYPE, MEDIA_TYPE))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    match error.kind.status {
        401 => {
            builder.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        405 => {
            builder.insert_header((header::ALLOW, allowed_methods(pattern)));
        }
        503 => {
            builder.insert_header((header::RETRY_AFTER, "1"));
        }
        _ => {}
    }
    if let Some(length) = error.length {
        builder.insert_header((header::CONTENT_RANGE, format!("bytes */{length}")));
    }
    if let Some(seconds) = error.retry_after {
        builder.insert_header((header::RETRY_AFTER, seconds));
    }
    let body = serde_json::to_vec(&error.document(type_url, id.0.clone())).unwrap_or_default();
    ServiceResponse::new(http, builder.body(body))
}

/// The type of an error that the framework made.
fn of_status(status: StatusCode) -> &'static ProblemType {
    match status.as_u16() {
        404 => &NOT_FOUND,
        405 => &METHOD_NOT_ALLOWED,
        413 => &TOO_LARGE,
        503 => &BUSY,
        400..=499 => &BAD_REQUEST,
        _ => &INTERNAL,
    }
}

/// An error and what lies behind it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", causes(source)),
        None => error.to_string(),
    }
}

/// Adds what every answer carries.
fn finish(
    response: &mut ServiceResponse<BoxBody>,
    endpoint: Option<&Endpoint>,
    id: &RequestId,
    service: &Service,
) {
    let standing = response.request().extensions().get::<Standing>().copied();
    if service.work.is_closing() {
        // Whoever keeps the connection for the next request must not find it closed under that one.
        let head = response.response_mut().head_mut();
        head.set_connection_type(ConnectionType::Close);
    }
    let headers = response.headers_mut();
    if let Some(standing) = standing {
        standing.write(headers);
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(REQUEST_ID, value);
    }
    if let Some(standing) = &service.mirror
        && let Ok(registry) = HeaderValue::from_str(standing.base.url())
    {
        headers.insert(MIRROR, registry);
    }
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    if endpoint.is_some_and(Endpoint::is_public_read) {
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            HeaderValue::from_static("*"),
        );
        let exposed = HeaderValue::from_static(
            "ETag, Link, Content-Disposition, Content-Range, X-Request-Id, X-Registry-Mirror, Retry-After, RateLimit, RateLimit-Policy",
        );
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    } else if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
