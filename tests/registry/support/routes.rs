//! Every endpoint of the table of access as a request to somewhere.

use charter_registry::api::access::Endpoint;
use serde_json::json;
use ureq::http::Method;

use super::{charters::CHILDHOOD, client::Call};

/// A UUID that nothing has.
pub const NOBODY: &str = "0199d1c8-7f5c-7a3e-8c11-0a2f5f6f7a10";

/// The path of an endpoint; where it is of an application, of this one.
pub fn path_to(endpoint: &Endpoint, application: &str) -> String {
    let id = if endpoint.path.starts_with("/v1/applications") {
        application
    } else {
        NOBODY
    };
    endpoint
        .path
        .replace("{charter}", CHILDHOOD)
        .replace("{id}", id)
        .replace("{version}", "1")
        .replace("{comment}", NOBODY)
        .replace("{token}", "000000000000")
        .replace("{slug}", "invalid-body")
        .replace("{purpose}", "revocation")
        .replace("{n}", "1")
        .replace("{_:.*}", "")
}

/// The request of an endpoint, with an empty object where it takes a body.
pub fn call_to(endpoint: &Endpoint, application: &str) -> Call {
    let method = Method::from_bytes(endpoint.method.as_str().as_bytes()).unwrap();
    let takes_body = [Method::POST, Method::PUT, Method::PATCH].contains(&method);
    let call = Call::new(method, path_to(endpoint, application));
    if takes_body {
        call.json(&json!({}))
    } else {
        call
    }
}
