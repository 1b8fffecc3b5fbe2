//! Measures the registry at 100,000 members: `cargo xtask bench`. What the figures mean is in docs/performance.md.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a measurement that cannot go on fails"
)]

mod admissions;
mod baseline;
mod client;
mod figures;
mod large;
mod mirror;
mod newcomers;
mod queries;
mod reading;
mod registry;
mod rows;

use std::{env, fs, path::Path};

use figures::{millis, row};
use reading::Asked;
use registry::{CHARTER, Folder};

/// How many members are made.
const MEMBERS: u64 = 100_000;

/// How often everything is measured that is compared.
const ROUNDS: usize = 5;

#[tokio::main]
async fn main() {
    // Cargo adds options of its own.
    let arguments: Vec<String> = env::args().skip(1).collect();
    if baseline::serve_if_told(&arguments).await {
        return;
    }
    let word = |name: &str| {
        let place = arguments.iter().position(|argument| argument == name)?;
        arguments.get(place + 1)
    };
    let number = |name: &str| word(name)?.parse::<u64>().ok();
    let members = number("--members").unwrap_or(MEMBERS);
    let rounds = number("--rounds").map_or(ROUNDS, |rounds| usize::try_from(rounds).unwrap());
    row("line", "bound", "measured");
    row("---", "---", "---");
    if arguments.iter().any(|argument| argument == "--large") {
        large::measure(number("--members").unwrap_or(10 * MEMBERS)).await;
        return;
    }
    if arguments.iter().any(|argument| argument == "--mirror") {
        let members = number("--members").unwrap_or(10 * MEMBERS);
        mirror::measure(members, word("--keep").map(Path::new));
        return;
    }
    if !arguments.iter().any(|argument| argument == "--no-reading") {
        read(members, rounds);
    }
    if !arguments
        .iter()
        .any(|argument| argument == "--no-admissions")
    {
        admissions::compare(rounds).await;
    }
}

/// Everything that concerns readers.
fn read(members: u64, rounds: usize) {
    let folder = Folder::new();
    folder.publish();
    let lines = (0..members).map(|number| format!("{}\n", newcomers::organisation(number).line()));
    let file = folder.path().join("members.jsonl");
    fs::write(&file, lines.collect::<String>()).unwrap();
    eprintln!("{members} members are imported");
    let took = folder.run(&["import", "members.jsonl", "--charter", CHARTER]);
    fs::remove_file(file).unwrap();
    row(
        &format!("import of {members} members"),
        "",
        &format!("{:.1} s", took.as_secs_f64()),
    );
    let (server, first) = folder.serve();
    row(
        "start that makes the directory from the database",
        "",
        &millis(first),
    );
    server.end();
    let mut starts = Vec::new();
    for _ in 0..rounds {
        let (server, took) = folder.serve();
        starts.push(took);
        server.end();
    }
    row("start", "under 1 s", &millis(figures::median(&starts)));
    let (server, _) = folder.serve();
    server.kill();
    let (server, took) = folder.serve();
    row("start after a kill", "", &millis(took));
    let idle = server.anonymous_memory();
    reading::compare(&server, members, rounds, Asked::Registry);
    reading::search(&server, members);
    let busy = server.anonymous_memory();
    reading::compare(&server, members, rounds, Asked::Credentials);
    let signed = server.anonymous_memory();
    row("anonymous memory after the start", "", &mebibytes(idle));
    row(
        "anonymous memory after all of this",
        "≤ 100 MiB",
        &mebibytes(busy),
    );
    row(
        "… and after a third of the members' credentials were signed",
        "",
        &mebibytes(signed),
    );
    for name in [
        "registry.db",
        "directory/members.pack",
        "directory/members.index",
    ] {
        row(
            &format!("`{name}`"),
            "",
            &mebibytes(folder.weight(name) / 1024),
        );
    }
    server.end();
}

fn mebibytes(kibibytes: u64) -> String {
    let tenths = kibibytes * 10 / 1024;
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
