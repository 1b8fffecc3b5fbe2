//! The README's tour, word for word, on both databases.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    os::unix::fs::symlink,
    path::Path,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::postgres::TestDatabase;

const README: &str = include_str!("../../README.md");

/// The demo, killed with this value.
struct Demo(Child);

impl Demo {
    /// Starts the demo in `folder`, as the tour does, and waits until its story is told.
    fn told_in(folder: &Path, database_url: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_charter-registry"));
        command
            .args(["demo", "--data", "demo-data", "--listen", "127.0.0.1:0"])
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some(url) = database_url {
            command.env("CHARTER_DATABASE_URL", url);
        }
        let mut process = command.spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let demo = Self(process);
        let told = lines
            .map_while(Result::ok)
            .any(|line| line.starts_with("The tokens of this demo"));
        assert!(told, "the demo ended before its story was told");
        demo
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The shell commands of the tour, in their order.
fn commands() -> String {
    let tour = README
        .split("\n## ")
        .find(|part| part.starts_with("A tour\n"));
    let blocks = tour.unwrap().split("```sh\n").skip(1);
    let blocks: Vec<_> = blocks
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(blocks.len() >= 6, "the tour has {} blocks", blocks.len());
    blocks.concat()
}

fn walk(database_url: Option<&str>) {
    let folder = TempDir::new().unwrap();
    let release = folder.path().join("target/release");
    fs::create_dir_all(&release).unwrap();
    symlink(
        env!("CARGO_BIN_EXE_charter-registry"),
        release.join("charter-registry"),
    )
    .unwrap();
    let _demo = Demo::told_in(folder.path(), database_url);
    let walked = Command::new("bash")
        .args(["-euo", "pipefail", "-c", &commands()])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let shown = String::from_utf8(walked.stdout).unwrap();
    let complaints = String::from_utf8(walked.stderr).unwrap();
    assert!(walked.status.success(), "{shown}\n{complaints}");
    assert!(!shown.contains("/problems/"), "a step was refused: {shown}");
    for expected in [
        "Лаборатория Касперского",
        "\"state\":\"memorandum_signed\"",
        "\"verdict\":\"authentic\"",
        "refused",
        "\"event\":\"excluded\"",
        "active: domain:library.example in the charter digital-ethics-of-childhood (Library",
        "\"superseded\":true",
        "excluded: domain:library.example in the charter digital-ethics-of-childhood (Library",
        "no longer",
        "127.0.0.1",
    ] {
        assert!(shown.contains(expected), "{expected} is missing: {shown}");
    }
}

/// Whether there is `curl`; without it the tour cannot be walked, and under CI it must be.
fn curl_is_there() -> bool {
    let found = Command::new("curl")
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_ok();
    let ci = env::var("CI").is_ok_and(|ci| ci == "true");
    assert!(
        found || !ci,
        "under CI the tour must be walked, but there is no curl"
    );
    if !found {
        eprintln!("*** SKIPPED: the README's tour, because there is no curl");
    }
    found
}

#[test]
fn the_tour_can_be_walked_word_for_word_on_sqlite() {
    if curl_is_there() {
        walk(None);
    }
}

#[test]
fn the_tour_can_be_walked_word_for_word_on_postgresql() {
    if let Some(database) = TestDatabase::create()
        && curl_is_there()
    {
        walk(Some(database.url()));
    }
}

/// Every setting stands in the README's table, with its flag, its variable and its place in the file.
#[test]
fn the_readme_names_every_setting() {
    for setting in charter_registry::config::settings::ALL {
        let key = setting
            .key
            .map(|key| format!("`{key}`"))
            .unwrap_or_default();
        let row = format!("| `--{}` | `{}` | {key} |", setting.flag, setting.variable);
        let row = row.replace("|  |", "| |");
        assert!(README.contains(&row), "{row}");
    }
}
