//! What bad input gets: tables of requests, each refused with its status, its type and its place, nothing written.
//!
//! A [`Case`] is one request; [`refuses`] sends each and holds it against what it expects, against what the OpenAPI
//! document says that the endpoint can answer, and against everything that is stored.

mod application_steps;
mod applications;
mod beginnings;
mod charters;
mod decisions;
mod log_files;
mod members;
mod memoranda;
mod people;
mod queries;
mod tokens;
mod transitions;

use std::sync::LazyLock;

use serde_json::{Value, json};

pub use crate::support::routes::NOBODY;
use crate::support::{
    app::TestApp,
    client::{Answer, Call},
};

/// A request that must be refused.
pub struct Case {
    what: String,
    call: Call,
    status: u16,
    slug: &'static str,
    errors: Vec<(String, String)>,
}

/// A request that must be refused with this status and type.
pub fn refused(what: &str, call: Call, status: u16, slug: &'static str) -> Case {
    Case {
        what: what.to_owned(),
        call,
        status,
        slug,
        errors: Vec::new(),
    }
}

/// A request whose body must be refused as not valid at this place.
pub fn invalid_body(what: &str, call: Call, pointer: &str, code: &str) -> Case {
    refused(what, call, 422, "invalid-body").at(pointer, code)
}

impl Case {
    /// Names a place that the problem must list, after those named before.
    pub fn at(mut self, pointer: &str, code: &str) -> Self {
        self.errors.push((pointer.to_owned(), code.to_owned()));
        self
    }
}

/// Sends each request: each must be refused as the case says, as the API's document says, and write nothing.
pub fn refuses(app: &TestApp, cases: impl IntoIterator<Item = Case>) {
    let mut failed = Vec::new();
    for case in cases {
        let before = app.footprint();
        let answer = app.send(case.call.clone());
        let what = format!("{} ({} {})", case.what, case.call.method, case.call.path);
        if answer.status < 400 || answer.status >= 500 {
            failed.push(format!("{what}: {}", answer.status));
            continue;
        }
        let problem = answer.problem();
        let found = (problem.status, problem.slug.as_str(), &problem.errors);
        let expected = (case.status, case.slug, &case.errors);
        if found != expected {
            failed.push(format!(
                "{what}:\n  expected {expected:?}\n  found    {found:?}"
            ));
        }
        if app.footprint() != before {
            failed.push(format!("{what}: something was written"));
        }
        failed.extend(
            undocumented(&case.call, &answer, &problem.slug).map(|why| format!("{what}: {why}")),
        );
    }
    assert!(
        failed.is_empty(),
        "{} cases:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

/// The API's document.
static DOCUMENT: LazyLock<Value> =
    LazyLock::new(|| serde_json::to_value(charter_registry::api::openapi()).unwrap());

/// Whether the document keeps silent about a problem that the endpoint answered with.
fn undocumented(call: &Call, answer: &Answer, slug: &str) -> Option<String> {
    let path = call.path.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |template: &str| {
        let template: Vec<&str> = template.split('/').collect();
        let same = |(one, other): (&&str, &&str)| {
            (one.starts_with('{') && !other.is_empty()) || one == other
        };
        template.len() == segments.len() && template.iter().zip(&segments).all(same)
    };
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let (_, item) = paths.iter().find(|(template, _)| fits(template))?;
    let method = call.method.as_str().to_ascii_lowercase();
    let operation = item.get(method)?;
    let response = &operation["responses"][answer.status.to_string()];
    let told = response["description"].as_str().unwrap_or_default();
    (!told.contains(&format!("`{slug}`"))).then(|| {
        format!(
            "the document of {} does not name {} {slug}",
            operation["operationId"], answer.status
        )
    })
}

/// A copy of a document with a value put in this place; the place's parent must exist.
pub fn with(document: &Value, pointer: &str, value: Value) -> Value {
    let mut changed = document.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    match changed.pointer_mut(parent).unwrap() {
        Value::Object(object) => {
            object.insert(key.to_owned(), value);
        }
        other => other[key.parse::<usize>().unwrap()] = value,
    }
    changed
}

/// A copy of a document without this place.
pub fn without(document: &Value, pointer: &str) -> Value {
    let mut changed = document.clone();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(parent).and_then(Value::as_object_mut);
    assert!(parent.unwrap().remove(key).is_some(), "{pointer}");
    changed
}

/// Bodies that are no well-formed JSON object, for any endpoint that takes one: what, body, pointer and code.
pub fn malformed() -> Vec<(&'static str, Vec<u8>, String, &'static str)> {
    let deep = format!("{{\"organisation\":{}1{}}}", "[".repeat(64), "]".repeat(64));
    let here = String::new;
    vec![
        ("an empty body", b"".to_vec(), here(), "syntax"),
        ("half an object", b"{\"a\":".to_vec(), here(), "syntax"),
        ("a comment", b"{} // done".to_vec(), here(), "syntax"),
        ("two documents", b"{}{}".to_vec(), here(), "syntax"),
        (
            "bytes that are no UTF-8",
            b"{\"a\":\"\xFF\"}".to_vec(),
            here(),
            "syntax",
        ),
        (
            "half a surrogate pair",
            b"{\"a\":\"\\uD800\"}".to_vec(),
            here(),
            "syntax",
        ),
        (
            "a bare control character",
            b"{\"a\":\"\x01\"}".to_vec(),
            here(),
            "syntax",
        ),
        (
            "the same key twice",
            b"{\"a\":1,\"a\":2}".to_vec(),
            "/a".to_owned(),
            "duplicate_key",
        ),
        (
            "the same key twice, deep inside, once escaped",
            br#"{"a":[{"b/c":1,"b\u002fc":2}]}"#.to_vec(),
            "/a/0/b~1c".to_owned(),
            "duplicate_key",
        ),
        (
            "a number that readers round",
            b"{\"a\":9007199254740993}".to_vec(),
            "/a".to_owned(),
            "number_out_of_range",
        ),
        (
            "sixty-five levels",
            deep.into_bytes(),
            format!("/organisation{}", "/0".repeat(63)),
            "too_deep",
        ),
    ]
}

/// Documents that are JSON and no object: what and body.
pub fn not_an_object() -> [(&'static str, Value); 4] {
    [
        ("a list", json!([])),
        ("null", json!(null)),
        ("a text", json!("{}")),
        ("a number", json!(1)),
    ]
}
