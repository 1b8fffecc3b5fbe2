//! The numbers that are read when somebody asks for them: the pools, the log, the outbox, the disk, the process.

use std::time::Duration;

use chrono::{DateTime, Utc};
use metrics::gauge;
use tokio::time::timeout;

use super::Service;
use crate::{
    desk::{Desk, late},
    log::signatory::Signatory,
    mirror::standing::{Standing, State},
    storage::{self, Database, letters, log},
    telemetry::process::Process,
};

/// How long the database may take: a monitor must hear of one that hangs.
const PATIENCE: Duration = Duration::from_secs(2);

/// Reads them all. What cannot be read keeps its last value, and `database_up` says so of the database.
pub async fn measure(service: &Service) {
    checkpoint(&service.desk.signatory);
    witnesses(&service.desk);
    pools(&service.desk.database);
    if let Some(standing) = &service.mirror {
        mirror(standing, &service.desk);
    }
    let desk = service.desk.clone();
    let reading = service
        .runtime
        .spawn(async move { of_database(&desk).await });
    let is_up = matches!(timeout(PATIENCE, reading).await, Ok(Ok(Ok(()))));
    gauge!("database_up").set(f64::from(u8::from(is_up)));
    let is_open = !service.work.is_closing();
    gauge!("ready", "needs" => "database").set(f64::from(u8::from(is_up)));
    gauge!("ready", "needs" => "open").set(f64::from(u8::from(is_open)));
    if let Ok(disk) = rustix::fs::statvfs(&*service.data) {
        gauge!("data_free_bytes").set(number(disk.f_bavail.saturating_mul(disk.f_frsize)));
    }
    let process = Process::read();
    for (name, value) in [
        ("process_resident_memory_bytes", process.resident),
        ("process_open_fds", process.open_files),
        ("process_max_fds", process.max_files),
    ] {
        if let Some(value) = value {
            gauge!(name).set(number(value));
        }
    }
}

fn checkpoint(signatory: &Signatory) {
    let log = &signatory.log;
    let cosigned_at = log.served().map(|served| served.cosigned_at);
    gauge!("log_checkpoint_timestamp_seconds").set(seconds(cosigned_at));
    gauge!("log_contradicted").set(f64::from(u8::from(log.is_contradicted())));
    gauge!("clock_wrong").set(f64::from(u8::from(signatory.is_clock_wrong())));
    gauge!("signing_key_missing").set(f64::from(u8::from(signatory.keyring.is_lacking())));
}

fn witnesses(desk: &Desk) {
    let Some(asking) = &desk.witnesses else {
        return;
    };
    let since = asking.waiting().and_then(|waiting| waiting.since);
    gauge!("witness_quorum_awaited_since_timestamp_seconds").set(seconds(since));
    gauge!("witness_quorum_overridden").set(f64::from(u8::from(asking.is_overridden())));
    for answering in asking.answering() {
        let witness = answering.witness.to_owned();
        let cosigned = f64::from(u8::from(answering.cosigned));
        gauge!("witness_cosigned", "witness" => witness.clone()).set(cosigned);
        let since = seconds(answering.failing_since);
        gauge!("witness_failing_since_timestamp_seconds", "witness" => witness).set(since);
    }
}

fn mirror(standing: &Standing, desk: &Desk) {
    let at = desk.now();
    let now = standing.now(at);
    for state in State::ALL {
        let is_it = f64::from(u8::from(state == now.state));
        gauge!("mirror_state", "state" => state.as_str()).set(is_it);
    }
    let served = desk.signatory.log.newest();
    let served = served.map_or(0, |newest| newest.checkpoint.size);
    gauge!("mirror_lag_entries").set(number(now.size.unwrap_or(0).saturating_sub(served)));
    if let Some(cosigned) = now.cosigned_at {
        let lag = u64::try_from((at - cosigned).num_seconds()).unwrap_or_default();
        gauge!("mirror_lag_seconds").set(number(lag));
    }
}

fn pools(database: &Database) {
    for (pool, status) in database.pools() {
        let count = |count: usize| number(u64::try_from(count).unwrap_or_default());
        gauge!("database_connections_max", "pool" => pool).set(count(status.max_size));
        gauge!("database_connections", "pool" => pool).set(count(status.size));
        gauge!("database_connections_idle", "pool" => pool).set(count(status.available));
        gauge!("database_waiting", "pool" => pool).set(count(status.waiting));
    }
}

async fn of_database(desk: &Desk) -> Result<(), storage::Error> {
    let mut conn = desk.database.read().await?;
    let late = late::late(desk, &mut conn).await?;
    gauge!("status_lists_lapse_timestamp_seconds").set(seconds(late.first_list_lapses));
    for (deadline, is_late) in late.all() {
        gauge!("deadline_missed", "deadline" => deadline).set(f64::from(u8::from(is_late)));
    }
    let head = log::head(&mut conn).await?;
    gauge!("log_entries").set(number(head.size));
    gauge!("log_last_entry_timestamp_seconds").set(seconds(head.last_at));
    let waiting = letters::waiting(&mut conn).await?;
    gauge!("letters_waiting").set(number(u64::try_from(waiting.count).unwrap_or_default()));
    gauge!("letters_oldest_timestamp_seconds").set(seconds(waiting.oldest));
    Ok(())
}

/// A time as Prometheus takes it; 0 for none.
fn seconds(at: Option<DateTime<Utc>>) -> f64 {
    let seconds = at.map(|at| at.timestamp()).unwrap_or_default();
    number(u64::try_from(seconds).unwrap_or_default())
}

/// A whole number as a metric: exact up to 2^53.
fn number(value: u64) -> f64 {
    let (high, low) = (value >> 32, value & 0xffff_ffff);
    let half = |half: u64| f64::from(u32::try_from(half).unwrap_or(u32::MAX));
    half(high) * 4_294_967_296.0 + half(low)
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_beyond_32_bits_stay_what_they_are() {
        for (value, expected) in [(0, "0"), (7, "7"), (1 << 40, "1099511627776")] {
            assert_eq!(super::number(value).to_string(), expected);
        }
    }
}
