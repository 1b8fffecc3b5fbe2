//! `verify`: judges a membership proof or a registry record, offline.

mod credential;
mod evidence;
mod membership;
mod place;
mod record;

use std::{
    fs,
    path::{Path, PathBuf},
};

use charter_proof::{
    canonical::parse_strict,
    identity::Base,
    keys::{KeyList, KeyRange, PublicKey, PublishedKeys, Purpose},
    policy::Policy,
    verify::{Key, Question, TrustedKeys, verify_record},
};
use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::Value;

use super::answer::{Answer, Failed};
use crate::clock::Clock;
use place::{Found, Place};

/// Check a membership proof, credential, registry record or evidence: who signed it, and what it proves.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Check a membership proof, a membership credential (also as a JSON Web Token) or a registry record: \
                  who signed it, and what it proves. A file needs no network, no database and no trust in whoever \
                  handed it over; only the registry's keys have to come from a source you trust. What lies at an \
                  address, of the registry or of anybody else, is fetched and then judged exactly as a file is; the \
                  address of a member leads to its proof (with --policy) or to its newest record.\n\n\
                  A proof shows what a key stands for now: --policy says whom you trust, --charter and --ask what \
                  you ask. A credential shows a membership until it ends, unless a status list (--status) says \
                  otherwise. A record proves what the registry recorded at that time, and nothing about today.\n\n\
                  Examples:\n\n  \
                  curl -o policy https://registry.example/v1/policy\n  \
                  curl -o school.tlog-proof 'https://registry.example/v1/charters/…/proof?key=domain:school.example'\n  \
                  charter-registry verify school.tlog-proof --policy policy --charter … --ask domain:school.example\n  \
                  charter-registry verify https://registry.example/members/0192… --policy policy\n  \
                  curl -o did.json https://registry.example/.well-known/did.json\n  \
                  charter-registry verify record.json --did did.json\n  \
                  curl https://registry.example/records/… | charter-registry verify - --key z6Mk…\n\n\
                  Exit status: 0 the record is authentic, or the membership is active; 1 it is refused, or the \
                  membership is not active; 2 a file cannot be read, the usage \
                  is wrong, or a retired key signed it and the position of its log entry is needed to tell \
                  whether it still was the registry's (give --keys and --index)."
)]
#[command(group(clap::ArgGroup::new("trusted").required(true)))]
pub(super) struct Verify {
    /// The proof, the credential, its token or the record, or its address, or that of a member; - reads standard input.
    #[arg(value_name = "FILE|URL")]
    file: Place,
    /// Trust whom this policy names: C2SP tlog-policy, or the JSON of this project. For proofs.
    #[arg(long, value_name = "FILE", group = "trusted")]
    policy: Option<PathBuf>,
    /// Ask about this charter, by its slug, where the address does not say. For proofs.
    #[arg(long, value_name = "SLUG", requires = "policy")]
    charter: Option<String>,
    /// Ask what this key stands for, where the address does not say: member:UUID, domain:HOST, or a register and a
    /// number. For proofs.
    #[arg(long, value_name = "KEY", requires = "policy")]
    ask: Option<Key>,
    /// Judge the proof or the credential as at this time instead of now, RFC 3339.
    #[arg(long, value_name = "TIME")]
    as_of: Option<DateTime<Utc>>,
    /// Trust the keys of this DID document, the registry's /.well-known/did.json.
    #[arg(long, value_name = "FILE", group = "trusted")]
    did: Option<PathBuf>,
    /// Trust the keys of this list, the registry's /v1/keys: it says which key signed which log entries.
    #[arg(long, value_name = "FILE", group = "trusted")]
    keys: Option<PathBuf>,
    /// Trust this key, z6Mk…, as that of the registry which the record names.
    #[arg(long, value_name = "KEY", group = "trusted")]
    key: Option<PublicKey>,
    /// The index of the record's log entry, where a key has been retired (only --keys makes use of it).
    #[arg(long, value_name = "N")]
    index: Option<u64>,
    /// Look the credential up in this status list, too; once for each list that it names.
    #[arg(long, value_name = "FILE|URL", conflicts_with = "policy")]
    status: Vec<Place>,
    /// Print the verdict as JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(self) -> Result<Answer, Failed> {
        let found = self.file.find(self.policy.is_some())?;
        let file = &found.bytes;
        if let Some(policy) = &self.policy {
            return if evidence::is_evidence(file) {
                self.judge_evidence(file, policy)
            } else {
                self.judge(&found, policy)
            };
        }
        if evidence::is_evidence(file) {
            let failed = Failed::because("this is evidence against a registry");
            return Err(failed
                .and("give --policy: whose keys it is to be checked by")
                .of_input());
        }
        if membership::is_proof(file) {
            let failed =
                Failed::because("this is a membership proof, which a key alone does not check");
            return Err(failed.and("give --policy, --charter and --ask").of_input());
        }
        match credential::File::of(file) {
            Some(credential) => self.judge_credential(&credential),
            None => self.judge_record(file),
        }
    }

    /// What a proof shows about a key by a policy, in one line.
    pub(super) fn told(
        proof: &str,
        policy: &str,
        charter: &str,
        key: Key,
    ) -> Result<String, Failed> {
        let policy = Policy::parse(policy).map_err(Failed::unusable)?;
        let question = Question {
            origin: policy.origin.clone(),
            charter: charter.to_owned(),
            key,
        };
        let now = Clock::system().now();
        let verdict = membership::Judgement::of(proof.as_bytes(), &question, &policy, now);
        Ok(verdict.line())
    }

    fn judge(&self, found: &Found, policy: &Path) -> Result<Answer, Failed> {
        let question = self.question(found)?;
        let policy = trusted(policy)?;
        let (charter, key) = question;
        let question = Question {
            origin: policy.origin.clone(),
            charter,
            key,
        };
        let proof = &found.bytes;
        let now = self.as_of.unwrap_or_else(|| Clock::system().now());
        let verdict = membership::Judgement::of(proof, &question, &policy, now);
        let text = if self.json {
            serde_json::to_string(&verdict)?
        } else {
            verdict.line()
        };
        Ok(Answer {
            exit: verdict.exit,
            ..Answer::done(format!("{text}\n"))
        })
    }

    /// The charter and the key that are asked about: as the options say, or else the address that was given.
    fn question(&self, found: &Found) -> Result<(String, Key), Failed> {
        let (charter, key) = found.asked.clone().unzip();
        let charter = self.charter.clone().or(charter);
        let key = self.ask.clone().or(key.flatten());
        charter.zip(key).ok_or_else(|| {
            Failed::because("what is asked is not taken from a proof: it says what it likes")
                .and("give --charter and --ask")
                .of_input()
        })
    }

    /// Judges what a mirror laid down: whether the registry contradicts itself.
    fn judge_evidence(&self, file: &[u8], policy: &Path) -> Result<Answer, Failed> {
        let verdict = evidence::Judgement::of(file, &trusted(policy)?);
        let text = if self.json {
            serde_json::to_string(&verdict)?
        } else {
            verdict.line()
        };
        Ok(Answer {
            exit: verdict.exit,
            ..Answer::done(format!("{text}\n"))
        })
    }

    fn judge_record(&self, file: &[u8]) -> Result<Answer, Failed> {
        let (index, json) = (self.index, self.json);
        let keys = self.trusted_keys(&claimed_issuer(file))?;
        let verdict = record::Judgement::from(verify_record(file, &keys, index));
        let text = if json {
            serde_json::to_string(&verdict)?
        } else {
            verdict.line()
        };
        Ok(Answer {
            exit: verdict.exit,
            ..Answer::done(format!("{text}\n"))
        })
    }

    /// Judges a credential or its token, with what the status lists say.
    fn judge_credential(&self, file: &credential::File<'_>) -> Result<Answer, Failed> {
        let keys = self.trusted_keys(&file.claimed_issuer())?;
        let now = self.as_of.unwrap_or_else(|| Clock::system().now());
        let lists: Vec<_> = self
            .status
            .iter()
            .map(|place| Ok((place.to_string(), place.find(false)?.bytes)))
            .collect::<Result<_, Failed>>()?;
        let verdict = credential::Judgement::of(file, &keys, &lists, now);
        let text = if self.json {
            serde_json::to_string(&verdict)?
        } else {
            verdict.line()
        };
        Ok(Answer {
            exit: verdict.exit,
            ..Answer::done(format!("{text}\n"))
        })
    }

    fn trusted_keys(&self, issuer: &str) -> Result<TrustedKeys, Failed> {
        if let Some(path) = &self.did {
            let published = PublishedKeys::parse(&read(path)?)
                .map_err(|error| Failed::unusable(error).and(format!("in {}", path.display())))?;
            return Ok(TrustedKeys::from_did_document(published));
        }
        if let Some(path) = &self.keys {
            return KeyFile::read(path)?.trusted_keys(path);
        }
        let whole_log = |key| KeyRange {
            from: 0,
            public_key_multibase: key,
            purpose: Purpose::Record,
            to: None,
        };
        let list = KeyList::new(self.key.iter().copied().map(whole_log).collect());
        Ok(TrustedKeys::from_key_list(issuer, list))
    }
}

