//! A membership proof, judged: what a key stands for in a charter, as of when, on whose word.

use charter_proof::{
    policy::Policy,
    proof_file,
    record::LanguageTagged,
    verify::{Question, Refusal, Standing, Verdict, verify},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use super::written;
use crate::cli::answer::{Exit, printable};

/// Whether a file is a membership proof.
pub(super) fn is_proof(file: &[u8]) -> bool {
    let line = file.split(|byte| *byte == b'\n').next();
    line.is_some_and(|line| line.starts_with(proof_file::HEADER.as_bytes()))
}

/// The verdict, as `--json` prints it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Judgement {
    /// `active`, `suspended`, `excluded`, `withdrawn`, `released`, `never`, or `refused`.
    verdict: &'static str,
    charter: String,
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    proven: Option<Proven>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Reason>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Proven {
    as_of: String,
    word: &'static str,
    origin: String,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    member: Option<Uuid>,
    names: Vec<LanguageTagged>,
    record_withheld: bool,
}

#[derive(Debug, Serialize)]
struct Reason {
    code: &'static str,
    detail: String,
}

impl Judgement {
    /// Judges a proof at a time.
    pub(super) fn of(
        proof: &[u8],
        question: &Question,
        policy: &Policy,
        now: DateTime<Utc>,
    ) -> Self {
        let judged = verify(proof, question, policy, now);
        let (charter, key) = (question.charter.clone(), question.key.canonical());
        match judged {
            Ok(verdict) => Self {
                verdict: verdict.standing.as_str(),
                charter,
                key,
                // A file that proves that somebody is no member is a good file, and no yes.
                exit: match verdict.standing {
                    Standing::Active => Exit::Done,
                    _ => Exit::Refused,
                },
                proven: Some(Proven::of(verdict, question)),
                reason: None,
            },
            Err(refusal) => Self {
                verdict: "refused",
                charter,
                key,
                proven: None,
                reason: Some(Reason::of(&refusal)),
                exit: Exit::Refused,
            },
        }
    }

    /// The verdict in one line for people.
    pub(super) fn line(&self) -> String {
        let (what, of) = (
            self.verdict,
            format!("{} in the charter {}", self.key, self.charter),
        );
        let line = match (&self.proven, &self.reason) {
            (Some(proven), _) => {
                let names: Vec<&str> = proven
                    .names
                    .iter()
                    .map(|name| name.value.as_str())
                    .collect();
                let who = match (names.as_slice(), proven.record_withheld) {
                    ([], true) => " (record withheld)".to_owned(),
                    ([], false) => String::new(),
                    (names, _) => format!(" ({})", names.join(" / ")),
                };
                let whose = match proven.word {
                    "witnessed" => "on the word of independent witnesses",
                    "mirrors" => "on the word of mirrors alone",
                    _ => "on the registry's own word",
                };
                format!(
                    "{what}: {of}{who}, as of {}, {whose}, by {} entries of {}",
                    proven.as_of, proven.size, proven.origin
                )
            }
            (None, Some(reason)) => format!("{what}: {of}: {}", reason.detail),
            (None, None) => format!("{what}: {of}"),
        };
        printable(&line)
    }
}

impl Proven {
    fn of(verdict: Verdict, question: &Question) -> Self {
        Self {
            as_of: written(verdict.as_of),
            word: verdict.word.as_str(),
            origin: question.origin.clone(),
            size: verdict.size,
            member: verdict.member,
            names: verdict.names,
            record_withheld: verdict.record_withheld,
        }
    }
}

impl Reason {
    fn of(refusal: &Refusal) -> Self {
        Self {
            code: refusal.code(),
            detail: refusal.to_string(),
        }
    }
}
