//! `import`: organisations that acceded before the registry was there become members, many at once.

use std::{fs, path::PathBuf};

use charter_proof::canonical::Digest;
use serde::Deserialize;

use crate::{
    api::{body, faults::Faults, problem::ApiError, wire::organisation::OrganisationBody},
    config::settings::Flags,
    desk::memberships::import::{self, Import as Admission, ImportError, Newcomer, Refusal},
    rules::{
        day::Day,
        memorandum::{Evidence, SigningForm},
        organisation::Organisation,
        text::Invalid,
    },
};

use super::{
    answer::{Answer, Failed},
    host,
};

/// How many faults are told before it is said that there are more.
const TOLD: usize = 50;

/// Admit many organisations at once.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Admit many organisations at once: those that acceded before the registry was there.\n\n\
                  The file is JSON Lines, an organisation a line:\n\n  \
                  {\"organisation\": {…}, \"memorandum\": {\"digest\": \"sha-256:…\", \"form\": \"paper\", \
                  \"signedOn\": \"2026-03-14\"}, \"founder\": false}\n\n\
                  `organisation` is as an application has it. `memorandum.digest` is the SHA-256 of the signed \
                  memorandum in your archive. With the command you attest what a registrar attests otherwise: that \
                  the memoranda are signed, and that the domains are the organisations' own.\n\n\
                  Every line is checked first; while one is wrong, nothing is written. All are admitted in one \
                  transaction, numbered in the order of the lines.\n\n\
                  Example:\n\n  \
                  charter-registry import members.jsonl --charter digital-ethics-of-childhood"
)]
pub(super) struct Import {
    /// The organisations, JSON Lines.
    file: PathBuf,
    /// The charter's slug.
    #[arg(long, value_name = "SLUG")]
    charter: String,
    #[command(flatten)]
    settings: Flags,
}

/// A line of the file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    organisation: OrganisationBody,
    memorandum: MemorandumLine,
    #[serde(default)]
    founder: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct MemorandumLine {
    digest: String,
    form: SigningForm,
    signed_on: String,
}

impl Import {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let text = fs::read_to_string(&self.file).map_err(|error| {
            Failed::because(format!("cannot read {}", self.file.display())).and_causes(&error)
        })?;
        let (lines, members): (Vec<usize>, Vec<Newcomer>) = read(&text)?.into_iter().unzip();
        let desk = host::open(&self.settings, "POST /v1/charters/{charter}/applications").await?;
        let command = Admission {
            charter: self.charter.clone(),
            members,
        };
        let imported = import::import(&desk, host::request(), command)
            .await
            .map_err(|error| refused(&error, &lines))?;
        let last = imported.first_number - 1 + i64::try_from(imported.count).unwrap_or(0);
        Ok(Answer::done(format!(
            "{} admitted to {} as {:06} to {last:06}; the log has {} entries\n",
            imported.count, self.charter, imported.first_number, imported.log_size,
        )))
    }
}

/// The organisations, each with the number of its line; or every fault of every line.
fn read(text: &str) -> Result<Vec<(usize, Newcomer)>, Failed> {
    let (mut members, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        match newcomer(line.as_bytes()) {
            Ok(newcomer) => members.push((number, newcomer)),
            Err(error) if error.errors.is_empty() => {
                faults.push(format!("line {number}: {}", error.detail));
            }
            Err(error) => faults.extend(
                error
                    .errors
                    .iter()
                    .map(|fault| format!("line {number}: {}: {}", fault.pointer, fault.detail)),
            ),
        }
    }
    if faults.is_empty() {
        Ok(members)
    } else {
        Err(of_faults(&faults))
    }
}

fn newcomer(line: &[u8]) -> Result<Newcomer, ApiError> {
    let line: Line = body::parse(line)?;
    let mut faults = Faults::default();
    let organisation = faults.part(
        "/organisation",
        Organisation::parse(line.organisation.into()),
    );
    let digest = Digest::from_prefixed(&line.memorandum.digest).map_err(|error| Invalid {
        code: "invalid_value",
        detail: error.to_string(),
    });
    let digest = faults.field("/memorandum/digest", digest);
    let signed_on = faults.field(
        "/memorandum/signedOn",
        Day::parse(&line.memorandum.signed_on),
    );
    let (form, founder) = (line.memorandum.form, line.founder);
    let parsed = organisation.zip(digest).zip(signed_on);
    faults.unless_any(parsed.map(|((organisation, digest), signed_on)| Newcomer {
        organisation,
        memorandum: Evidence {
            digest,
            form,
            signed_on: signed_on.0,
        },
        founder,
    }))
}

fn refused(error: &ImportError, lines: &[usize]) -> Failed {
    let line = |place: usize| lines.get(place).copied().unwrap_or_default();
    let ImportError::Refused(refusals) = error else {
        return Failed::because("nothing was admitted").and_causes(error);
    };
    let told: Vec<String> = refusals
        .iter()
        .map(|(place, refusal)| match refusal {
            Refusal::Twice { key, before } => format!(
                "line {}: {}: {key} stands in line {}, too",
                line(*place),
                refusal.pointer(),
                line(*before)
            ),
            _ => format!("line {}: {}: {refusal}", line(*place), refusal.pointer()),
        })
        .collect();
    of_faults(&told)
}

fn of_faults(faults: &[String]) -> Failed {
    let failed = Failed::because("nothing was admitted: the file is not in order yet");
    let failed = faults.iter().take(TOLD).fold(failed, Failed::and);
    match faults.len().saturating_sub(TOLD) {
        0 => failed,
        more => failed.and(format!("and {more} more")),
    }
}
