//! Is what this key stands for a member? `verify_membership PROOF POLICY CHARTER KEY [TIME]`
//!
//! ```sh
//! cargo run -p charter-proof --example verify_membership -- \
//!     crates/charter-proof/vectors/proofs/a-member-by-its-domain.tlog-proof \
//!     crates/charter-proof/vectors/policies/registry.json open-it domain:school.example 2026-11-23T03:14:00Z
//! ```
//!
//! Without a time it is now. It ends with 0 for a member, with 1 for anybody else, and with 2 where the proof shows
//! nothing.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use charter_proof::policy::Policy;
use charter_proof::verify::{Question, Standing};
use chrono::{DateTime, Utc};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match answer(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(2)
        }
    }
}

fn answer(arguments: &[String]) -> Result<ExitCode, Box<dyn Error>> {
    let [proof, policy, charter, key, time @ ..] = arguments else {
        return Err("verify_membership PROOF POLICY CHARTER KEY [TIME]".into());
    };
    let policy = Policy::parse(&fs::read_to_string(policy)?)?;
    let question = Question {
        origin: policy.origin.clone(),
        charter: charter.clone(),
        key: key.parse()?,
    };
    let now = match time {
        [time] => time.parse()?,
        _ => now()?,
    };
    let verdict = charter_proof::verify(&fs::read(proof)?, &question, &policy, now)
        .map_err(|refusal| format!("{}: {refusal}", refusal.code()))?;
    let standing = verdict.standing.as_str();
    let (as_of, word) = (verdict.as_of, verdict.word.as_str());
    println!("{key}: {standing}, as of {as_of}, on the word of: {word}");
    for name in &verdict.names {
        println!("{}: {}", name.language, name.value);
    }
    Ok(match verdict.standing {
        Standing::Active => ExitCode::SUCCESS,
        _ => ExitCode::from(1),
    })
}

fn now() -> Result<DateTime<Utc>, Box<dyn Error>> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a program has a clock; the crate has none"
    )]
    let since_1970: Duration = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let seconds = i64::try_from(since_1970.as_secs())?;
    Ok(DateTime::from_timestamp(seconds, 0).ok_or("the clock is far off")?)
}
