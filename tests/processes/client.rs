//! A client of one instance, by the tokens of everybody at once.

mod answer;
mod request;

use std::time::Duration;

use serde_json::{Value, json};
use ureq::{Agent, http};

pub use answer::Answer;
pub use request::{Caller, Request};

use crate::host::Host;

/// The charter of these tests.
pub const CHARTER: &str = "digital-ethics-of-childhood";

/// A scan as small as one can be.
pub const SCAN: &[u8] = b"%PDF-1.4\n\
    1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj\n\
    2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj\n\
    3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >> endobj\n\
    trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n";

/// The tokens of those who work with the registry.
#[derive(Clone)]
pub struct Tokens {
    partner: String,
    clerk: String,
    registrars: [String; 2],
}

impl Tokens {
    /// Makes the accounts on the host.
    pub fn issue(host: &Host) -> Self {
        let operator = |name: &str, role| host.answer(&["operator", "add", name, "--role", role]);
        Self {
            partner: host.answer(&["partner", "add", "Portal"]),
            clerk: operator("Clerk", "clerk"),
            registrars: [operator("A", "registrar"), operator("B", "registrar")],
        }
    }
}

impl Tokens {
    /// All of them.
    pub fn all(&self) -> Vec<String> {
        let [first, second] = self.registrars.clone();
        vec![self.partner.clone(), self.clerk.clone(), first, second]
    }
}

/// One of the two registrars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registrar {
    /// The one.
    First,
    /// The other.
    Second,
}

