//! Where is searched: what the registry answers, logs, sends and backs up, its data, and PostgreSQL's.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Child,
    sync::atomic::{AtomicUsize, Ordering},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use charter_proof::{
    proof_file::ProofFile,
    tile::{Row, tiles_of},
};
use serde_json::Value;
use tempfile::TempDir;
use tokio_postgres::NoTls;

use super::{Planted, search::Mark};
use crate::{
    audit::run,
    client::{CHARTER, Client, member_path},
    host::Host,
    postgres,
};

/// What PostgreSQL would compress, so that a search could not find it.
const UNCOMPRESSED: [&str; 8] = [
    "memoranda ALTER COLUMN body",
    "application_comments ALTER COLUMN body",
    "letters ALTER COLUMN arguments",
    "applications ALTER COLUMN entered",
    "applications ALTER COLUMN confirmation",
    "applications ALTER COLUMN returned",
    "applications ALTER COLUMN outcome",
    "applications ALTER COLUMN acknowledged",
];

/// A PostgreSQL server of the drill's own, whose files may be read; it ends with this value.
pub struct Server {
    url: String,
    /// Its folder, with the data and the log.
    folder: PathBuf,
    _in_use: TempDir,
    _watcher: Child,
}

impl Server {
    /// Starts it; `None` where there is no PostgreSQL.
    pub fn start() -> Option<Self> {
        let programs = postgres::or_skip(postgres::programs())?;
        let in_use = TempDir::new().unwrap();
        let path = in_use.path().join("in-use");
        fs::write(&path, "").unwrap();
        let (url, watcher) = postgres::or_skip(postgres::start(&programs, &path, &[]))?;
        let mut server = Self {
            url,
            folder: PathBuf::new(),
            _in_use: in_use,
            _watcher: watcher,
        };
        let data = PathBuf::from(server.ask("SHOW data_directory"));
        data.parent().unwrap().clone_into(&mut server.folder);
        // As docs/personal-data.md tells operators: segments of the write-ahead log are deleted, not kept for reuse.
        server.tell("ALTER SYSTEM SET wal_recycle = off");
        server.tell("SELECT pg_reload_conf()");
        Some(server)
    }

    /// The URL of its database.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn tell(&self, statement: &str) {
        self.ask(statement);
    }

    /// Runs one statement; the first column of its first row, if it has one.
    fn ask(&self, statement: &str) -> String {
        run(async {
            let connected = tokio_postgres::connect(&self.url, NoTls).await;
            let (client, connection) = connected.unwrap();
            tokio::spawn(connection);
            let messages = client.simple_query(statement).await.unwrap();
            let row = messages.iter().find_map(|message| match message {
                tokio_postgres::SimpleQueryMessage::Row(row) => row.get(0),
                _ => None,
            });
            row.unwrap_or_default().to_owned()
        })
    }
}

/// The places of one registry.
pub struct Places<'a> {
    host: &'a Host,
    server: Option<&'a Server>,
    /// What was answered and logged, and the backups.
    kept: TempDir,
    answers: AtomicUsize,
}

impl<'a> Places<'a> {
    /// Of this host, on this server or SQLite. Nothing was written yet.
    pub fn new(host: &'a Host, server: Option<&'a Server>) -> Self {
        if let Some(server) = server {
            for column in UNCOMPRESSED {
                server.tell(&format!("ALTER TABLE {column} SET STORAGE EXTERNAL"));
            }
        }
        let kept = TempDir::new().unwrap();
        fs::create_dir(kept.path().join("answers")).unwrap();
        Self {
            host,
            server,
            kept,
            answers: AtomicUsize::new(0),
        }
    }

    /// The folder of answers and log lines.
    pub fn answers(&self) -> PathBuf {
        self.kept.path().join("answers")
    }

    fn keep(&self, content: impl AsRef<[u8]>) {
        let number = self.answers.fetch_add(1, Ordering::Relaxed);
        fs::write(self.answers().join(number.to_string()), content).unwrap();
    }

    /// Waits until every letter has left.
    pub fn until_letters_are_sent(client: &Client) {
        for state in ["queued", "sending"] {
            let path = format!("/v1/letters?limit=1&state={state}");
            while client.get(&path).done()["items"] != Value::Array(Vec::new()) {
                std::thread::yield_now();
            }
        }
    }

