//! Measurements: the registry at 100,000 members against its bounds.

use std::process::Command;

use crate::options::Options;

/// Builds the program as it is shipped and what measures it, and measures.
pub fn run(usual_rounds: u64, options: &Options) -> Result<(), String> {
    let rounds = options.rounds.unwrap_or(usual_rounds).to_string();
    cargo(&["build", "--package", "charter-registry"])?;
    cargo(&["build", "--package", "bench"])?;
    cargo(&["run", "--package", "bench", "--", "--rounds", &rounds])
}

/// Runs cargo with the profile that is shipped.
fn cargo(arguments: &[&str]) -> Result<(), String> {
    let (command, rest) = arguments.split_first().ok_or("no command")?;
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args([command, "--quiet", "--release", "--locked"]);
    let status = cargo.args(rest).status();
    let status = status.map_err(|error| format!("cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("cargo {command} failed"))
    }
}
