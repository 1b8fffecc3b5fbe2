//! The program: a command line around the library.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    charter_registry::cli::run(std::env::args_os()).await
}
