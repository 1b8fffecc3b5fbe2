//! Speaks to the server, and shows each call as the `curl` line that does the same.

use std::time::Duration;

use serde_json::Value;
use ureq::{Agent, Body, http};

use crate::cli::answer::{Failed, printable};

/// How much of an answer is shown, in characters.
const SHOWN: usize = 200;

/// A client of one server.
pub(super) struct Client {
    agent: Agent,
    address: String,
}

/// A call to be made.
pub(super) struct Call<'a> {
    pub(super) method: &'static str,
    pub(super) path: &'a str,
    pub(super) token: Option<&'a str>,
    pub(super) body: Content<'a>,
    /// What `If-Match` names.
    pub(super) if_match: Option<&'a str>,
}

/// What a call sends.
pub(super) enum Content<'a> {
    Nothing,
    Json(&'a Value),
    /// A file, by the name that the `curl` line gives it.
    File {
        name: &'a str,
        media_type: &'static str,
        bytes: &'a [u8],
    },
}

/// What came back.
pub(super) struct Answered {
    pub(super) text: String,
    pub(super) json: Value,
    pub(super) etag: String,
}

impl<'a> Call<'a> {
    /// A read, open to anybody.
    pub(super) const fn get(path: &'a str) -> Self {
        Self {
            method: "GET",
            path,
            token: None,
            body: Content::Nothing,
            if_match: None,
        }
    }

    /// A call that sends JSON.
    pub(super) const fn json(
        method: &'static str,
        path: &'a str,
        token: &'a str,
        body: &'a Value,
    ) -> Self {
        Self {
            method,
            path,
            token: Some(token),
            body: Content::Json(body),
            if_match: None,
        }
    }
}

impl Client {
    pub(super) fn new(address: &str) -> Self {
        let agent = Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(30)))
            .build()
            .into();
        Self {
            agent,
            address: address.to_owned(),
        }
    }

    /// Makes the call, and shows it with what came back.
    pub(super) fn show(&self, call: &Call<'_>) -> Result<Answered, Failed> {
        say!("   {}", self.curl(call));
        let answered = self.make(call)?;
        say!("   → {}\n", shortened(&answered.text));
        Ok(answered)
    }

    /// Makes the call without a word.
    pub(super) fn make(&self, call: &Call<'_>) -> Result<Answered, Failed> {
        let mut request = http::Request::builder()
            .method(call.method)
            .uri(format!("{}{}", self.address, call.path));
        if let Some(token) = call.token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        if let Some(tag) = call.if_match {
            request = request.header("If-Match", tag);
        }
        let mut response = match &call.body {
            Content::Nothing => self.agent.run(request.body(())?)?,
            Content::Json(value) => {
                let request = request.header("Content-Type", "application/json");
                self.agent.run(request.body(value.to_string())?)?
            }
            Content::File {
                media_type, bytes, ..
            } => self
                .agent
                .run(request.header("Content-Type", *media_type).body(*bytes)?)?,
        };
        answered(call, &mut response)
    }

    fn curl(&self, call: &Call<'_>) -> String {
        let mut line = String::from("curl -s");
        if call.method != "GET" {
            line.push_str(&format!(" -X {}", call.method));
        }
        line.push_str(&format!(" '{}{}'", self.address, call.path));
        if let Some(token) = call.token {
            line.push_str(&format!(" -H 'Authorization: Bearer {token}'"));
        }
        if let Some(tag) = call.if_match {
            line.push_str(&format!(" -H 'If-Match: {tag}'"));
        }
        match &call.body {
            Content::Nothing => {}
            Content::Json(value) => {
                line.push_str(&format!(
                    " -H 'Content-Type: application/json' -d '{}'",
                    value.to_string().replace('\'', "'\\''")
                ));
            }
            Content::File {
                name, media_type, ..
            } => {
                line.push_str(&format!(
                    " -H 'Content-Type: {media_type}' --data-binary '@{name}'"
                ));
            }
        }
        line
    }
}

fn answered(call: &Call<'_>, response: &mut http::Response<Body>) -> Result<Answered, Failed> {
    let status = response.status();
    let etag = response
        .headers()
        .get("etag")
        .and_then(|tag| tag.to_str().ok())
        .unwrap_or_default()
        .to_owned();
    let text = response.body_mut().read_to_string()?;
    if !status.is_success() {
        return Err(Failed::because(format!(
            "{} {} was answered {status}",
            call.method, call.path
        ))
        .and(printable(&text)));
    }
    let json = serde_json::from_str(&text).unwrap_or_default();
    Ok(Answered { text, json, etag })
}

/// The beginning of an answer, in one line.
fn shortened(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((end, _)) => printable(&format!("{}…", line.get(..end).unwrap_or(&line))),
        None => printable(&line),
    }
}
