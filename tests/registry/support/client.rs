//! Requests as a client sends them and answers as it sees them.

use std::{
    io::{Read as _, Write as _},
    net::{Shutdown, TcpStream},
};

use serde_json::Value;
use ureq::{
    SendBody,
    http::{HeaderMap, HeaderValue, Method, Request},
};

use super::app::TestApp;

/// A request.
#[derive(Clone)]
pub struct Call {
    /// The method.
    pub method: Method,
    /// The path, with its query.
    pub path: String,
    headers: Vec<(String, HeaderValue)>,
    body: Option<Vec<u8>>,
}

impl Call {
    /// A request by this method.
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            headers: Vec::new(),
            body: None,
        }
    }

    /// `GET`
    pub fn get(path: impl Into<String>) -> Self {
        Self::new(Method::GET, path)
    }

    /// `HEAD`
    pub fn head(path: impl Into<String>) -> Self {
        Self::new(Method::HEAD, path)
    }

    /// `OPTIONS`
    pub fn options(path: impl Into<String>) -> Self {
        Self::new(Method::OPTIONS, path)
    }

    /// `POST`
    pub fn post(path: impl Into<String>) -> Self {
        Self::new(Method::POST, path)
    }

    /// `PUT`
    pub fn put(path: impl Into<String>) -> Self {
        Self::new(Method::PUT, path)
    }

    /// `PATCH`
    pub fn patch(path: impl Into<String>) -> Self {
        Self::new(Method::PATCH, path)
    }

    /// `DELETE`
    pub fn delete(path: impl Into<String>) -> Self {
        Self::new(Method::DELETE, path)
    }

    /// With a token; with none when it is empty.
    pub fn token(self, token: &str) -> Self {
        if token.is_empty() {
            return self;
        }
        self.header("authorization", format!("Bearer {token}"))
    }

    /// With a header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = HeaderValue::from_bytes(value.as_ref()).unwrap();
        self.headers.push((name.to_owned(), value));
        self
    }

    /// With JSON as its body.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// With a body of this media type.
    pub fn body(self, media_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.header("content-type", media_type).bytes(body)
    }

    /// With a body that is not said to be of any type.
    pub fn bytes(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }
}

/// An answer, read whole.
#[derive(Clone)]
pub struct Answer {
    /// The request's method and path.
    asked: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// What a problem document says.
#[derive(Debug, PartialEq, Eq)]
pub struct Problem {
    /// The status.
    pub status: u16,
    /// The end of its `type`.
    pub slug: String,
    /// The places that are not valid: pointer and code.
    pub errors: Vec<(String, String)>,
}

impl TestApp {
    /// Sends a request and reads the answer.
    pub fn send(&self, call: Call) -> Answer {
        let asked = format!("{} {}", call.method, call.path);
        let mut request = Request::builder()
            .method(call.method)
            .uri(format!("http://{}{}", self.address, call.path));
        for (name, value) in call.headers {
            request = request.header(name, value);
        }
        let takes_body = request
            .method_ref()
            .is_some_and(|method| [Method::POST, Method::PUT, Method::PATCH].contains(method));
        let response = match call.body {
            None if !takes_body => self.agent.run(request.body(SendBody::none()).unwrap()),
            body => self
                .agent
                .run(request.body(body.unwrap_or_default()).unwrap()),
        };
        let (parts, mut body) = response
            .unwrap_or_else(|error| panic!("{asked}: {error}"))
            .into_parts();
        let body = body.with_config().limit(64 << 20).read_to_vec();
        Answer {
            body: body.unwrap_or_else(|error| panic!("{asked}: {error}")),
            asked,
            status: parts.status.as_u16(),
            headers: parts.headers,
        }
    }

    /// Sends bytes as they are, closes the sending half and reads whatever comes back.
    pub fn send_raw(&self, request: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .unwrap_or_else(|| panic!("no answer to {}", String::from_utf8_lossy(request)));
        let head = String::from_utf8(answer[..end].to_vec()).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap();
        let headers = lines.map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            let name: ureq::http::HeaderName = name.parse().unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        Answer {
            asked: String::from_utf8_lossy(request)
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned(),
            status: status.parse().unwrap(),
            headers: headers.collect(),
            body: answer[end + 4..].to_vec(),
        }
    }
}

impl Answer {
    /// The answer, which must have this status.
    #[track_caller]
    pub fn must_be(self, status: u16) -> Self {
        assert_eq!(
            self.status,
            status,
            "{}: {}",
            self.asked,
            String::from_utf8_lossy(&self.body)
        );
        self
    }

    /// The body as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| {
            panic!(
                "{}: {error}: {}",
                self.asked,
                String::from_utf8_lossy(&self.body)
            )
        })
    }

    /// The body as it was before it was compressed.
    pub fn unpacked(&self) -> Vec<u8> {
        let mut body = Vec::new();
        match self.header("content-encoding") {
            "zstd" => body = zstd::decode_all(self.body.as_slice()).unwrap(),
            "gzip" => drop(
                flate2::read::GzDecoder::new(self.body.as_slice())
                    .read_to_end(&mut body)
                    .unwrap(),
            ),
            other => {
                assert_eq!(other, "", "{}", self.asked);
                body.clone_from(&self.body);
            }
        }
        body
    }

    /// The text at this place of the body.
    #[track_caller]
    pub fn text(&self, pointer: &str) -> String {
        text(&self.json(), pointer)
    }

    /// The items of a list.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().unwrap().clone()
    }

    /// A header; empty where it is absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }

    /// The problem document: whole, and of the form that every error has.
    #[track_caller]
    pub fn problem(&self) -> Problem {
        let asked = &self.asked;
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{asked}: {}",
            String::from_utf8_lossy(&self.body)
        );
        assert_eq!(self.header("cache-control"), "no-store", "{asked}");
        let document = self.json();
        assert_eq!(document["status"], self.status, "{asked}");
        for field in ["title", "detail"] {
            assert_ne!(
                text(&document, &format!("/{field}")),
                "",
                "{asked}: {field}"
            );
        }
        let request = text(&document, "/instance");
        assert_eq!(self.header("x-request-id"), request, "{asked}");
        let kind = text(&document, "/type");
        let slug = kind.strip_prefix("https://registry.example/problems/");
        let errors = document["errors"].as_array().cloned().unwrap_or_default();
        for error in &errors {
            assert_ne!(text(error, "/detail"), "", "{asked}: {error}");
        }
        Problem {
            status: self.status,
            slug: slug.unwrap_or_else(|| panic!("{asked}: {kind}")).to_owned(),
            errors: errors
                .iter()
                .map(|error| (text(error, "/pointer"), text(error, "/code")))
                .collect(),
        }
    }

    /// Asserts that the request was refused with this problem.
    #[track_caller]
    pub fn must_be_refused(&self, status: u16, slug: &str) {
        let problem = self.problem();
        assert_eq!(
            (problem.status, problem.slug.as_str()),
            (status, slug),
            "{}: {}",
            self.asked,
            self.json()
        );
    }
}

/// The text at this place of a document.
#[track_caller]
pub fn text(document: &Value, pointer: &str) -> String {
    let found = document.pointer(pointer).and_then(Value::as_str);
    found
        .unwrap_or_else(|| panic!("no text at {pointer} of {document}"))
        .to_owned()
}
