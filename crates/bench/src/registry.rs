//! The program that is measured: commands in a data folder, and servers with what they cost.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use crate::client::Connection;

/// The charter whose members are made.
pub const CHARTER: &str = "digital-ethics-of-childhood";

/// The address by which the registry is known.
pub const PUBLIC_URL: &str = "https://registry.example";

/// How often a server that is not there yet is asked.
const BEAT: Duration = Duration::from_millis(1);

/// A registry's data folder.
pub struct Folder {
    path: PathBuf,
    /// Gone with this value, unless it is kept.
    _temporary: Option<TempDir>,
}

impl Folder {
    /// An empty one, gone with this value.
    pub fn new() -> Self {
        let temporary = TempDir::new().unwrap();
        Self {
            path: temporary.path().to_owned(),
            _temporary: Some(temporary),
        }
    }

    /// The one at this path, which stays.
    pub fn at(path: &Path) -> Self {
        fs::create_dir_all(path).unwrap();
        Self {
            path: path.canonicalize().unwrap(),
            _temporary: None,
        }
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// This program, told to work in the folder.
    pub fn set(&self, mut command: Command) -> Command {
        command
            .current_dir(self.path())
            .env_clear()
            .env("CHARTER_DATA", self.path())
            .env("CHARTER_PUBLIC_URL", PUBLIC_URL)
            .env("CHARTER_RATE_LIMITS", "off")
            .env("CHARTER_LETTERS", "none")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        command
    }

    /// Runs a command of the registry's, and returns how long it took.
    pub fn run(&self, arguments: &[&str]) -> Duration {
        let mut command = self.set(Command::new(program()));
        command.args(arguments).stderr(Stdio::inherit());
        let began = Instant::now();
        let output = command.output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        began.elapsed()
    }

    /// Publishes the charter.
    pub fn publish(&self) {
        let definition =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../charters/{CHARTER}.toml"));
        self.run(&["charter", "publish", definition.to_str().unwrap()]);
    }

    /// Starts the registry's server, and returns how long it took to its first answer.
    pub fn serve(&self) -> (Server, Duration) {
        let address = free_address();
        let mut command = self.set(Command::new(program()));
        command
            .arg("serve")
            .env("CHARTER_LISTEN", address.to_string());
        Server::start(command, address)
    }

    /// Starts a mirror of a registry, without waiting for it.
    pub fn mirror(&self, of: &Server) -> Server {
        let address = free_address();
        let mut command = self.set(Command::new(program()));
        command
            .args(["mirror", &format!("http://{}", of.address), "--every", "1"])
            .env("CHARTER_LISTEN", address.to_string());
        Server::spawn(command, address)
    }

    /// How much the files of this name in it weigh, in bytes.
    pub fn weight(&self, name: &str) -> u64 {
        fs::metadata(self.path().join(name)).map_or(0, |file| file.len())
    }
}

/// The program as it is shipped: built beside this one.
fn program() -> PathBuf {
    let own = std::env::current_exe().unwrap();
    own.with_file_name("charter-registry")
}

/// An address at which nobody listens.
pub fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// How long each thread of a process has had a processor, in its own code and in the kernel's for it.
pub struct Spent(BTreeMap<OsString, u64>);

impl Spent {
    /// By this process.
    pub fn here() -> Self {
        Self::by(std::process::id())
    }

    fn by(process: u32) -> Self {
        let threads = fs::read_dir(format!("/proc/{process}/task")).unwrap();
        let each = threads.map(|thread| {
            let thread = thread.unwrap();
            // It may end meanwhile.
            let told = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            let nanoseconds = told.split_whitespace().next();
            let nanoseconds = nanoseconds.map_or(0, |first| first.parse().unwrap());
            (thread.file_name(), nanoseconds)
        });
        Self(each.collect())
    }

    /// All of it.
    pub fn total(&self) -> Duration {
        Duration::from_nanos(self.0.values().sum())
    }

    /// What was spent since then, by the threads that are still there.
    pub fn since(&self, before: &Self) -> Duration {
        let each = self.0.iter().map(|(thread, now)| {
            let then = before.0.get(thread).copied().unwrap_or_default();
            now.saturating_sub(then)
        });
        Duration::from_nanos(each.sum())
    }
}

/// How much memory this process has of its own, in KiB.
pub fn own_anonymous_memory() -> u64 {
    anonymous_memory(std::process::id())
}

fn anonymous_memory(process: u32) -> u64 {
    memory(process, "RssAnon:")
}

/// What the kernel says of a process's memory, in KiB.
fn memory(process: u32, which: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let mut lines = status.lines();
    let line = lines.find_map(|line| line.strip_prefix(which)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// A server, ended with this value.
pub struct Server {
    process: Child,
    began: Instant,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it, and returns how long it took to its first answer.
    pub fn start(command: Command, address: SocketAddr) -> (Self, Duration) {
        let mut server = Self::spawn(command, address);
        loop {
            let answer = Connection::to(address).and_then(|mut server| server.get("/healthz"));
            if answer.is_ok_and(|answer| answer.status == 200) {
                let took = server.began.elapsed();
                return (server, took);
            }
            assert!(server.process.try_wait().unwrap().is_none(), "it ended");
            sleep(BEAT);
        }
    }

    /// The same without waiting for it.
    fn spawn(mut command: Command, address: SocketAddr) -> Self {
        let began = Instant::now();
        let process = command.stdout(Stdio::null()).spawn().unwrap();
        Self {
            process,
            began,
            address,
        }
    }

    /// When it was started.
    pub const fn began(&self) -> Instant {
        self.began
    }

    /// The most memory that it ever had, files that it maps included, in KiB.
    pub fn peak_memory(&self) -> u64 {
        memory(self.process.id(), "VmHWM:")
    }

    /// What its threads have had of the processors until now.
    pub fn spent(&self) -> Spent {
        Spent::by(self.process.id())
    }

    /// How much memory it has of its own, in KiB: what is not a file's.
    pub fn anonymous_memory(&self) -> u64 {
        anonymous_memory(self.process.id())
    }

    /// Asks it to end, as a service manager does, and waits until it has.
    pub fn end(mut self) {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        assert!(self.process.wait().unwrap().success());
    }

    /// Ends it without asking.
    pub fn kill(self) {
        drop(self);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