impl Registrar {
    /// The one who may approve what this one proposed.
    pub const fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// A client of one instance.
pub struct Client {
    agent: Agent,
    base: String,
    tokens: Tokens,
}

impl Client {
    /// A client of the instance at this address.
    pub fn new(address: &str, tokens: &Tokens) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None);
        Self::of(config.build().into(), address, tokens)
    }

    /// A client that waits for an answer no longer than this.
    pub fn impatient(address: &str, tokens: &Tokens, patience: Duration) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(patience));
        Self::of(config.build().into(), address, tokens)
    }

    fn of(agent: Agent, address: &str, tokens: &Tokens) -> Self {
        Self {
            agent,
            base: format!("http://{address}"),
            tokens: tokens.clone(),
        }
    }

    /// Sends a request. Whatever happens to it, the registry must not fail.
    fn send(&self, request: http::request::Builder, path: &str, body: Vec<u8>) -> Answer {
        self.run(request, path, body)
            .unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Sends a request to a server that may be no more; no answer, or half of one, is none.
    pub fn attempt(&self, request: &Request) -> Option<Answer> {
        let built = self.built(request);
        self.run(built, &request.path, request.body.clone()).ok()
    }

    /// Sends a request to a server that may be unable to answer it, and says why it was not answered.
    pub fn ask(&self, request: &Request) -> Result<Answer, String> {
        let built = self.built(request).uri(self.url(&request.path));
        let response = self.agent.run(built.body(request.body.clone()).unwrap());
        let response = response.map_err(|error| error.to_string())?;
        let status = response.status();
        let answer = Answer::of(response).map_err(|error| format!("{status}: {error}"))?;
        if answer.is_failure() {
            return Err(format!("{answer:?}"));
        }
        Ok(answer)
    }

    fn built(&self, request: &Request) -> http::request::Builder {
        let token = match request.by {
            Caller::Partner => &self.tokens.partner,
            Caller::Clerk => &self.tokens.clerk,
            Caller::Registrar(which) => self.registrar(which),
        };
        let built = by(request.method, token);
        let headers = request.headers.iter();
        headers.fold(built, |built, (name, value)| built.header(*name, value))
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    fn run(
        &self,
        request: http::request::Builder,
        path: &str,
        body: Vec<u8>,
    ) -> Result<Answer, ureq::Error> {
        let request = request.uri(self.url(path));
        let request = request.body(body).unwrap();
        let answer = Answer::of(self.agent.run(request)?)?;
        let told = [
            "timed-out",
            "clock-wrong",
            "signing-key-missing",
            "log-contradicted",
        ];
        let is_told = told.iter().any(|slug| answer.is(slug));
        assert!(!answer.is_failure() || is_told, "{path}: {answer:?}");
        Ok(answer)
    }

    fn change(&self, method: &str, token: &str, path: &str, body: &Value) -> Answer {
        let request = by(method, token).header("Content-Type", "application/json");
        self.send(request, path, body.to_string().into_bytes())
    }

    fn registrar(&self, which: Registrar) -> &str {
        match which {
            Registrar::First => &self.tokens.registrars[0],
            Registrar::Second => &self.tokens.registrars[1],
        }
    }

    /// Reads, as a registrar.
    pub fn get(&self, path: &str) -> Answer {
        self.send(by("GET", &self.tokens.registrars[0]), path, Vec::new())
    }

    /// Reads bytes that anybody may read.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let request = http::Request::get(self.url(path));
        let mut response = self.agent.run(request.body(()).unwrap()).unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.body_mut().read_to_vec().unwrap()
    }

    /// The same from a server that may be no more.
    pub fn attempt_bytes(&self, path: &str) -> Option<Vec<u8>> {
        let request = http::Request::get(self.url(path));
        let mut response = self.agent.run(request.body(()).unwrap()).ok()?;
        assert_eq!(response.status(), 200, "{path}");
        response.body_mut().read_to_vec().ok()
    }

    /// The same from a server that may be unable to answer; says why it did not.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        let told = |error: ureq::Error| format!("{path}: {error}");
        let request = http::Request::get(self.url(path));
        let mut response = self.agent.run(request.body(()).unwrap()).map_err(told)?;
        let status = response.status();
        let body = response.body_mut().read_to_vec().map_err(told)?;
        match status.as_u16() {
            200 => Ok(body),
            _ => Err(format!(
                "{path}: {status} {}",
                String::from_utf8_lossy(&body)
            )),
        }
    }

    /// Applies for an organisation with these identifiers.
    pub fn apply(&self, identifiers: &Value) -> Answer {
        let path = format!("/v1/charters/{CHARTER}/applications");
        self.change("POST", &self.tokens.partner, &path, &applying(identifiers))
    }

    /// Makes out the memorandum of an application.
    pub fn issue_memorandum(&self, application: &str) -> Answer {
        let path = format!("/v1/applications/{application}/memorandum");
        self.change("POST", &self.tokens.clerk, &path, &json!({}))
    }

    /// Hands in the memorandum, signed.
    pub fn upload_scan(&self, application: &str, scan: &[u8]) -> Answer {
        let path = format!("/v1/applications/{application}/memorandum/scan");
        let request = by("PUT", &self.tokens.partner).header("Content-Type", "application/pdf");
        self.send(request, &path, scan.to_owned())
    }

    /// Brings an application to where the registrars come in, and returns its identifier.
    pub fn bring(&self, identifiers: &Value) -> Result<String, String> {
        let refusals = &["already-a-member", "former-member"];
        let applied = self.apply(identifiers).or_refused(refusals)?;
        let id = applied["id"].as_str().unwrap();
        self.issue_memorandum(id).done();
        self.upload_scan(id, SCAN).done();
        Ok(id.to_owned())
    }

    /// Proposes to admit an applicant.
    pub fn propose_admission(&self, application: &str, by: Registrar) -> Answer {
        let path = format!("/v1/applications/{application}/admission");
        self.change("POST", self.registrar(by), &path, &json!({}))
    }

    /// Proposes to exclude a member.
    pub fn propose_exclusion(&self, member: &str, by: Registrar) -> Answer {
        let reasons = json!({"ground": "unreachable", "statement": {"ru": "Не отвечает."}});
        self.propose(member, "exclusion", &reasons, by)
    }

    /// Proposes to suspend a member.
    pub fn propose_suspension(&self, member: &str, by: Registrar) -> Answer {
        let reasons = json!({"ground": "unreachable", "statement": {"ru": "Не отвечает."}});
        self.propose(member, "suspension", &reasons, by)
    }

    /// Proposes to suspend a member until this day.
    pub fn propose_suspension_until(&self, member: &str, until: &str, by: Registrar) -> Answer {
        let reasons =
            json!({"ground": "unreachable", "statement": {"ru": "Не отвечает."}, "until": until});
        self.propose(member, "suspension", &reasons, by)
    }

    /// Proposes to end a suspension.
    pub fn propose_reinstatement(&self, member: &str, by: Registrar) -> Answer {
        let reasons = json!({"ground": "error_corrected", "statement": {"ru": "Нашёлся."}});
        self.propose(member, "reinstatement", &reasons, by)
    }

    fn propose(&self, member: &str, change: &str, reasons: &Value, by: Registrar) -> Answer {
        let path = format!("{}/{change}", member_path(member));
        self.change("POST", self.registrar(by), &path, reasons)
    }

    /// Approves a decision as it was read.
    pub fn approve(&self, decision: &Value, by: Registrar) -> Answer {
        self.change(
            "POST",
            self.registrar(by),
            &approval_path(decision),
            &json!({"digest": decision["digest"]}),
        )
    }

    /// The same, safe to repeat.
    pub fn approve_once(&self, decision: &Value, by: Registrar, key: &str) -> Answer {
        let request = self::by("POST", self.registrar(by))
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", key);
        let body = json!({"digest": decision["digest"]}).to_string();
        self.send(request, &approval_path(decision), body.into_bytes())
    }

    /// Brings an organisation to its membership, and returns the member's identifier.
    pub fn admit(&self, identifiers: &Value) -> String {
        let application = self.bring(identifiers).unwrap();
        let proposal = self.propose_admission(&application, Registrar::First);
        let approved = self.approve(&proposal.done(), Registrar::Second).done();
        approved["member"]["id"].as_str().unwrap().to_owned()
    }

    /// The decisions that are open.
    pub fn open_decisions(&self) -> Vec<Value> {
        let page = self.get("/v1/decisions?state=proposed&limit=100").done();
        page["items"].as_array().unwrap().clone()
    }

    /// The applications that nobody has looked at yet.
    pub fn received(&self) -> Vec<Value> {
        let page = self.get("/v1/applications?state=received&limit=100").done();
        page["items"].as_array().unwrap().clone()
    }

    /// Reads a member.
    pub fn member(&self, member: &str) -> Answer {
        self.get(&member_path(member))
    }

    /// What happened to a member, oldest first.
    pub fn history(&self, member: &str) -> Vec<Value> {
        let history = self.get(&format!("{}/history", member_path(member)));
        history.done()["items"].as_array().unwrap().clone()
    }

    /// Amends a member as it was read.
    pub fn amend(&self, member: &str, read: &Answer, patch: &Value) -> Answer {
        let request = by("PATCH", self.registrar(Registrar::First))
            .header("Content-Type", "application/merge-patch+json")
            .header("If-Match", read.etag());
        self.send(
            request,
            &member_path(member),
            patch.to_string().into_bytes(),
        )
    }

    /// Proposes to redact a record, as an administrator of this token.
    pub fn redact(&self, administrator: &str, record: &str, redaction: &Value) -> Answer {
        let path = format!("/v1/records/{record}/redaction");
        self.change("POST", administrator, &path, redaction)
    }

    /// A header of the answer to anybody who reads this.
    pub fn header(&self, path: &str, name: &str) -> Option<String> {
        let request = http::Request::get(self.url(path));
        let response = self.agent.run(request.body(()).unwrap()).unwrap();
        let value = response.headers().get(name)?;
        Some(value.to_str().unwrap().to_owned())
    }

    /// The status of the answer, whichever it is.
    pub fn status(&self, path: &str) -> u16 {
        let request = http::Request::get(self.url(path));
        let response = self.agent.run(request.body(()).unwrap());
        response.unwrap().status().as_u16()
    }

    /// Ends a membership on the member's wish.
    pub fn withdraw(&self, member: &str) -> Answer {
        let path = format!("{}/withdrawal", member_path(member));
        let body = json!({"statement": {"ru": "По собственному желанию."}});
        self.change("POST", self.registrar(Registrar::Second), &path, &body)
    }
}

fn by(method: &str, token: &str) -> http::request::Builder {
    http::Request::builder()
        .method(method)
        .header("Authorization", format!("Bearer {token}"))
}

/// The application of an organisation with these identifiers.
pub fn applying(identifiers: &Value) -> Value {
    json!({
        "organisation": {
            "name": {"ru": format!("Школа {identifiers}")}, "category": "educational_institution", "country": "RU",
            "identifiers": identifiers,
        },
        "contact": {"name": "Фамилия Имя", "position": "Директор", "email": "office@school.example"},
    })
}

/// The path of a member.
pub fn member_path(member: &str) -> String {
    format!("/v1/charters/{CHARTER}/members/{member}")
}

fn approval_path(decision: &Value) -> String {
    let id = decision["id"].as_str().unwrap();
    format!("/v1/decisions/{id}/approval")
}
