//! A registry record, judged: what the registry recorded, and nothing about today.

use charter_proof::{
    canonical::Digest,
    keys::PublicKey,
    record::LanguageTagged,
    verify::{Reason, RecordSummary, RecordVerdict},
};
use serde::Serialize;
use uuid::Uuid;

use super::written;
use crate::cli::answer::{Exit, printable};

/// The verdict, as `--json` prints it: in the words of `POST /v1/verify`.
#[derive(Debug, Serialize)]
pub(super) struct Judgement {
    verdict: &'static str,
    reasons: Vec<Refusal>,
    #[serde(skip_serializing_if = "Option::is_none")]
    record: Option<Established>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

/// Why a record is not authentic.
#[derive(Debug, Serialize)]
struct Refusal {
    code: &'static str,
    detail: String,
}

/// What an authentic record says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Established {
    id: Uuid,
    issuer: String,
    charter: String,
    charter_version: u32,
    member: Uuid,
    names: Vec<LanguageTagged>,
    event: &'static str,
    at: String,
    resulting_status: &'static str,
    digest: Digest,
    signed_by: PublicKey,
}

impl From<RecordVerdict> for Judgement {
    fn from(verdict: RecordVerdict) -> Self {
        match verdict {
            RecordVerdict::Authentic(summary) => Self {
                verdict: "authentic",
                reasons: Vec::new(),
                record: Some(Established::from(*summary)),
                exit: Exit::Done,
            },
            RecordVerdict::PositionUnknown { key, digest } => Self {
                verdict: "position-unknown",
                reasons: vec![Refusal::position_unknown(&key, &digest)],
                record: None,
                exit: Exit::Unusable,
            },
            RecordVerdict::Refused(reasons) => Self {
                verdict: "refused",
                reasons: reasons.iter().map(Refusal::from).collect(),
                record: None,
                exit: Exit::Refused,
            },
        }
    }
}

impl From<&Reason> for Refusal {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code(),
            detail: reason.to_string(),
        }
    }
}

impl Refusal {
    fn position_unknown(key: &PublicKey, digest: &Digest) -> Self {
        Self {
            code: "position_unknown",
            detail: format!(
                "{key} signed it, which may have been retired by then; find the log entry that names the \
                 record {digest} and give its index (--index) with the key list (--keys)"
            ),
        }
    }
}

impl From<RecordSummary> for Established {
    fn from(summary: RecordSummary) -> Self {
        Self {
            id: summary.id,
            issuer: summary.issuer,
            charter: summary.charter,
            charter_version: summary.charter_version,
            member: summary.member,
            names: summary.names,
            event: summary.event.as_str(),
            at: written(summary.at),
            resulting_status: summary.resulting_status.as_str(),
            digest: summary.digest,
            signed_by: summary.signed_by,
        }
    }
}

impl Judgement {
    /// The verdict in one line for people.
    pub(super) fn line(&self) -> String {
        let said = self.record.as_ref().map_or_else(
            || {
                let reasons: Vec<&str> =
                    self.reasons.iter().map(|one| one.detail.as_str()).collect();
                reasons.join("; ")
            },
            Established::line,
        );
        printable(&format!("{}: {said}", self.verdict))
    }
}

impl Established {
    fn line(&self) -> String {
        let names: Vec<&str> = self.names.iter().map(|name| name.value.as_str()).collect();
        format!(
            "{} ({} in the charter {} version {}) at {}, status then {}; recorded by {}, signed with {}",
            names.join(" / "),
            self.event,
            self.charter,
            self.charter_version,
            self.at,
            self.resulting_status,
            self.issuer,
            self.signed_by
        )
    }
}
