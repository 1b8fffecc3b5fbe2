//! `keys rotate` and `keys compromise`

use charter_proof::keys::{PublicKey, Purpose};
use chrono::{DateTime, SecondsFormat, Utc};

use crate::{
    config::settings::Flags,
    desk::{
        Desk,
        keys::{
            compromise::{CompromiseError, compromise_key},
            rotate::{RotateError, RotateKey, Rotation, rotate_key},
        },
    },
    log::keyring::BESIDE,
};

use super::super::{
    answer::{Answer, Failed},
    host,
};

/// Announces the next key of a purpose, or puts it in force.
pub(super) async fn rotate(
    settings: &Flags,
    purpose: Purpose,
    at_once: bool,
    anew: bool,
) -> Result<Answer, Failed> {
    let desk = host::open_alone(settings).await?;
    let command = RotateKey {
        purpose,
        at_once,
        anew,
    };
    match rotate_key(&desk, host::request(), command).await {
        Ok(Rotation::Announced { key, from }) => Ok(announced(&desk, purpose, key, from)),
        Ok(Rotation::InForce {
            key,
            replaces,
            index,
        }) => {
            let text = format!("{key} signs {} from log entry {index} on\n", what(purpose));
            let answer = with_copies(Answer::done(text), &desk, purpose, replaces);
            Ok(if at_once {
                answer.note(
                    "it was not published for a day before: whoever keeps the older keys refuses what it signs until \
                     they fetch them anew",
                )
            } else {
                answer
            })
        }
        Err(error @ RotateError::TooEarly { .. }) => Err(Failed::from(error)
            .and("run the same command then; with --now it signs at once")
            .and("whoever keeps the older keys then refuses what it signs until they fetch them anew")),
        Err(error @ RotateError::NotAtHand { .. }) => Err(Failed::from(error)
            .and("copy it from the host where it was announced, or announce another one with --anew")),
        Err(error) => Err(error.into()),
    }
}

fn announced(desk: &Desk, purpose: Purpose, key: PublicKey, from: DateTime<Utc>) -> Answer {
    let from = from.to_rfc3339_opts(SecondsFormat::Secs, true);
    let path = desk.signatory.keyring.next_path(purpose);
    Answer::done(format!("{key} is announced: it will sign {}\n", what(purpose)))
        .note(format!(
            "its private key is {}: keep a copy of it as of the others, and copy it to the key folder of every other \
             instance",
            path.display()
        ))
        .note(format!(
            "after {from} run the same command again: it puts the key in force"
        ))
}

/// What is left to be done about the key that signs no more.
fn with_copies(answer: Answer, desk: &Desk, purpose: Purpose, old: PublicKey) -> Answer {
    let fetch_anew = "whoever checks proofs needs the new policy: GET /v1/policy";
    let answer = match purpose {
        Purpose::Log | Purpose::Clock => {
            let until = (desk.now() + BESIDE).to_rfc3339_opts(SecondsFormat::Secs, true);
            answer.note(format!(
                "{old} signs beside it until {until}; then its file is destroyed"
            ))
        }
        Purpose::Record => answer.note(format!(
            "the private key of {old} is destroyed here: destroy its copies, in backups too"
        )),
    };
    if purpose == Purpose::Record {
        answer
    } else {
        answer.note(fetch_anew)
    }
}

/// Declares a key compromised.
pub(super) async fn compromise(
    settings: &Flags,
    purpose: Purpose,
    key: PublicKey,
) -> Result<Answer, Failed> {
    let desk = host::open_alone(settings).await?;
    let outcome = compromise_key(&desk, host::request(), purpose, key).await;
    let compromised = match outcome {
        Ok(compromised) => compromised,
        Err(error @ CompromiseError::EndsTheLog) => {
            return Err(Failed::from(error).and("docs/operations.md has it step by step"));
        }
        Err(error) => return Err(error.into()),
    };
    let text = format!(
        "what {key} signed for log entries from {} on does not count\n",
        compromised.to
    );
    let answer = Answer::done(text);
    Ok(match compromised.replaced_by {
        None => answer.note("another key was in force already, and stays so"),
        Some(replacement) => answer
            .note(format!(
                "{replacement} signs {} from here on",
                what(purpose)
            ))
            .note(format!(
                "copy {} to every other instance: none signs without it",
                desk.signatory.keyring.active_path(purpose).display()
            )),
    })
}

/// What a key of this purpose signs.
const fn what(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Record => "records",
        Purpose::Log => "checkpoints",
        Purpose::Clock => "the times of checkpoints",
    }
}
