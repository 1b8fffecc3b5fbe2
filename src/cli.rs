//! The command line: one file per command. A command parses, calls one use case or reads, and answers.
//!
//! [`run`] is the boundary: it prints answers to standard output, what explains them to standard error, and a
//! failure as one line per cause.

mod account;
mod answer;
mod backup;
mod charter;
mod demo;
mod fetch;
mod fsck;
mod health;
mod host;
mod import;
mod keys;
mod log;
mod mirror;
mod openapi;
mod operator;
mod partner;
mod personal_data;
mod progress;
mod publish;
mod restore;
mod serve;
mod timetable;
mod verify;
mod witness;

use std::{ffi::OsString, process::ExitCode};

use clap::{Parser as _, error::ErrorKind};

use answer::{Answer, Failed};

/// A public registry of the organisations that acceded to a charter, every change of it signed and logged.
#[derive(Debug, clap::Parser)]
#[command(
    name = "charter-registry",
    version,
    long_about = "A public registry of the organisations that acceded to a charter, every change of it signed \
                  and logged.\n\n\
                  A registry of your own, from nothing:\n\n  \
                  charter-registry charter publish charters/digital-ethics-of-childhood.toml\n  \
                  charter-registry operator add registrar-1 --role registrar\n  \
                  charter-registry serve\n\n\
                  Commands on SQLite and the server take turns: SQLite serves one process. Settings are flags, \
                  environment variables (CHARTER_…) or lines of charter-registry.toml, in that order of \
                  precedence; `charter-registry serve --help` lists them.\n\n\
                  Exit status: 0 done, 1 refused or failed, 2 wrong usage or configuration."
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Mirror(mirror::Mirror),
    Publish(publish::Publish),
    Charter(charter::Charter),
    Import(import::Import),
    Operator(operator::Operators),
    Partner(partner::Partners),
    Fsck(fsck::Fsck),
    Keys(keys::Keys),
    Log(log::Log),
    Backup(backup::Backup),
    Restore(restore::Restore),
    Health(health::Health),
    Timetable(timetable::Timetable),
    PersonalData(personal_data::PersonalData),
    Verify(Box<verify::Verify>),
    Witness(witness::Witness),
    Openapi(openapi::Openapi),
}

impl Command {
    async fn run(self) -> Result<Answer, Failed> {
        match self {
            Self::Serve(command) => command.run().await,
            Self::Demo(command) => command.run().await,
            Self::Mirror(command) => command.run().await,
            Self::Publish(command) => command.run().await,
            Self::Charter(command) => command.run().await,
            Self::Import(command) => command.run().await,
            Self::Operator(command) => command.run().await,
            Self::Partner(command) => command.run().await,
            Self::Fsck(command) => command.run().await,
            Self::Keys(command) => command.run().await,
            Self::Log(command) => command.run().await,
            Self::Backup(command) => command.run().await,
            Self::Restore(command) => command.run().await,
            Self::Health(command) => command.run(),
            Self::Timetable(command) => command.run().await,
            Self::PersonalData(command) => command.run().await,
            Self::Verify(command) => command.run(),
            Self::Witness(command) => command.run().await,
            Self::Openapi(command) => command.run(),
        }
    }
}

/// Carries out a command line, whose first word is the program's name.
pub async fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let command = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli.command,
        Err(error) => {
            // Standard output may be closed, and then there is nobody to tell.
            let _ = error.print();
            let help = matches!(
                error.kind(),
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
            );
            return if help {
                ExitCode::SUCCESS
            } else {
                answer::Exit::Unusable.into()
            };
        }
    };
    match command.run().await {
        Ok(answer) => answer.print(),
        Err(failed) => failed.print(),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_and_every_flag_says_what_it_is_for() {
        fn check(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            assert!(command.get_about().is_some(), "{path}");
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{path} {}",
                    argument.get_id()
                );
            }
            for inner in command.get_subcommands() {
                check(inner, &path);
            }
        }
        check(&Cli::command(), "");
    }
}
