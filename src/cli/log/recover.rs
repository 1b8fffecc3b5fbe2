//! `log recover`

use std::path::Path;

use crate::{
    clock::Clock,
    config::settings::Flags,
    desk::status_lists,
    mirror::{recover::Recovered, source::Source},
    startup::{self, recovering},
};

use super::super::{
    answer::{Answer, Failed},
    host,
    progress::Progress,
};

/// Replays what the database lacks from the copy, then opens the registry to see that it may sign again.
pub(super) async fn run(settings: &Flags, from: &str) -> Result<Answer, Failed> {
    let config = host::configure(settings)?;
    let source = if from.starts_with("https://") || from.starts_with("http://") {
        Source::at(from)?
    } else if Path::new(from).is_dir() {
        Source::in_folder(Path::new(from))
    } else {
        let failed = Failed::because(format!("{from} is neither an address nor a folder"));
        return Err(failed.of_input());
    };
    let clock = Clock::system();
    let mut progress = Progress::of("log entries");
    let Recovered { from, to, members } =
        recovering::recover(&config, source, &clock, &mut |done, total| {
            progress.show(done, total);
        })
        .await?;
    drop(progress);
    let told = if from == to {
        format!("the database has all {to} entries that the copy has\n")
    } else {
        format!(
            "entries {from} to {} replayed, {members} members changed\n",
            to - 1
        )
    };
    // The gate, and the lists that say which credentials ended: with the keys that are in force now.
    let opened = startup::open(&config, clock).await;
    let desk = opened.map_err(|error| {
        let failed =
            Failed::from(error).and("the entries are there: only the registry does not open yet");
        failed.and("put the keys in force into the data folder's keys/, and start the server")
    })?;
    status_lists::refresh_status_lists(&desk).await?;
    let answer = Answer::done(told);
    if from == to {
        return Ok(answer);
    }
    Ok(answer
        .note("lost with the old database: applications and their persons, decisions, letters, accounts and the audit of that time"))
}
