//! How often a change waits for the disk, counted by `strace`.

use std::{
    fs,
    process::{Child, Command, Stdio},
    thread::yield_now,
};

use serde_json::json;

use crate::{
    client::{CHARTER, Client, Tokens},
    host::{Host, Instance},
    organisations::ogrn,
};

/// How many changes are made.
const CHANGES: usize = 30;

#[test]
fn a_change_waits_for_the_disk_twice_for_the_database_and_for_the_mark() {
    let host = Host::on_sqlite();
    host.publish(CHARTER);
    let tokens = Tokens::issue(&host);
    let instance = host.serve();
    let client = Client::new(&instance.address, &tokens);
    let member = client.admit(&json!([ogrn(0)]));
    let Some(trace) = Trace::of(&host, &instance) else {
        return;
    };
    let waited: Vec<Vec<String>> = (0..CHANGES)
        .map(|number| {
            let before = trace.lines().len();
            let read = client.member(&member);
            let changes = json!({"aliases": [format!("Школа {number}")]});
            client.amend(&member, &read, &changes).done();
            trace.lines().split_off(before)
        })
        .collect();
    for waits in &waited {
        let of = |file: &str| waits.iter().filter(|line| line.contains(file)).count();
        assert_eq!(of("log.mark"), 1, "{waits:#?}");
        // From time to time SQLite brings its write-ahead log into the database: twice more, but once for many changes.
        assert!((1..=3).contains(&of("registry.db")), "{waits:#?}");
        assert_eq!(
            of("log.mark") + of("registry.db"),
            waits.len(),
            "{waits:#?}"
        );
    }
    let twice = waited.iter().filter(|waits| waits.len() == 2).count();
    assert!(twice >= CHANGES - 1, "{waited:#?}");
    trace.end();
}

/// The calls by which a server waits for the disk, one a line, with the file's name.
struct Trace {
    strace: Child,
    file: std::path::PathBuf,
}

impl Trace {
    /// None, said aloud, where no process may be traced.
    fn of(host: &Host, instance: &Instance) -> Option<Self> {
        let file = host.folder().join("trace");
        let strace = Command::new("strace")
            .args([
                "-f",
                "-y",
                "-e",
                "trace=fsync,fdatasync,sync_file_range,msync",
                "-e",
                "signal=none",
            ])
            .args(["-p", &instance.id().to_string(), "-o"])
            .arg(&file)
            .stderr(Stdio::null())
            .spawn();
        let mut trace = match strace {
            Ok(strace) => Self { strace, file },
            Err(error) => {
                println!("SKIPPED: no strace: {error}");
                return None;
            }
        };
        let status = format!("/proc/{}/status", instance.id());
        while fs::read_to_string(&status)
            .unwrap()
            .contains("TracerPid:\t0\n")
        {
            if let Some(ended) = trace.strace.try_wait().unwrap() {
                println!("SKIPPED: no process may be traced here: {ended}");
                return None;
            }
            yield_now();
        }
        Some(trace)
    }

    /// The calls so far that waited for the disk.
    fn lines(&self) -> Vec<String> {
        let text = fs::read_to_string(&self.file).unwrap();
        let calls = text.lines().filter(|line| line.contains("sync("));
        calls.map(str::to_owned).collect()
    }

    fn end(mut self) {
        let id = self.strace.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        self.strace.wait().unwrap();
    }
}
