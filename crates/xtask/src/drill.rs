//! Drills: tests of the registry as processes, in their long form.

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Stdio},
};

use crate::options::Options;

/// Runs a drill on each database, and says what it found.
pub fn run(name: &str, usual_rounds: u64, options: &Options) -> Result<(), String> {
    run_on(options.databases.names(), name, usual_rounds, options)
}

/// Runs a drill that concerns SQLite alone: how PostgreSQL writes to a disk is not ours.
pub fn run_on_sqlite(name: &str, usual_rounds: u64, options: &Options) -> Result<(), String> {
    run_on(&["sqlite"], name, usual_rounds, options)
}

/// Runs a drill of several instances, which PostgreSQL alone serves.
pub fn run_on_postgres(name: &str, usual_rounds: u64, options: &Options) -> Result<(), String> {
    run_on(&["postgres"], name, usual_rounds, options)
}

fn run_on(
    databases: &[&str],
    name: &str,
    usual_rounds: u64,
    options: &Options,
) -> Result<(), String> {
    let rounds = options.rounds.unwrap_or(usual_rounds);
    for database in databases {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["test", "--quiet", "--package", "charter-registry"]);
        if options.release {
            cargo.arg("--release");
        }
        cargo
            .args(["--test", "processes", "--"])
            .args(["--exact", "--nocapture"])
            .arg(format!("drills::{name}::on_{database}"))
            .env("DRILL_ROUNDS", rounds.to_string())
            // Where there is no PostgreSQL, a test says so and passes; a drill that was asked for does not.
            .env("CI", "true");
        if let Some(seed) = options.seed {
            cargo.env("DRILL_SEED", seed.to_string());
        }
        if !has_passed(cargo)? {
            return Err(format!("failed on {database}"));
        }
    }
    Ok(())
}

/// Whether the drill ran and passed. A test that is not found fails nothing, hence the look for what a drill says.
fn has_passed(mut cargo: Command) -> Result<bool, String> {
    let told = |error: std::io::Error| format!("cargo: {error}");
    let mut running = cargo.stdout(Stdio::piped()).spawn().map_err(told)?;
    let mut passed = false;
    if let Some(output) = running.stdout.take() {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            passed |= line.contains(": passed ");
            println!("{line}");
        }
    }
    let status = running.wait().map_err(told)?;
    Ok(passed && status.success())
}

/// Has schemathesis make at least this many requests of the API's document.
pub fn judge_the_api(usual_requests: u64, options: &Options) -> Result<(), String> {
    let requests = options.rounds.unwrap_or(usual_requests);
    let mut judges = Command::new("bash");
    judges
        .args(["tests/judges/run", "schemathesis"])
        .env("SCHEMATHESIS_REQUESTS", requests.to_string());
    if let Some(seed) = options.seed {
        judges.env("SCHEMATHESIS_SEED", seed.to_string());
    }
    let status = judges.status().map_err(|error| format!("bash: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("the API is not as its document says".to_owned())
    }
}
