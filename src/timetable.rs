//! The timetable: what the registry does by itself, again and again, while it serves.
//!
//! A job is a use case of `desk` without a caller: it acts as [`Actor::System`](crate::desk::Actor::System), finds out
//! from the database what is due at the time of the desk's clock, and may run on several instances at once, so it takes
//! what it changes under a lock and looks again. To add one: a line in [`JOBS`].

use std::{future::Future, pin::Pin, time::Duration};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{MissedTickBehavior, interval},
};

use crate::desk::{
    Desk, Failure,
    applications::lapse::lapse_due,
    audit,
    checkpoint::refresh_checkpoint,
    files::sweep_files,
    keys::destroy::destroy_retired,
    letters::{
        remind::{remind_of_lapses, tell_of_overdue},
        send::send_due,
    },
    memberships::end_suspensions::end_suspensions,
    personal_data::{purge::purge_erased, retain::erase_due},
    status_lists::refresh_status_lists,
};

/// A run of a job under way: how many things it will have done.
pub type Run<'a> = Pin<Box<dyn Future<Output = Result<usize, Failure>> + Send + 'a>>;

/// What is to be done again and again.
#[derive(Debug)]
pub struct Job {
    /// The name: in metrics, log lines and at the prompt.
    pub name: &'static str,
    /// What it does, in one line.
    pub purpose: &'static str,
    /// How long after one run the next begins; the first begins with the server.
    pub period: Duration,
    /// Does what is due, and tells how many things that were.
    pub work: fn(&Desk) -> Run<'_>,
}

/// The job that also runs whenever a letter was queued.
const LETTERS: &str = "letters";

/// Every job.
pub const JOBS: &[Job] = &[
    Job {
        name: LETTERS,
        purpose: "sends the letters that are due",
        period: Duration::from_secs(30),
        work: |desk| Box::pin(send_due(desk)),
    },
    Job {
        name: "checkpoint",
        purpose: "signs the log's head again when it is an hour old",
        period: Duration::from_mins(1),
        work: |desk| Box::pin(refresh_checkpoint(desk)),
    },
    Job {
        name: "status-lists",
        purpose: "signs the status lists again a day before they lapse, and with a new key",
        period: Duration::from_mins(10),
        work: |desk| Box::pin(refresh_status_lists(desk)),
    },
    Job {
        name: "suspensions",
        purpose: "ends the suspensions whose term has passed",
        period: Duration::from_mins(1),
        work: |desk| Box::pin(end_suspensions(desk)),
    },
    Job {
        name: "lapse",
        purpose: "lapses applications whose term has ended",
        period: Duration::from_mins(10),
        work: |desk| Box::pin(lapse_due(desk)),
    },
    Job {
        name: "audit-anchor",
        purpose: "lets the audit's newest hash enter the public log, once a day",
        period: Duration::from_hours(1),
        work: |desk| Box::pin(audit::anchor::anchor_when_due(desk)),
    },
    Job {
        name: "retired-keys",
        purpose: "destroys retired keys that no longer sign beside their successors",
        period: Duration::from_hours(1),
        work: |desk| Box::pin(destroy_retired(desk)),
    },
    Job {
        name: "reminders",
        purpose: "reminds applicants seven days before their applications lapse",
        period: Duration::from_mins(30),
        work: |desk| Box::pin(remind_of_lapses(desk)),
    },
    Job {
        name: "overdue",
        purpose: "tells the secretariat once a day how many applications are overdue",
        period: Duration::from_mins(30),
        work: |desk| Box::pin(tell_of_overdue(desk)),
    },
    Job {
        name: "orphaned-files",
        purpose: "takes away uploaded files that nothing names",
        period: Duration::from_hours(1),
        work: |desk| Box::pin(sweep_files(desk)),
    },
    Job {
        name: "retention",
        purpose: "erases the persons of applications and memberships that ended long enough ago",
        period: Duration::from_hours(1),
        work: |desk| Box::pin(erase_due(desk)),
    },
    Job {
        name: "purge",
        purpose: "takes what was erased out of the database's files",
        period: Duration::from_hours(1),
        work: |desk| Box::pin(purge_erased(desk)),
    },
];

/// The jobs that a mirror does, too: what the registry redacted goes from the mirror's files.
const MIRRORED: [&str; 1] = ["purge"];

