//! A host with a folder of its own, on which the real binary runs.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

/// A folder in which commands run, and nothing else.
pub struct Host(TempDir);

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Host {
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_charter-registry"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed, and returns what it printed.
    pub fn answer(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {}{}", ended.out, ended.err);
        ended.out
    }

    /// Runs a command that must be refused, and returns what it complains of.
    pub fn refusal(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 1, "{arguments:?}: {}{}", ended.out, ended.err);
        ended.err
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).unwrap();
    }

    /// Copies one of the shipped charters into `charters/`.
    pub fn bring_charter(&self, slug: &str) -> String {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("charters");
        let own = self.path().join("charters");
        fs::create_dir_all(own.join(slug)).unwrap();
        let definition = format!("{slug}.toml");
        fs::copy(shipped.join(&definition), own.join(&definition)).unwrap();
        for text in fs::read_dir(shipped.join(slug)).unwrap() {
            let text = text.unwrap();
            fs::copy(text.path(), own.join(slug).join(text.file_name())).unwrap();
        }
        format!("charters/{definition}")
    }
}

impl Ended {
    pub fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A server on a port of the system's choice; ended with the test.
pub struct Server {
    pub process: Child,
    pub address: String,
    /// What it logs after its first line.
    log: BufReader<std::process::ChildStderr>,
}

impl Server {
    pub fn start(host: &Host, arguments: &[&str]) -> Self {
        let arguments = [
            &["serve", "--listen", "127.0.0.1:0", "--log-format", "json"],
            arguments,
        ];
        let mut process = host
            .command(&arguments.concat())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let address = loop {
            let mut line = String::new();
            assert_ne!(log.read_line(&mut line).unwrap(), 0, "the server ended");
            let line: serde_json::Value = serde_json::from_str(&line).unwrap();
            if let Some(address) = line["address"].as_str() {
                break address.to_owned();
            }
        };
        Self {
            process,
            address,
            log,
        }
    }

    pub fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            self.address
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks it to end as service managers do, and returns its exit status.
    pub fn stop(mut self) -> i32 {
        let id = self.process.id().to_string();
        let sent = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(sent.success());
        let mut rest = String::new();
        self.log.read_to_string(&mut rest).unwrap();
        self.process.wait().unwrap().code().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
