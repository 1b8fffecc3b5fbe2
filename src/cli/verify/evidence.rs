//! Evidence against a registry, judged: whether its own signatures contradict each other.

use charter_proof::{
    canonical::parse_strict,
    evidence::{NotShown, Shown, verify_evidence},
    policy::Policy,
};
use serde::Serialize;

use crate::cli::answer::{Exit, printable};

/// The verdict, as `--json` prints it.
#[derive(Debug, Serialize)]
pub(super) struct Judgement {
    verdict: &'static str,
    detail: String,
    #[serde(skip)]
    pub(super) exit: Exit,
}

/// Whether a file is one that a mirror lays down.
pub(super) fn is_evidence(file: &[u8]) -> bool {
    file.starts_with(b"{\"origin\":")
        && parse_strict(file).is_ok_and(|document| document.get("what").is_some())
}

impl Judgement {
    /// Judges a file.
    pub(super) fn of(file: &[u8], policy: &Policy) -> Self {
        let judged: Result<Shown, NotShown> = verify_evidence(file, policy);
        match judged {
            Ok(shown) => Self {
                verdict: "contradiction",
                detail: shown.to_string(),
                exit: Exit::Done,
            },
            Err(not) => Self {
                verdict: "refused",
                detail: not.to_string(),
                exit: Exit::Refused,
            },
        }
    }

    /// The verdict in one line.
    pub(super) fn line(&self) -> String {
        format!("{}: {}", self.verdict, printable(&self.detail))
    }
}