/// The job of this name.
pub fn find(name: &str) -> Option<&'static Job> {
    JOBS.iter().find(|job| job.name == name)
}

impl Job {
    /// Does what is due now, counts the run, and logs a failure. While the clock is wrong nothing is due.
    pub async fn run(&self, desk: &Desk) -> Result<usize, Failure> {
        let outcome = match desk.check_clock().await {
            Ok(()) => (self.work)(desk).await,
            Err(failure) => Err(failure),
        };
        metrics::counter!("timetable_runs_total", "job" => self.name).increment(1);
        match &outcome {
            Ok(done) => {
                let now = u32::try_from(desk.now().timestamp()).unwrap_or_default();
                metrics::gauge!("timetable_last_success_timestamp_seconds", "job" => self.name)
                    .set(f64::from(now));
                tracing::debug!(job = self.name, done, "a job of the timetable ran");
            }
            Err(failure) => {
                metrics::counter!("timetable_failures_total", "job" => self.name).increment(1);
                tracing::error!(
                    job = self.name,
                    cause = %causes(failure),
                    "a job of the timetable failed; it is tried again at its next time"
                );
            }
        }
        outcome
    }

    /// Runs again and again until `end` says so. A run that has begun is finished, and one that breaks off is not
    /// the last.
    async fn keep(&'static self, desk: Desk, mut end: watch::Receiver<bool>) {
        let mut beat = interval(self.period);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                _ = end.wait_for(|end| *end) => return,
                _ = beat.tick() => {}
            }
            self.run_apart(desk.clone()).await;
        }
    }

    /// Runs whenever the post's bell is rung, until `end` says so.
    async fn heed_bell(&'static self, desk: Desk, mut end: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                biased;
                _ = end.wait_for(|end| *end) => return,
                () = desk.post.rung() => {}
            }
            self.run_apart(desk.clone()).await;
        }
    }

    /// Runs so that a run that breaks off is not the last.
    async fn run_apart(&'static self, desk: Desk) {
        // What failed is logged and counted, and is tried again.
        let run = tokio::spawn(async move { drop(self.run(&desk).await) });
        if let Err(panic) = run.await {
            metrics::counter!("timetable_failures_total", "job" => self.name).increment(1);
            tracing::error!(job = self.name, cause = %panic, "a job of the timetable broke off");
        }
    }
}

/// An error and what lies behind it, in one line.
fn causes(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", causes(source)),
        None => error.to_string(),
    }
}

/// The timetable while it is kept.
pub struct Timetable {
    end: watch::Sender<bool>,
    kept: JoinSet<()>,
}

impl Timetable {
    /// Begins to keep the timetable, each job by a task of its own, on the runtime that calls this.
    pub fn begin(desk: &Desk) -> Self {
        let mut timetable = Self::of(JOBS, desk);
        let ended = timetable.end.subscribe();
        if let Some(letters) = find(LETTERS) {
            timetable.kept.spawn(letters.heed_bell(desk.clone(), ended));
        }
        timetable
    }

    /// Begins to keep what of the timetable a mirror keeps.
    pub fn begin_mirror(desk: &Desk) -> Self {
        let is_kept = |job: &&Job| MIRRORED.contains(&job.name);
        Self::of(JOBS.iter().filter(is_kept), desk)
    }

    fn of(jobs: impl IntoIterator<Item = &'static Job>, desk: &Desk) -> Self {
        let (end, ended) = watch::channel(false);
        let mut kept = JoinSet::new();
        for job in jobs {
            kept.spawn(job.keep(desk.clone(), ended.clone()));
        }
        Self { end, kept }
    }

    /// Begins no further run and waits for those under way.
    pub async fn end(mut self) {
        self.end.send_replace(true);
        while self.kept.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use super::JOBS;

    #[test]
    fn every_job_has_a_name_of_its_own_and_a_period() {
        for (place, job) in JOBS.iter().enumerate() {
            let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(job.name.chars().all(is_plain), "{}", job.name);
            assert!(!job.period.is_zero(), "{}", job.name);
            assert!(
                JOBS[..place].iter().all(|other| other.name != job.name),
                "{}",
                job.name
            );
        }
    }
}
