//! The program: a command line around the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Gives back what many threads had by turns, which the C library's keeps in an arena of each.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    charter_registry::cli::run(std::env::args_os()).await
}
