//! The policy file of a charter registry: JSON.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Policy, Quorum, Witness};
use crate::canonical::{StrictJsonError, parse_strict};
use crate::note::{Kind, NoteKey};

/// The text is not a registry's policy file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePolicyError {
    /// Not strict JSON.
    #[error("the policy is not valid JSON: {0}")]
    Json(#[from] StrictJsonError),
    /// Fields missing, unknown or of the wrong type.
    #[error("the policy does not have the fields of one: {0}")]
    Fields(#[from] serde_json::Error),
    /// A key is none, or not of the kind that stands in its place.
    #[error(
        "{field} of the policy: {key:?} is no key of the form name+id+base64, of type {expected}"
    )]
    Key {
        /// Where it stands.
        field: &'static str,
        /// What stands there.
        key: String,
        /// The signature type that is expected.
        expected: &'static str,
    },
    /// A log key has another name than the origin: it could sign nothing of this log.
    #[error("log of the policy: the key is named {name}, and the origin is {origin}")]
    OtherOrigin {
        /// The key's name.
        name: String,
        /// The policy's origin.
        origin: String,
    },
    /// There is no log key, or no clock key though witnesses alone will not do.
    #[error("{0} of the policy: at least one key is needed")]
    NoKey(&'static str),
    /// More witnesses are wanted than there are.
    #[error("quorum of the policy: {needed} of {there} witnesses can never be there")]
    Quorum {
        /// How many are wanted.
        needed: usize,
        /// How many there are.
        there: usize,
    },
    /// Cosignatures would have to be younger than they can be.
    #[error("maxAge of the policy: from 1 second to 400 days")]
    MaxAge,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    clock: Vec<String>,
    log: Vec<String>,
    /// Seconds.
    max_age: u32,
    origin: String,
    #[serde(default)]
    quorum: usize,
    #[serde(default)]
    witnesses: Vec<WireWitness>,
    #[serde(default)]
    witnesses_alone: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WireWitness {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    log: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    map: Option<String>,
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    url: Option<String>,
}

impl Policy {
    /// Reads a registry's policy file.
    pub fn from_json(text: &str) -> Result<Self, ParsePolicyError> {
        let wire: Wire = serde_json::from_value(parse_strict(text.as_bytes())?)?;
        let log_keys = keys("log", wire.log, Kind::Plain)?;
        if let Some(other) = log_keys.iter().find(|key| key.name() != wire.origin) {
            return Err(ParsePolicyError::OtherOrigin {
                name: other.name().to_owned(),
                origin: wire.origin,
            });
        }
        if log_keys.is_empty() {
            return Err(ParsePolicyError::NoKey("log"));
        }
        let clock_keys = keys("clock", wire.clock, Kind::Cosignature)?;
        if clock_keys.is_empty() && !wire.witnesses_alone {
            return Err(ParsePolicyError::NoKey("clock"));
        }
        let mut witnesses = Vec::new();
        for witness in wire.witnesses {
            let read = |key: Option<String>| {
                key.map(|key| one("witnesses", key, Kind::Cosignature))
                    .transpose()
            };
            witnesses.push(Witness {
                name: witness.name,
                log: read(witness.log)?,
                map: read(witness.map)?,
                url: witness.url,
            });
        }
        let (needed, there) = (wire.quorum, witnesses.len());
        if needed > there || (needed == 0 && wire.witnesses_alone) {
            return Err(ParsePolicyError::Quorum { needed, there });
        }
        if wire.max_age == 0 || wire.max_age > 400 * 86_400 {
            return Err(ParsePolicyError::MaxAge);
        }
        Ok(Self {
            origin: wire.origin,
            log_keys,
            clock_keys,
            quorum: Quorum::of_all(needed, there),
            witnesses,
            max_age: TimeDelta::seconds(wire.max_age.into()),
            witnesses_alone: wire.witnesses_alone,
        })
    }

    /// The policy file of a registry that is trusted by its own keys alone.
    pub fn registry_file(origin: &str, log: &[NoteKey], clock: &[NoteKey]) -> String {
        let texts = |keys: &[NoteKey]| keys.iter().map(ToString::to_string).collect();
        let wire = Wire {
            clock: texts(clock),
            log: texts(log),
            max_age: 3 * 3600,
            origin: origin.to_owned(),
            quorum: 0,
            witnesses: Vec::new(),
            witnesses_alone: false,
        };
        let mut text = serde_json::to_string_pretty(&wire).unwrap_or_default();
        text.push('\n');
        text
    }
}

fn keys(
    field: &'static str,
    texts: Vec<String>,
    kind: Kind,
) -> Result<Vec<NoteKey>, ParsePolicyError> {
    texts
        .into_iter()
        .map(|text| one(field, text, kind))
        .collect()
}

fn one(field: &'static str, text: String, kind: Kind) -> Result<NoteKey, ParsePolicyError> {
    let key = text
        .parse::<NoteKey>()
        .ok()
        .filter(|key| key.kind() == kind);
    key.ok_or(ParsePolicyError::Key {
        field,
        key: text,
        expected: match kind {
            Kind::Plain => "01",
            Kind::Cosignature => "04",
        },
    })
}
