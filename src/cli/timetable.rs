//! `timetable`: what the registry does by itself while it serves, done now.

use crate::{config::settings::Flags, timetable};

use super::{
    answer::{Answer, Failed, table},
    host,
};

/// See or run what the registry does by itself.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "See or run what the registry does by itself while `serve` runs: each job of the timetable does \
                  what is due at the time, and running it twice does no harm. On SQLite a job runs from here only \
                  while no server does.\n\n\
                  Examples:\n\n  \
                  charter-registry timetable list\n  \
                  charter-registry timetable run NAME"
)]
pub(super) struct Timetable {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List the jobs, how often each runs and what it does.
    List,
    /// Run one job now; prints how many things it did.
    Run {
        /// The job's name.
        name: String,
        #[command(flatten)]
        settings: Flags,
    },
}

impl Timetable {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        match self.action {
            Action::List => {
                let rows = timetable::JOBS.iter().map(|job| {
                    [
                        job.name.to_owned(),
                        format!("{} s", job.period.as_secs()),
                        job.purpose.to_owned(),
                    ]
                });
                let headings = ["NAME", "EVERY", "WHAT IT DOES"];
                Ok(Answer::done(table(headings, rows.collect())))
            }
            Action::Run { name, settings } => {
                let job = timetable::find(&name).ok_or_else(|| {
                    Failed::because(format!("there is no job {name:?}"))
                        .and("`charter-registry timetable list` shows which there are")
                })?;
                let desk = host::open(&settings, "GET /metrics").await?;
                let done = job.run(&desk).await?;
                Ok(Answer::done(format!("{done}\n")))
            }
        }
    }
}
