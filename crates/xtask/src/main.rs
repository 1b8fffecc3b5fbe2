//! The project's own commands: `cargo xtask COMMAND`. What each does is in CONTRIBUTING.md.
//!
//! A drill is a test of `tests/` that takes the number of its rounds and its seed from the environment: short among
//! all other tests, long from here. So there is one program of each drill, and this crate needs no dependency; what
//! the measurements need, `crates/bench` has.

mod bench;
mod drill;
mod options;

use std::{env, process::ExitCode};

use options::Options;

/// One command: its name, what it does in one line, and the function that does it.
struct Command {
    name: &'static str,
    meaning: &'static str,
    run: fn(&Options) -> Result<(), String>,
}

const COMMANDS: &[Command] = &[
    Command {
        name: "drill-race",
        meaning: "32 clients race for the same member and the same key; 500 rounds",
        run: |options| drill::run("race", 500, options),
    },
    Command {
        name: "drill-kill",
        meaning: "the server is killed at random while clients go through their stories; 200 rounds",
        run: |options| drill::run("kill", 200, options),
    },
    Command {
        name: "drill-power",
        meaning: "the same on a disk whose power is cut, on SQLite, as root; 50 rounds",
        run: |options| drill::run_on_sqlite("power", 50, options),
    },
    Command {
        name: "drill-erase",
        meaning: "persons are erased, and looked for in everything that is kept or answered; 1000 rounds",
        run: |options| drill::run("erase", 1000, options),
    },
    Command {
        name: "drill-rolling",
        meaning: "two instances behind nginx are replaced in turn, and migrate, under 300 requests/s; 10 rounds",
        run: |options| drill::run_on_postgres("rolling", 10, options),
    },
    Command {
        name: "drill-mirrors",
        meaning: "two instances and three mirrors are killed, cut off and told wrong times, as root; 20 rounds",
        run: |options| drill::run_on_postgres("mirrors", 20, options),
    },
    Command {
        name: "drill-api",
        meaning: "schemathesis makes requests of the API's document, as every role; 5000 requests",
        run: |options| drill::judge_the_api(5000, options),
    },
    Command {
        name: "bench",
        meaning: "the registry at 100,000 members against the bounds of docs/performance.md; 5 rounds",
        run: |options| bench::run(5, options),
    },
];

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let Some(command) = COMMANDS.iter().find(|command| command.name == name) else {
        eprintln!("{}", usage());
        return ExitCode::from(2);
    };
    let done = Options::parse(arguments).and_then(|options| (command.run)(&options));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> String {
    let commands = COMMANDS
        .iter()
        .map(|command| format!("  {:<13} {}\n", command.name, command.meaning));
    format!(
        "usage: cargo xtask COMMAND [OPTIONS]\n\n{}\n{}",
        commands.collect::<String>(),
        options::HELP
    )
}