/// Whom the policy in a file trusts.
fn trusted(path: &Path) -> Result<Policy, Failed> {
    let of_file = |failed: Failed| failed.and(format!("in the policy {}", path.display()));
    let text = String::from_utf8(read(path)?);
    let text = text.map_err(|error| of_file(Failed::unusable(error)))?;
    Policy::parse(&text).map_err(|error| of_file(Failed::unusable(error)))
}

/// The answer of `GET /v1/keys`, as much of it as counts here.
#[derive(Deserialize)]
struct KeyFile {
    keys: Vec<ListedKey>,
}

/// A key of the list. What the registry adds for people's convenience is passed over.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedKey {
    from: u64,
    public_key_multibase: PublicKey,
    purpose: Purpose,
    to: Option<u64>,
    vkey: Option<String>,
}

impl KeyFile {
    fn read(path: &Path) -> Result<Self, Failed> {
        let of_file = |failed: Failed| failed.and(format!("in the key list {}", path.display()));
        let document =
            parse_strict(&read(path)?).map_err(|error| of_file(Failed::unusable(error)))?;
        Self::deserialize(document).map_err(|error| of_file(Failed::unusable(error)))
    }

    fn trusted_keys(self, path: &Path) -> Result<TrustedKeys, Failed> {
        let did =
            self.keys
                .iter()
                .find_map(ListedKey::registry)
                .ok_or_else(|| {
                    Failed::because(format!("{} names no registry", path.display()))
                .and("expected a key of purpose \"log\" with its vkey, as GET /v1/keys gives it")
                .of_input()
                })?;
        let ranges = self.keys.into_iter().map(|key| KeyRange {
            from: key.from,
            public_key_multibase: key.public_key_multibase,
            purpose: key.purpose,
            to: key.to,
        });
        Ok(TrustedKeys::from_key_list(
            &did,
            KeyList::new(ranges.collect()),
        ))
    }
}

impl ListedKey {
    /// The DID of the registry whose log key this is.
    fn registry(&self) -> Option<String> {
        let (host, _) = self.vkey.as_ref()?.split_once("/log+")?;
        let base = Base::parse(&format!("https://{host}")).ok()?;
        (self.purpose == Purpose::Log).then(|| base.did())
    }
}

/// Who the record says has issued it. With a key alone there is nobody else to ask; the signature covers it.
fn claimed_issuer(record: &[u8]) -> String {
    let document = parse_strict(record).unwrap_or_default();
    let issuer = document.pointer("/issuer/id").and_then(Value::as_str);
    issuer.unwrap_or_default().to_owned()
}

fn written(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn read(path: &Path) -> Result<Vec<u8>, Failed> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failed {
    Failed::because(format!("cannot read {}", path.display()))
        .and_causes(error)
        .of_input()
}
