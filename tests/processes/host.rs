//! Hosts on which commands and servers run.

use std::{
    env, fs,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStderr, Command, Output, Stdio},
    sync::{
        Mutex,
        mpsc::{self, Receiver},
    },
    thread::{self, JoinHandle},
};

use serde_json::Value;
use tempfile::TempDir;

/// The address under which every registry of these tests is known.
pub const PUBLIC_URL: &str = "https://registry.example";

/// A folder of a registry's data, and the database that belongs to it.
pub struct Host {
    folder: TempDir,
    database_url: Option<String>,
    settings: Vec<(&'static str, String)>,
    /// What every command is begun with, such as what puts it into another network.
    words: Vec<String>,
}

impl Host {
    /// The same, with a variable set for every command.
    pub fn with(mut self, variable: &'static str, value: &str) -> Self {
        self.settings.push((variable, value.to_owned()));
        self
    }

    /// The same, with these words before every command that runs it.
    pub fn by(mut self, words: &[String]) -> Self {
        words.clone_into(&mut self.words);
        self
    }

    /// A host whose database is SQLite in its own folder.
    pub fn on_sqlite() -> Self {
        Self::on_sqlite_in(&env::temp_dir())
    }

    /// The same, with its folder in this one.
    pub fn on_sqlite_in(folder: &Path) -> Self {
        Self {
            folder: TempDir::new_in(folder).unwrap(),
            database_url: None,
            settings: Vec::new(),
            words: Vec::new(),
        }
    }

    /// A host whose database is this server's.
    pub fn on(database_url: &str) -> Self {
        Self {
            database_url: Some(database_url.to_owned()),
            ..Self::on_sqlite()
        }
    }

    /// The same, with the signing keys of another host, and what it knows to be published.
    pub fn with_keys_of(other: &Self, database_url: &str) -> Self {
        let host = Self::on(database_url);
        fs::create_dir(host.key_folder()).unwrap();
        for key in fs::read_dir(other.key_folder()).unwrap() {
            let key = key.unwrap();
            fs::copy(key.path(), host.key_folder().join(key.file_name())).unwrap();
        }
        let mark = |host: &Self| host.folder().join("log.mark");
        if mark(other).exists() {
            fs::copy(mark(other), mark(&host)).unwrap();
        }
        host
    }

    /// A host with a copy of everything that lies in this one's folder, which nobody uses.
    pub fn copy(&self) -> Self {
        let copy = Self::on_sqlite();
        copy_into(self.folder(), copy.folder());
        copy
    }

    /// Accepts the database's log as the newest that was published, as the refusal to start says how.
    pub fn accept_head(&self) {
        let refused = self.refusal(&["serve"]);
        let (_, root) = refused.split_once("start with --accept-head ").unwrap();
        let root = root.get(..64).unwrap();
        let settings = format!("accept_head = \"{root}\"\n");
        fs::write(self.folder().join("charter-registry.toml"), settings).unwrap();
    }

    /// The same folder, for which the database has another address.
    pub fn reaching(self, database_url: &str) -> Self {
        Self {
            database_url: Some(database_url.to_owned()),
            ..self
        }
    }

    /// The folder of everything that a registry keeps.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The folder of uploaded files.
    pub fn file_folder(&self) -> PathBuf {
        self.folder.path().join("files")
    }

