//! What is told of every request: it is counted, timed, and logged.

use std::{cell::RefCell, collections::HashMap, time::Duration};

use actix_web::{
    HttpMessage as _,
    body::BoxBody,
    dev::ServiceResponse,
    http::{Method, StatusCode},
};
use metrics::{Counter, Histogram};

use super::RequestId;
use crate::{
    api::{
        access::{self, Endpoint},
        auth,
    },
    desk::Actor,
};

/// By what requests are told apart: method, route and status.
type Kind = (&'static str, &'static str, u16);

/// The numbers of one kind of request.
struct Numbers {
    count: Counter,
    duration: Histogram,
}

thread_local! {
    /// The numbers that this worker has needed: finding one by its name and labels takes longer than counting.
    static NUMBERS: RefCell<HashMap<Kind, Numbers>> = RefCell::default();
}

impl Numbers {
    fn of((method, route, status): Kind) -> Self {
        let timed = [("method", method), ("route", route)];
        let [of_method, of_route] = timed;
        let counted = [
            (of_method.0, of_method.1.to_owned()),
            (of_route.0, of_route.1.to_owned()),
            ("status", status.to_string()),
        ];
        Self {
            count: metrics::counter!("http_requests_total", &counted),
            duration: metrics::histogram!("http_request_duration_seconds", &timed),
        }
    }
}

/// Counts and times the request, and writes its line.
///
/// Neither its address nor the client's stands there: a secret link's address holds a token, and a client's is
/// personal. What anybody may read, and was read, is logged at `debug` only: nobody need know who looked up whom.
pub(super) fn observe(
    response: &ServiceResponse<BoxBody>,
    method: &Method,
    pattern: &str,
    endpoint: Option<&Endpoint>,
    id: &RequestId,
    elapsed: Duration,
) {
    let status = response.status();
    let known = access::of_path(pattern).first();
    let (method, route) = (label(method), known.map_or("unknown", |known| known.path));
    let kind = (method, route, status.as_u16());
    NUMBERS.with_borrow_mut(|numbers| {
        let numbers = numbers.entry(kind).or_insert_with(|| Numbers::of(kind));
        numbers.duration.record(elapsed.as_secs_f64());
        numbers.count.increment(1);
    });
    if status == StatusCode::INTERNAL_SERVER_ERROR {
        metrics::counter!("problems_internal_total").increment(1);
    }
    let extensions = response.request().extensions();
    let (actor, actor_id) = extensions
        .get::<auth::Caller>()
        .map_or(("", String::new()), who);
    let (request, duration_ms) = (&id.0, elapsed.as_secs_f64() * 1000.0);
    let status = status.as_u16();
    if status < 400 && endpoint.is_some_and(Endpoint::is_public_read) {
        tracing::debug!(target: "charter_registry::request", request, method, route, status, duration_ms, actor, actor_id, "request");
    } else {
        tracing::info!(target: "charter_registry::request", request, method, route, status, duration_ms, actor, actor_id, "request");
    }
}

/// Who called, for the log: what kind, and which one.
fn who(caller: &auth::Caller) -> (&'static str, String) {
    match caller.actor {
        Actor::Anonymous => ("anonymous", String::new()),
        Actor::Applicant(id) => ("applicant", id.0.to_string()),
        Actor::Partner(id) => ("partner", id.0.to_string()),
        Actor::Operator(id, _) => ("operator", id.0.to_string()),
        Actor::System => ("system", String::new()),
        Actor::Host => ("host", String::new()),
    }
}

/// The method in metrics. A client can invent any number of others, and each would be counted for ever.
fn label(method: &Method) -> &'static str {
    const KNOWN: [(Method, &str); 7] = [
        (Method::GET, "GET"),
        (Method::HEAD, "HEAD"),
        (Method::POST, "POST"),
        (Method::PUT, "PUT"),
        (Method::PATCH, "PATCH"),
        (Method::DELETE, "DELETE"),
        (Method::OPTIONS, "OPTIONS"),
    ];
    let known = KNOWN.iter().find(|(known, _)| known == method);
    known.map_or("other", |(_, name)| name)
}

#[cfg(test)]
mod tests {
    use actix_web::http::Method;

    use super::label;

    #[test]
    fn methods_that_clients_invent_are_counted_as_one() {
        assert_eq!(label(&Method::PATCH), "PATCH");
        for invented in [&b"BREW"[..], b"BREW1"] {
            assert_eq!(label(&Method::from_bytes(invented).unwrap()), "other");
        }
    }
}
