//! Clocks that are wrong: what an instance does that goes by one, and how a program is told a wrong time.

use std::{
    fs,
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use serde_json::json;

use crate::{
    client::{CHARTER, Client, SCAN, Tokens},
    host::Host,
    organisations::ogrn,
    postgres::TestDatabase,
};

/// What changes the time for a program: Debian's `libfaketime`. None, said aloud, where it is missing; CI has it.
pub fn faketime() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib").unwrap().flatten();
    let found = folders
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .find(|file| file.exists());
    if found.is_none() {
        assert!(std::env::var("CI").is_err(), "CI has no libfaketime");
        eprintln!(
            "SKIPPED: what happens when clocks jump: needs libfaketime (Debian: libfaketime)"
        );
    }
    found
}

/// A host whose programs take the time from a file in its folder.
pub fn with_clock(host: Host, faketime: &Path) -> Host {
    set(&host, 0);
    let file = host.folder().join("clock");
    let file = file.to_str().unwrap();
    host.with("LD_PRELOAD", faketime.to_str().unwrap())
        .with("FAKETIME_TIMESTAMP_FILE", file)
        .with("FAKETIME_NO_CACHE", "1")
        .with("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .with("NO_FAKE_STAT", "1")
}

/// Puts a host's clock wrong by so many days, or right again. It is wrong at once.
pub fn set(host: &Host, days: i32) {
    let file = host.folder().join("clock");
    let next = file.with_extension("next");
    fs::write(&next, format!("{days:+}d")).unwrap();
    fs::rename(next, file).unwrap();
    // Whatever was read before is over by then.
    sleep(Duration::from_millis(10));
}

/// By a clock that is a year ahead everybody would have been kept long enough, every repetition would be a new request,
/// and every file would be an orphan.
#[test]
fn an_instance_whose_clock_is_wrong_takes_nothing_in_and_clears_nothing_away() {
    let (Some(database), Some(faketime)) = (TestDatabase::create(), faketime()) else {
        return;
    };
    let host = with_clock(Host::on(database.url()), &faketime);
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let application = client.bring(&json!([ogrn(1)])).unwrap();
    let path = format!("/v1/applications/{application}");
    let before = client.get(&path).done();
    // Tokens are valid for a year.
    for days in [300, -400] {
        set(&host, days);
        for refused in [
            client.apply(&json!([ogrn(2)])),
            client.issue_memorandum(&application),
            client.upload_scan(&application, SCAN),
        ] {
            let refused = refused.or_refused(&["clock-wrong"]);
            assert_eq!(refused.unwrap_err(), "clock-wrong", "{days}");
        }
    }
    drop(instance);
    // Each job runs when a server starts.
    set(&host, 400);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let failed = |client: &Client, job: &str| {
        let measured = String::from_utf8(client.bytes("/metrics")).unwrap();
        let failures = format!("timetable_failures_total{{job=\"{job}\"}} 1");
        measured.contains(&failures)
    };
    for job in ["retention", "lapse", "orphaned-files", "purge"] {
        while !failed(&client, job) {
            sleep(Duration::from_millis(20));
        }
    }
    set(&host, 0);
    assert_eq!(client.get(&path).done(), before);
    assert_eq!(client.received().len(), 0);
    client.apply(&json!([ogrn(2)])).done();
}