    /// Every item of a list, and the list's pages as they were answered.
    fn pages(&self, client: &Client, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = client.get(&format!("{path}?limit=100{cursor}")).done();
            self.keep(page.to_string());
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// Keeps what anybody may read, and what is told of letters.
    pub fn keep_public_answers(&self, client: &Client) {
        let members = self.pages(client, &format!("/v1/charters/{CHARTER}/members"));
        for member in members {
            let path = member_path(member["id"].as_str().unwrap());
            // Whoever is no member any more has no credential.
            let is_living = ["active", "suspended"].contains(&member["status"].as_str().unwrap());
            let rest = ["", "/history", "/record", "/events.atom"];
            for rest in rest.into_iter().chain(is_living.then_some("/credential")) {
                self.keep(client.bytes(&format!("{path}{rest}")));
            }
            // What a proof holds stands in it in base64.
            let proof = ProofFile::parse(&client.bytes(&format!("{path}/proof"))).unwrap();
            self.keep(serde_json::to_string(&proof.extra).unwrap());
        }
        for path in ["/v1/charters", "/v1/keys", "/v1/policy", "/openapi.json"] {
            self.keep(client.bytes(path));
        }
        for form in [
            "members.csv",
            "members.ndjson",
            "members.jsonld",
            "events.atom",
        ] {
            self.keep(client.bytes(&format!("/v1/charters/{CHARTER}/{form}")));
        }
        self.keep_the_log(client);
        self.keep(client.bytes("/metrics"));
        self.pages(client, "/v1/letters");
        self.pages(client, "/v1/decisions");
    }

    /// Keeps everything that the log is served as, but hashes.
    fn keep_the_log(&self, client: &Client) {
        let note = client.bytes("/log/checkpoint");
        let size = String::from_utf8_lossy(&note)
            .lines()
            .nth(1)
            .and_then(|size| size.parse().ok());
        self.keep(&note);
        for tile in tiles_of(size.unwrap()).filter(|tile| tile.row() == Row::Entries) {
            let path = tile.path();
            self.keep(client.bytes(&format!("/log/{path}")));
            let records = path.replacen("tile/entries", "records", 1);
            let records = client.bytes(&format!("/log/{records}"));
            self.keep(records);
        }
        self.pages(client, "/v1/events");
    }

    /// Keeps what the desk sees of applications whose persons were erased.
    pub fn keep_answers_at_the_desk(&self, client: &Client, planted: &[Planted]) {
        self.pages(client, "/v1/applications");
        for planted in planted {
            let path = format!("/v1/applications/{}", planted.application);
            self.keep(client.get(&path).done().to_string());
            self.pages(client, &format!("{path}/comments"));
        }
    }

    /// Keeps log lines.
    pub fn keep_lines(&self, lines: &[Value]) {
        let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
        self.keep(lines.join("\n"));
    }

    /// Takes a backup.
    pub fn backup(&self, name: &str) -> PathBuf {
        let folder = self.kept.path().join(name);
        self.host.answer(&["backup", folder.to_str().unwrap()]);
        folder
    }

    /// What PostgreSQL does by and by, done now: statistics are taken anew, and no segment of the write-ahead log is
    /// kept from before.
    pub fn let_go(&self) {
        if let Some(server) = self.server {
            for statement in [
                "ANALYZE",
                "CHECKPOINT",
                "SELECT pg_switch_wal()",
                "CHECKPOINT",
            ] {
                server.tell(statement);
            }
        }
    }

    /// Where the database lies.
    fn database(&self) -> PathBuf {
        let folder = self.server.map(|server| server.folder.clone());
        folder.unwrap_or_else(|| self.host.folder().join("registry.db"))
    }

    /// The letters in the folder, as a mail program shows them.
    fn letters(&self) -> PathBuf {
        let folder = self.kept.path().join("letters");
        if folder.exists() {
            fs::remove_dir_all(&folder).unwrap();
        }
        fs::create_dir(&folder).unwrap();
        for letter in fs::read_dir(self.host.folder().join("letters")).unwrap() {
            let letter = letter.unwrap();
            let text = fs::read_to_string(letter.path()).unwrap();
            fs::write(folder.join(letter.file_name()), decoded(&text)).unwrap();
        }
        folder
    }

    /// Where each mark is to be found before the erasure.
    pub fn of_each_mark(&self, backup: &Path) -> Vec<(Mark, Vec<PathBuf>)> {
        let letters = self.letters();
        let in_places = |mark| {
            let mut places = vec![backup.to_owned()];
            match mark {
                Mark::Scan => places.push(self.host.file_folder()),
                _ => places.push(self.database()),
            }
            if matches!(mark, Mark::Name | Mark::Email | Mark::Returned) {
                places.push(letters.clone());
            }
            (mark, places)
        };
        Mark::all().into_iter().map(in_places).collect()
    }

    /// Everything that is searched after it.
    pub fn all(&self, backup: &Path) -> Vec<PathBuf> {
        let mut all = vec![
            self.host.folder().to_owned(),
            self.answers(),
            self.letters(),
            backup.to_owned(),
        ];
        all.extend(self.server.map(|server| server.folder.clone()));
        all
    }

    /// How many files and bytes that is.
    pub fn searched(&self, backup: &Path) -> (usize, u64) {
        let places = self.all(backup).into_iter();
        places
            .map(|place| measured(&place))
            .fold((0, 0), |(files, bytes), more| {
                (files + more.0, bytes + more.1)
            })
    }
}

fn measured(folder: &Path) -> (usize, u64) {
    let inside = fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            measured(&entry.path())
        } else {
            (1, entry.metadata().unwrap().len())
        }
    });
    inside.fold((0, 0), |(files, bytes), more| {
        (files + more.0, bytes + more.1)
    })
}

/// A letter with its encoded words, and its lines in base64 or quoted-printable, also as what they stand for.
fn decoded(letter: &str) -> Vec<u8> {
    let mut shown = letter.as_bytes().to_vec();
    for word in letter.split(|c: char| c.is_ascii_whitespace() || c == '?') {
        if let Ok(bytes) = STANDARD.decode(word) {
            shown.extend(bytes);
        }
    }
    let mut rest = letter.replace("=\r\n", "");
    rest.push_str("\r\n");
    let mut bytes = rest.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'=' {
            shown.push(byte);
            continue;
        }
        let digits: Vec<u8> = bytes.by_ref().take(2).collect();
        let value = std::str::from_utf8(&digits).ok();
        let value = value.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        shown.extend(value);
    }
    shown
}
