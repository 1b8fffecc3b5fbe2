//! The table of the numbers that the process keeps: their names, and what they mean.

/// What kind of number it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It only grows.
    Counter,
    /// It is as it is now.
    Gauge,
    /// How measurements are spread.
    Histogram,
}

/// Every number, with its kind and what it means.
pub const ALL: [(&str, Kind, &str); 45] = [
    (
        "http_requests_total",
        Kind::Counter,
        "Requests answered, by method, route and status",
    ),
    (
        "http_request_duration_seconds",
        Kind::Histogram,
        "Time to the answer, by method and route",
    ),
    (
        "http_requests_timed_out_total",
        Kind::Counter,
        "Requests whose client was told to wait no longer",
    ),
    (
        "rate_limited_total",
        Kind::Counter,
        "Requests refused because a budget was used up, by budget",
    ),
    (
        "problems_internal_total",
        Kind::Counter,
        "Answers that were the registry's own fault (500)",
    ),
    (
        "database_commits_total",
        Kind::Counter,
        "Transactions committed",
    ),
    (
        "database_up",
        Kind::Gauge,
        "1 if the database answered when these numbers were read",
    ),
    (
        "database_connections_max",
        Kind::Gauge,
        "Connections that a pool may have, by pool",
    ),
    (
        "database_connections",
        Kind::Gauge,
        "Connections that a pool has, by pool",
    ),
    (
        "database_connections_idle",
        Kind::Gauge,
        "Connections that nobody uses, by pool",
    ),
    (
        "database_waiting",
        Kind::Gauge,
        "Requests that wait for a connection, by pool",
    ),
    ("log_entries", Kind::Gauge, "Entries of the log"),
    (
        "log_last_entry_timestamp_seconds",
        Kind::Gauge,
        "Time of the log's last entry",
    ),
    (
        "clock_wrong",
        Kind::Gauge,
        "1 while the clock is more than five minutes from the database's; nothing is signed then",
    ),
    (
        "signing_key_missing",
        Kind::Gauge,
        "1 while a key in force is not in the key folder; nothing is signed then",
    ),
    (
        "log_contradicted",
        Kind::Gauge,
        "1 while the database has another log than the one that was published; nothing is signed then",
    ),
    (
        "log_checkpoint_timestamp_seconds",
        Kind::Gauge,
        "Time of the newest checkpoint's cosignature; proofs are refused three hours later",
    ),
    (
        "witness_quorum_awaited_since_timestamp_seconds",
        Kind::Gauge,
        "Since when the newest checkpoint waits for its witnesses, 0 if it does not; proofs stand at an older one meanwhile",
    ),
    (
        "witness_quorum_overridden",
        Kind::Gauge,
        "1 while an operator lets checkpoints be served without their witnesses",
    ),
    (
        "witness_cosigned",
        Kind::Gauge,
        "1 if a witness cosigned when it was asked last, by witness",
    ),
    (
        "witness_failing_since_timestamp_seconds",
        Kind::Gauge,
        "Since when a witness does not cosign, 0 if it does, by witness; it is asked less and less often meanwhile",
    ),
    (
        "witness_answers_total",
        Kind::Counter,
        "Checkpoints that a witness was asked to cosign, by witness and outcome",
    ),
    (
        "status_lists_lapse_timestamp_seconds",
        Kind::Gauge,
        "When the first of the status lists lapses; verifiers refuse it then",
    ),
    (
        "deadline_missed",
        Kind::Gauge,
        "1 if something should have been signed again by now and was not, by deadline",
    ),
    (
        "ledger_failures_total",
        Kind::Counter,
        "Events that the log did not take, by reason",
    ),
    ("letters_waiting", Kind::Gauge, "Letters still to be sent"),
    (
        "letters_oldest_timestamp_seconds",
        Kind::Gauge,
        "When the oldest of them was queued; 0 if none waits",
    ),
    (
        "letters_queued_total",
        Kind::Counter,
        "Letters put into the outbox",
    ),
    (
        "letters_sent_total",
        Kind::Counter,
        "Letters that the mail server took",
    ),
    (
        "letters_deferred_total",
        Kind::Counter,
        "Attempts that failed and are followed by another",
    ),
    (
        "letters_bounced_total",
        Kind::Counter,
        "Letters refused for good, or come back",
    ),
    (
        "personal_data_erased_total",
        Kind::Counter,
        "Applications whose persons were erased",
    ),
    (
        "letters_failed_total",
        Kind::Counter,
        "Letters given up after the last attempt",
    ),
    (
        "timetable_runs_total",
        Kind::Counter,
        "Runs of a job of the timetable, by job",
    ),
    (
        "timetable_failures_total",
        Kind::Counter,
        "Runs that failed, by job",
    ),
    (
        "timetable_last_success_timestamp_seconds",
        Kind::Gauge,
        "When a job last succeeded, by job",
    ),
    (
        "ready",
        Kind::Gauge,
        "1 if the server is ready for requests, by what it depends on",
    ),
    (
        "data_free_bytes",
        Kind::Gauge,
        "Free space where the data folder lies",
    ),
    (
        "build_info",
        Kind::Gauge,
        "Always 1; the version is a label",
    ),
    (
        "process_resident_memory_bytes",
        Kind::Gauge,
        "Memory in use",
    ),
    ("process_open_fds", Kind::Gauge, "Open files and sockets"),
    (
        "process_max_fds",
        Kind::Gauge,
        "How many of them there may be",
    ),
    (
        "mirror_state",
        Kind::Gauge,
        "1 for how a mirror stands to its registry, by state; only on mirrors",
    ),
    (
        "mirror_lag_entries",
        Kind::Gauge,
        "Log entries of the registry that a mirror does not serve yet",
    ),
    (
        "mirror_lag_seconds",
        Kind::Gauge,
        "Seconds since the registry said that what a mirror serves was its newest",
    ),
];

/// Tells the recorder what each number means.
pub(super) fn describe() {
    for (name, kind, meaning) in ALL {
        match kind {
            Kind::Counter => metrics::describe_counter!(name, meaning),
            Kind::Gauge => metrics::describe_gauge!(name, meaning),
            Kind::Histogram => metrics::describe_histogram!(name, meaning),
        }
    }
    // What has not happened yet is 0, not unknown: alerts are about changes.
    for name in [
        "http_requests_timed_out_total",
        "problems_internal_total",
        "database_commits_total",
        "letters_queued_total",
        "letters_sent_total",
        "letters_deferred_total",
        "letters_bounced_total",
        "letters_failed_total",
        "personal_data_erased_total",
    ] {
        metrics::counter!(name).absolute(0);
    }
    metrics::gauge!("build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
}
