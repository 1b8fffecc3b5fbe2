//! A membership credential, judged: who is a member, until when, and what the status lists say.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use charter_proof::{
    canonical::{Digest, parse_strict},
    credential::{Membership, Refusal, TYPES, jwt::verify_jwt, verify_credential},
    entry::Status,
    keys::PublicKey,
    record::LanguageTagged,
    status_list::{StatusPurpose, verify_status_list},
    verify::TrustedKeys,
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::written;
use crate::cli::answer::{Exit, printable};

/// A credential, in either form.
pub(super) enum File<'a> {
    /// With a proof in it.
    Document(&'a [u8]),
    /// A JSON Web Token.
    Token(&'a str),
}

impl<'a> File<'a> {
    /// Whether a file is a credential, and in which form.
    pub(super) fn of(file: &'a [u8]) -> Option<Self> {
        if let Ok(text) = str::from_utf8(file) {
            let text = text.trim_end();
            let is_base64url = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if text.starts_with("eyJ") && text.contains('.') && text.chars().all(is_base64url) {
                return Some(Self::Token(text));
            }
        }
        let document = parse_strict(file).ok()?;
        let types = document.get("type")?.as_array()?;
        let named = types.iter().filter_map(Value::as_str);
        named.eq(TYPES).then_some(Self::Document(file))
    }

    /// Who it says has issued it, which the signature covers.
    pub(super) fn claimed_issuer(&self) -> String {
        match self {
            Self::Document(document) => super::claimed_issuer(document),
            Self::Token(token) => {
                let payload = token.split('.').nth(1).unwrap_or_default();
                super::claimed_issuer(&URL_SAFE_NO_PAD.decode(payload).unwrap_or_default())
            }
        }
    }

    fn judged(&self, keys: &TrustedKeys, now: DateTime<Utc>) -> Result<Membership, Refusal> {
        match self {
            Self::Document(document) => verify_credential(document, keys, now),
            Self::Token(token) => verify_jwt(token, keys, now),
        }
    }
}

/// The verdict, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Judgement {
    /// `active`, `suspended`, `revoked`, or `refused`.
    verdict: &'static str,
    reasons: Vec<Reason>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential: Option<Said>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

/// Why a credential shows nothing.
#[derive(Debug, Serialize)]
struct Reason {
    code: &'static str,
    detail: String,
}

/// What an authentic credential says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Said {
    issuer: String,
    charter: String,
    charter_version: u32,
    member: Uuid,
    names: Vec<LanguageTagged>,
    keys: Vec<String>,
    status: &'static str,
    record: Uuid,
    record_digest: Digest,
    valid_from: String,
    valid_until: String,
    signed_by: PublicKey,
    lists: Vec<Listed>,
}

/// What a status list says of the credential.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    purpose: &'static str,
    is_set: bool,
    as_of: String,
}

impl Judgement {
    /// Judges a credential at a time, and looks it up in these status lists, each with its name.
    pub(super) fn of(
        file: &File<'_>,
        keys: &TrustedKeys,
        lists: &[(String, Vec<u8>)],
        now: DateTime<Utc>,
    ) -> Self {
        let said = match file.judged(keys, now) {
            Ok(said) => said,
            Err(refusal) => return Self::refused(refusal.code(), refusal.to_string()),
        };
        let mut listed = Vec::new();
        for (name, list) in lists {
            match look_up(&said, list, keys, now) {
                Ok(found) => listed.push(found),
                Err((code, detail)) => {
                    return Self::refused(code, format!("the status list {name}: {detail}"));
                }
            }
        }
        let is_listed = |purpose: StatusPurpose| {
            let mut set = listed.iter().filter(|one| one.is_set);
            set.any(|one| one.purpose == purpose.as_str())
        };
        let verdict = if is_listed(StatusPurpose::Revocation) {
            "revoked"
        } else if said.status == Status::Suspended || is_listed(StatusPurpose::Suspension) {
            "suspended"
        } else {
            "active"
        };
        Self {
            verdict,
            reasons: Vec::new(),
            exit: if verdict == "active" {
                Exit::Done
            } else {
                Exit::Refused
            },
            credential: Some(Said::of(said, listed)),
        }
    }

    fn refused(code: &'static str, detail: String) -> Self {
        Self {
            verdict: "refused",
            reasons: vec![Reason { code, detail }],
            credential: None,
            exit: Exit::Refused,
        }
    }

    /// The verdict in one line for people.
    pub(super) fn line(&self) -> String {
        let told = if let Some(said) = &self.credential {
            said.line()
        } else {
            let reasons: Vec<&str> = self.reasons.iter().map(|one| one.detail.as_str()).collect();
            reasons.join("; ")
        };
        printable(&format!("{}: {told}", self.verdict))
    }
}

/// What a list says of a credential; or why it says nothing.
fn look_up(
    said: &Membership,
    list: &[u8],
    keys: &TrustedKeys,
    now: DateTime<Utc>,
) -> Result<Listed, (&'static str, String)> {
    let list = verify_status_list(list, keys, now)
        .map_err(|refusal| (refusal.code(), refusal.to_string()))?;
    let other = "it is not one that the credential names";
    let is_set = said.listed(&list).ok_or(("other_list", other.to_owned()))?;
    Ok(Listed {
        purpose: list.purpose.as_str(),
        is_set,
        as_of: written(list.valid_from),
    })
}

impl Said {
    fn of(said: Membership, lists: Vec<Listed>) -> Self {
        Self {
            issuer: said.issuer,
            charter: said.charter,
            charter_version: said.charter_version,
            member: said.member,
            names: said.names,
            keys: said.keys,
            status: said.status.as_str(),
            record: said.record,
            record_digest: said.record_digest,
            valid_from: written(said.valid_from),
            valid_until: written(said.valid_until),
            signed_by: said.signed_by,
            lists,
        }
    }

    fn line(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(|name| name.value.as_str()).collect();
        let listed: Vec<String> = self.lists.iter().map(Listed::line).collect();
        let listed = if listed.is_empty() {
            "not looked up in the status lists".to_owned()
        } else {
            listed.join(", ")
        };
        format!(
            "{} (member {} of the charter {} version {}), {} as of {}, valid until {}, {listed}; on the word of {}",
            names.join(" / "),
            self.member,
            self.charter,
            self.charter_version,
            self.status,
            self.valid_from,
            self.valid_until,
            self.issuer
        )
    }
}

impl Listed {
    fn line(&self) -> String {
        let word = if self.is_set { "set" } else { "not set" };
        format!("{} {word} as of {}", self.purpose, self.as_of)
    }
}