    /// The folder of the signing keys.
    pub fn key_folder(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// The URL of the database.
    pub fn database_url(&self) -> String {
        let own = || {
            format!(
                "sqlite:{}",
                self.folder.path().join("registry.db").display()
            )
        };
        self.database_url.clone().unwrap_or_else(own)
    }

    /// A command on this host.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let program = env!("CARGO_BIN_EXE_charter-registry");
        let mut command = match self.words.split_first() {
            None => Command::new(program),
            Some((first, rest)) => {
                let mut command = Command::new(first);
                command.args(rest).arg(program);
                command
            }
        };
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("CHARTER_DATA", self.folder.path())
            .env("CHARTER_PUBLIC_URL", PUBLIC_URL)
            .env("CHARTER_LISTEN", "127.0.0.1:0")
            .env("CHARTER_LOG_FORMAT", "json")
            // These clients send as fast as they can.
            .env("CHARTER_RATE_LIMITS", "off")
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        if let Some(url) = &self.database_url {
            command.env("CHARTER_DATABASE_URL", url);
        }
        command
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub fn answer(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", told(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a command that must be refused, and returns what it complains of.
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        let code = output.status.code();
        assert_eq!(code, Some(1), "{arguments:?}: {}", told(&output));
        told(&output)
    }

    /// Publishes one of the shipped charters.
    pub fn publish(&self, slug: &str) {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("charters");
        let definition = shipped.join(format!("{slug}.toml"));
        self.answer(&["charter", "publish", definition.to_str().unwrap()]);
    }

    /// Starts a server without waiting for it.
    pub fn start(&self) -> Starting {
        self.start_as(&["serve"])
    }

    /// Starts a mirror of the registry at this address, and waits until it listens.
    pub fn mirror(&self, address: &str, more: &[&str]) -> Instance {
        let url = format!("http://{address}");
        let arguments = [&["mirror", &url, "--every", "1"], more].concat();
        self.start_as(&arguments).ready()
    }

    /// The same by another command than `serve`.
    pub fn start_as(&self, arguments: &[&str]) -> Starting {
        let mut process = self
            .command(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = process.stderr.take().unwrap();
        let (sender, lines) = mpsc::channel();
        let reader = thread::spawn(move || {
            // Whoever listened may have gone; the server's pipe must be emptied all the same.
            for line in lines_of(output) {
                if line["level"] == "ERROR" {
                    eprintln!("{line}");
                }
                let _ = sender.send(line);
            }
        });
        Starting(Instance {
            process,
            address: String::new(),
            lines: Mutex::new(lines),
            reader: Some(reader),
        })
    }

    /// Starts a server, and waits until it listens.
    pub fn serve(&self) -> Instance {
        self.start().ready()
    }
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let from = entry.unwrap().path();
        let to = to.join(from.file_name().unwrap());
        if from.is_dir() {
            fs::create_dir_all(&to).unwrap();
            copy_into(&from, &to);
        } else {
            fs::copy(&from, &to).unwrap();
        }
    }
}

fn told(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

fn lines_of(output: ChildStderr) -> impl Iterator<Item = Value> {
    BufReader::new(output).lines().map(|line| {
        let line = line.unwrap();
        serde_json::from_str(&line).unwrap_or(Value::String(line))
    })
}

/// A server that may not listen yet.
pub struct Starting(Instance);

impl Starting {
    /// Waits until the server listens.
    pub fn ready(self) -> Instance {
        self.or_ended().unwrap_or_else(|why| panic!("{why}"))
    }

    /// Waits until the server listens, or has ended; then it says why.
    pub fn or_ended(self) -> Result<Instance, String> {
        let Self(mut instance) = self;
        instance.address = instance.look_for(|line| line["address"].as_str().map(str::to_owned))?;
        Ok(instance)
    }
}

/// A server, killed with this value.
pub struct Instance {
    process: Child,
    /// Where it listens.
    pub address: String,
    lines: Mutex<Receiver<Value>>,
    reader: Option<JoinHandle<()>>,
}

impl Instance {
    /// Waits for a log line in which `find` finds something.
    fn wait_for<T>(&self, find: impl Fn(&Value) -> Option<T>) -> T {
        let found = self.look_for(find);
        found.unwrap_or_else(|why| panic!("{why}"))
    }

    fn look_for<T>(&self, find: impl Fn(&Value) -> Option<T>) -> Result<T, String> {
        let mut seen = Vec::new();
        for line in self.lines.lock().unwrap().iter() {
            if let Some(found) = find(&line) {
                return Ok(found);
            }
            seen.push(line.to_string());
        }
        Err(format!("the server ended: {}", seen.join("\n")))
    }

    /// Ends it as service managers do, and returns its exit status and all that it logged.
    pub fn end(self) -> (Option<i32>, Vec<Value>) {
        self.terminate();
        self.ended()
    }

    /// Ends it as service managers do, and has another take its place; returns what `end` does.
    pub fn replaced(&mut self, by: impl FnOnce() -> Self) -> (Option<i32>, Vec<Value>) {
        self.terminate();
        let ended = self.waited_for();
        *self = by();
        ended
    }

    /// Asks it to end, and waits for nothing.
    pub fn terminate(&self) {
        self.send("-TERM");
    }

    /// Stops it in the midst of whatever it does.
    pub fn freeze(&self) {
        self.send("-STOP");
    }

    /// Lets it go on where it was stopped.
    pub fn thaw(&self) {
        self.send("-CONT");
    }

    /// Kills it in the midst of whatever it does.
    pub fn kill_now(&self) {
        self.send("-KILL");
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    fn send(&self, signal: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Asks it to end, and waits until it says that it does.
    pub fn ask_to_end(&self) {
        self.terminate();
        self.wait_for(|line| {
            let message = line["fields"]["message"]
                .as_str()
                .or(line["message"].as_str());
            message.filter(|text| text.starts_with("closing")).map(drop)
        });
    }

    /// Waits until it has ended by itself, and returns its exit status and what it logged meanwhile.
    pub fn ended(mut self) -> (Option<i32>, Vec<Value>) {
        self.waited_for()
    }

    fn waited_for(&mut self) -> (Option<i32>, Vec<Value>) {
        self.reader.take().unwrap().join().unwrap();
        let status = self.process.wait().unwrap();
        (
            status.code(),
            self.lines.lock().unwrap().try_iter().collect(),
        )
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
