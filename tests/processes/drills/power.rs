//! The power cut: the stories of the kill on a disk of its own, which loses whatever was not brought to it in time.
//!
//! The disk is ext4 in a file, mounted by the loop driver; `xfs_io -c shutdown` stops it without writing its journal.
//! Whether the rig loses anything at all is tested first, by a database that does not ask for its commits to be kept.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::Duration,
};

use tempfile::{NamedTempFile, TempDir};

use super::kill;
use crate::host::Host;

/// How large the disk is, in bytes.
const SIZE: u64 = 512 << 20;

/// How often unmounting is tried: whoever was killed may not be gone yet.
const TRIES: u32 = 50;

#[test]
fn on_sqlite() {
    let Some(disk) = Disk::new() else { return };
    let host = Host::on_sqlite_in(disk.folder());
    kill::run("drill-power on SQLite", &host, &|instance| {
        instance.freeze();
        disk.cut();
        drop(instance);
        disk.back();
    });
    drop(host);
}

#[test]
fn the_rig_loses_what_a_database_does_not_bring_to_the_disk() {
    let Some(disk) = Disk::new() else { return };
    let kept = |level: &str| {
        let file = disk.folder().join(format!("{level}.db"));
        let mut writer = commits(&file, level);
        disk.cut();
        writer.kill().unwrap();
        writer.wait().unwrap();
        disk.back();
        count(&file)
    };
    assert_eq!(kept("FULL"), COMMITS);
    assert!(kept("NORMAL") < COMMITS);
}

/// How many commits are acknowledged before the power goes.
const COMMITS: u64 = 200;

/// A program that has committed so often with this level of `PRAGMA synchronous`, and waits.
fn commits(file: &Path, level: &str) -> Child {
    let script = "import sqlite3, sys, time\n\
        database = sqlite3.connect(sys.argv[1], isolation_level=None)\n\
        database.execute('PRAGMA journal_mode=WAL')\n\
        database.execute('PRAGMA synchronous=FULL')\n\
        database.execute('CREATE TABLE commits (number INTEGER)')\n\
        database.execute('PRAGMA synchronous=' + sys.argv[2])\n\
        for number in range(int(sys.argv[3])):\n\
        \x20   database.execute('INSERT INTO commits VALUES (?)', (number,))\n\
        print('committed', flush=True)\n\
        time.sleep(600)\n";
    let mut writer = Command::new("python3")
        .args(["-c", script, file.to_str().unwrap(), level])
        .arg(COMMITS.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut said = String::new();
    let output = writer.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut said).unwrap();
    assert_eq!(said, "committed\n");
    writer
}

fn count(file: &Path) -> u64 {
    let script = "import sqlite3, sys\n\
        print(sqlite3.connect(sys.argv[1]).execute('SELECT count(*) FROM commits').fetchone()[0])\n";
    let counted = done(Command::new("python3").args(["-c", script, file.to_str().unwrap()]));
    String::from_utf8(counted.stdout)
        .unwrap()
        .trim()
        .parse()
        .unwrap()
}

/// A disk whose power can be cut.
struct Disk {
    image: NamedTempFile,
    folder: TempDir,
}

impl Disk {
    /// None, said aloud, where nobody may mount one.
    fn new() -> Option<Self> {
        let disk = Self {
            image: NamedTempFile::new().unwrap(),
            folder: TempDir::new().unwrap(),
        };
        disk.image.as_file().set_len(SIZE).unwrap();
        let made = Command::new("mkfs.ext4")
            .arg("-q")
            .arg(disk.image.path())
            .output();
        let mounted = disk.mount().output();
        // Whether its power can be cut is tried out, too.
        let is_cut = disk.shutdown().output();
        let usable = [made, mounted, is_cut];
        let failed = usable.iter().find(|tried| {
            let output = tried.as_ref().ok();
            !output.is_some_and(|output| output.status.success())
        });
        if let Some(failed) = failed {
            println!(
                "SKIPPED: no disk whose power could be cut: needs root, loop devices, mkfs.ext4 and xfs_io: {failed:?}"
            );
            return None;
        }
        disk.back();
        Some(disk)
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn mount(&self) -> Command {
        let mut mount = Command::new("mount");
        mount
            .args(["-o", "loop"])
            .arg(self.image.path())
            .arg(self.folder());
        mount
    }

    fn shutdown(&self) -> Command {
        let mut shutdown = Command::new("xfs_io");
        shutdown.args(["-x", "-c", "shutdown"]).arg(self.folder());
        shutdown
    }

    /// Nothing reaches the disk any more.
    fn cut(&self) {
        done(&mut self.shutdown());
    }

    /// The disk as it is found when the power is back.
    fn back(&self) {
        assert!(self.is_unmounted(), "somebody is at the disk");
        done(&mut self.mount());
    }

    fn is_unmounted(&self) -> bool {
        (0..TRIES).any(|_| {
            let tried = Command::new("umount").arg(self.folder()).output().unwrap();
            if !tried.status.success() {
                sleep(Duration::from_millis(100));
            }
            tried.status.success()
        })
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        if let Ok(mounts) = std::fs::read_to_string("/proc/mounts")
            && mounts.contains(self.folder().to_str().unwrap_or("?"))
        {
            self.is_unmounted();
        }
    }
}

fn done(command: &mut Command) -> Output {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {output:?}");
    output
}
