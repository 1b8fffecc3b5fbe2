//! What the registry answers a client.

use serde_json::Value;
use ureq::{Body, http};

/// An answer that is no fault of the registry's.
#[derive(Debug)]
pub struct Answer {
    status: u16,
    etag: Option<String>,
    body: Value,
}

impl Answer {
    /// Reads an answer whole.
    pub(super) fn of(mut response: http::Response<Body>) -> Result<Self, ureq::Error> {
        let text = response.body_mut().read_to_string()?;
        let etag = response.headers().get("etag");
        Ok(Self {
            status: response.status().as_u16(),
            etag: etag.map(|tag| tag.to_str().unwrap().to_owned()),
            body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
        })
    }

    /// Whether the registry failed.
    pub(super) fn is_failure(&self) -> bool {
        self.status >= 500
    }

    /// The body of an answer that must be a success.
    pub fn done(self) -> Value {
        assert!(self.status < 300, "{self:?}");
        self.body
    }

    /// The body of an answer that must be a success, to look at.
    pub fn success(&self) -> &Value {
        assert!(self.status < 300, "{self:?}");
        &self.body
    }

    /// Whether it is this problem.
    pub(super) fn is(&self, slug: &str) -> bool {
        let kind = self.body["type"].as_str().unwrap_or_default();
        kind.rsplit('/').next() == Some(slug)
    }

    /// Whether it is a success.
    pub const fn is_success(&self) -> bool {
        self.status < 300
    }

    /// The version of what was read, for a change of it.
    pub fn etag(&self) -> &str {
        self.etag.as_deref().unwrap()
    }

    /// The success, or the slug of the problem, which must be one of these.
    pub fn or_refused(self, expected: &[&str]) -> Result<Value, String> {
        if self.status < 300 {
            return Ok(self.body);
        }
        let kind = self.body["type"].as_str().unwrap_or_default();
        let slug = kind.rsplit('/').next().unwrap_or_default();
        assert!(expected.contains(&slug), "{self:?}");
        Err(slug.to_owned())
    }
}
