//! Requests that can be kept, sent, and sent again.

use serde_json::Value;

use super::Registrar;

/// Who sends a request.
#[derive(Debug, Clone, Copy)]
pub enum Caller {
    /// A partner site.
    Partner,
    /// A clerk.
    Clerk,
    /// A registrar.
    Registrar(Registrar),
}

/// A request that can be sent again, by another client too.
#[derive(Debug, Clone)]
pub struct Request {
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) by: Caller,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    fn new(method: &'static str, by: Caller, path: String) -> Self {
        Self {
            method,
            path,
            by,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// `GET`
    pub fn get(by: Caller, path: String) -> Self {
        Self::new("GET", by, path)
    }

    /// `POST`
    pub fn post(by: Caller, path: String, body: &Value) -> Self {
        Self::new("POST", by, path).of("application/json", body.to_string())
    }

    /// `PUT`
    pub fn put(by: Caller, path: String, media_type: &str, body: Vec<u8>) -> Self {
        Self::new("PUT", by, path).of(media_type, body)
    }

    /// `PATCH`, of what has this `ETag`.
    pub fn patch(by: Caller, path: String, etag: &str, changes: &Value) -> Self {
        Self::new("PATCH", by, path)
            .of("application/merge-patch+json", changes.to_string())
            .with("If-Match", etag)
    }

    fn of(mut self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.with("Content-Type", media_type)
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Whether it asks for a change.
    pub fn is_change(&self) -> bool {
        self.method != "GET"
    }

    /// The same, carried out once however often it is sent.
    pub fn once(self, key: &str) -> Self {
        if self.is_change() {
            self.with("Idempotency-Key", key)
        } else {
            self
        }
    }
}
