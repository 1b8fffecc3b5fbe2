//! The program: a command line around the library.

use std::{hint::black_box, process::ExitCode, time::Duration};

use mimalloc::MiMalloc;

/// Gives back what many threads had by turns, which the C library's keeps in an arena of each.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// How often the allocator is asked for much.
const BEAT: Duration = Duration::from_secs(2);

/// So much, in bytes, that it looks at all that it has.
const MUCH: usize = 4 << 20;

/// Has the allocator give back what was freed a second ago or earlier: it looks for that only when much is taken or freed,
/// which after a start nothing may be for hours.
async fn give_back() {
    let mut beat = tokio::time::interval(BEAT);
    loop {
        beat.tick().await;
        drop(black_box(Vec::<u8>::with_capacity(MUCH)));
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tokio::spawn(give_back());
    charter_registry::cli::run(std::env::args_os()).await
}
