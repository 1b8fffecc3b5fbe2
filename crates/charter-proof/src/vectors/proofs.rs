//! Membership proofs with their questions, policies and times, and what is to be said of them.

mod accepted;
mod refused;

use std::slice::from_ref;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::story::today;
use super::{Files, pretty};
use crate::fixtures::world::{CLOCK, CLOCK_KEY, LOG_KEY, ORIGIN, note_key};
use crate::note::Kind;
use crate::policy::Policy;
use crate::proof_file::ProofFile;
use crate::verify::{Question, Refusal, Verdict, verify};
use crate::whole_seconds;

/// The cases so far, and their files.
struct Cases {
    list: Vec<Value>,
    files: Files,
    now: DateTime<Utc>,
}

pub(super) fn add(files: &mut Files) {
    let world = today();
    let mut cases = Cases {
        list: Vec::new(),
        files: policies(),
        now: world.at + TimeDelta::minutes(1),
    };
    accepted::add(&mut cases, &world);
    refused::add(&mut cases, &world);
    let list = pretty(&cases.list.into());
    files.append(&mut cases.files);
    files.insert("proofs/cases.json".to_owned(), list);
}

fn policies() -> Files {
    let log = [note_key(ORIGIN, Kind::Plain, LOG_KEY)];
    let clock = [note_key(CLOCK, Kind::Cosignature, CLOCK_KEY)];
    let [log_text, clock_text] = [log[0].to_string(), clock[0].to_string()];
    let (url, texts) = (
        "https://registry.example",
        [&log_text, &clock_text].map(Clone::clone),
    );
    let witness = |name: &str, seed: u8| {
        let key = |name: &str, seed| note_key(name, Kind::Cosignature, seed).to_string();
        (key(name, seed), key(&format!("{name}/map"), seed + 10))
    };
    let (one, two) = (witness("one.example", 21), witness("two.example", 22));
    let json_policy = |needed: usize, alone: bool| {
        pretty(&json!({
            "clock": [clock_text],
            "log": [log_text],
            "maxAge": 10800,
            "origin": ORIGIN,
            "quorum": needed,
            "witnesses": [
                {"log": one.0, "map": one.1, "name": "one"},
                {"log": two.0, "map": two.1, "name": "two"},
            ],
            "witnessesAlone": alone,
        }))
    };
    let [log_line, clock_line] = texts;
    let lines = format!(
        "log {log_line} {url}/log\nwitness clock {clock_line}\n\
         witness one {}\nwitness two {}\ngroup both all one two\nquorum both\n",
        one.1, two.1,
    );
    let own = Policy::registry_lines(url, from_ref(&log_text), from_ref(&clock_text), None);
    [
        (
            "registry.json",
            Policy::registry_file(ORIGIN, &log, &clock).into_bytes(),
        ),
        ("one-witness.json", json_policy(1, false)),
        ("two-witnesses.json", json_policy(2, false)),
        ("witnesses-alone.json", json_policy(2, true)),
        ("registry.tlog-policy", own.into_bytes()),
        ("two-witnesses.tlog-policy", lines.into_bytes()),
    ]
    .into_iter()
    .map(|(name, bytes)| (format!("policies/{name}"), bytes))
    .collect()
}

impl Cases {
    /// Judges a proof by the registry's own keys, a minute later.
    fn judge(&mut self, name: &str, proof: &ProofFile, key: &str) {
        self.judge_by("registry.json", name, proof, key);
    }

    fn judge_by(&mut self, policy: &str, name: &str, proof: &ProofFile, key: &str) {
        let bytes = proof.to_text().unwrap().into_bytes();
        self.judge_bytes(policy, name, bytes, &asked(key));
    }

    fn judge_bytes(&mut self, policy: &str, name: &str, proof: Vec<u8>, question: &Question) {
        let file = format!("proofs/{}.tlog-proof", name.replace([' ', '\''], "-"));
        let policy = format!("policies/{policy}");
        let text = std::str::from_utf8(&self.files[&policy]).unwrap();
        let judged = verify(&proof, question, &Policy::parse(text).unwrap(), self.now);
        let mut case = json!({
            "file": file,
            "name": name,
            "now": whole_seconds::text(&self.now),
            "policy": policy,
            "question": {
                "charter": question.charter,
                "key": question.key.canonical(),
                "origin": question.origin,
            },
        });
        match judged {
            Ok(verdict) => case["verdict"] = said(&verdict),
            Err(refusal) => {
                case["refusal"] = refusal.code().into();
                if let Refusal::Record(reason) = &refusal {
                    case["reason"] = reason.code().into();
                }
            }
        }
        assert!(
            self.files.insert(file, proof).is_none(),
            "{name} is there already"
        );
        self.list.push(case);
    }
}

fn said(verdict: &Verdict) -> Value {
    json!({
        "asOf": whole_seconds::text(&verdict.as_of),
        "event": verdict.event,
        "member": verdict.member,
        "names": verdict.names,
        "recordWithheld": verdict.record_withheld,
        "size": verdict.size,
        "standing": verdict.standing.as_str(),
        "word": verdict.word.as_str(),
    })
}

fn asked(key: &str) -> Question {
    crate::fixtures::world::question(key)
}
