//! The program as people at a prompt meet it: the real binary, in a folder of its own.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on fails"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use charter_proof::{
    canonical::{Digest, to_jcs},
    entry::{MemberEventKind, Status},
    identity::Base,
    keys::{SecretKey, did_document},
    record::{CharterVersion, LanguageTagged, UnsignedRecord},
};
use charter_registry::rules::token::{Token, TokenKind};
use chrono::{DateTime, Utc};
use tempfile::TempDir;

/// A folder in which commands run, and nothing else.
struct Host(TempDir);

/// How a command ended.
struct Ended {
    code: i32,
    out: String,
    err: String,
}

impl Host {
    fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_charter-registry"));
        command
            .args(arguments)
            .current_dir(self.path())
            .env_clear()
            .stdin(Stdio::null());
        command
    }

    fn run(&self, arguments: &[&str]) -> Ended {
        Ended::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed, and returns what it printed.
    fn answer(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 0, "{arguments:?}: {}{}", ended.out, ended.err);
        ended.out
    }

    /// Runs a command that must be refused, and returns what it complains of.
    fn refusal(&self, arguments: &[&str]) -> String {
        let ended = self.run(arguments);
        assert_eq!(ended.code, 1, "{arguments:?}: {}{}", ended.out, ended.err);
        ended.err
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), content).unwrap();
    }

    /// Copies one of the shipped charters into `charters/`.
    fn bring_charter(&self, slug: &str) -> String {
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
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// A server on a port of the system's choice; ended with the test.
struct Server {
    process: Child,
    address: String,
    /// What it logs after its first line.
    log: BufReader<std::process::ChildStderr>,
}

impl Server {
    fn start(host: &Host, arguments: &[&str]) -> Self {
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

    fn get(&self, path: &str) -> String {
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
    fn stop(mut self) -> i32 {
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

#[test]
fn every_command_has_help_to_work_from() {
    let host = Host::new();
    let commands: &[&[&str]] = &[
        &[],
        &["serve"],
        &["charter"],
        &["charter", "publish"],
        &["charter", "list"],
        &["charter", "check"],
        &["operator"],
        &["operator", "add"],
        &["operator", "list"],
        &["operator", "revoke"],
        &["operator", "token"],
        &["partner"],
        &["partner", "add"],
        &["partner", "list"],
        &["partner", "revoke"],
        &["partner", "token"],
        &["keys", "list"],
        &["verify"],
        &["openapi"],
    ];
    for command in commands {
        let help = host.answer(&[command, &["--help"][..]].concat());
        let name = [&["Usage: charter-registry"], *command].concat().join(" ");
        assert!(help.contains(&name), "{help}");
    }
    let serve = host.answer(&["serve", "--help"]);
    for name in ["--public-url", "CHARTER_PUBLIC_URL", "public_url"] {
        assert!(serve.contains(name), "{serve}");
    }
}

#[test]
fn wrong_usage_ends_with_status_2() {
    let host = Host::new();
    for wrong in [
        &["frobnicate"][..],
        &[],
        &["operator", "add", "Anna"],
        &["operator", "add", "Anna", "--role", "owner"],
        &["operator", "add", "Anna", "--role", "clerk", "--days", "0"],
        &["operator", "list", "--workers", "none"],
        &["verify", "record.json"],
        &["verify", "record.json", "--key", "z6MkNoKey"],
    ] {
        let ended = host.run(wrong);
        assert_eq!(ended.code, 2, "{wrong:?}: {}", ended.err);
        assert_eq!(ended.out, "");
    }
    assert_eq!(fs::read_dir(host.path()).unwrap().count(), 0);
}

#[test]
fn an_operators_token_is_printed_alone_and_once() {
    let host = Host::new();
    let ended = host.run(&["operator", "add", "Анна Петрова", "--role", "registrar"]);
    assert_eq!(ended.code, 0, "{}", ended.err);
    let token = Token::parse(ended.out.strip_suffix('\n').unwrap()).unwrap();
    assert_eq!(token.kind(), TokenKind::Operator);
    assert!(ended.err.contains("valid for 365 days"), "{}", ended.err);
    assert!(
        ended.err.contains("two registrars; there are 1"),
        "{}",
        ended.err
    );

    let again = host.refusal(&["operator", "add", "Анна Петрова", "--role", "clerk"]);
    assert!(again.contains("an operator of this name"), "{again}");
    let further = host.answer(&["operator", "token", "Анна  Петрова", "--days", "7"]);
    assert!(Token::parse(further.trim_end()).is_some());
    let list = host.answer(&["operator", "list"]);
    let line = list.lines().nth(1).unwrap();
    let columns: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(
        columns[..6],
        ["Анна", "Петрова", "registrar", "open", "2", "never"]
    );
    assert!(!list.contains(token.reveal()));

    host.answer(&["operator", "revoke", "Анна Петрова"]);
    let list = host.answer(&["operator", "list"]);
    assert!(list.contains("closed"), "{list}");
    let closed = host.refusal(&["operator", "token", "Анна Петрова"]);
    assert!(closed.contains("closed"), "{closed}");
    let unknown = host.refusal(&["operator", "revoke", "Nobody"]);
    assert!(
        unknown.contains("there is no operator named \"Nobody\""),
        "{unknown}"
    );
}

#[test]
fn the_last_administrator_is_not_shut_out() {
    let host = Host::new();
    host.answer(&["operator", "add", "A", "--role", "administrator"]);
    let refused = host.refusal(&["operator", "revoke", "A"]);
    assert!(refused.contains("last administrator"), "{refused}");
}

#[test]
fn a_partners_key_is_printed_alone_and_once() {
    let host = Host::new();
    let key = host.answer(&["partner", "add", "School portal", "--days", "30"]);
    let key = Token::parse(key.trim_end()).unwrap();
    assert_eq!(key.kind(), TokenKind::Partner);
    host.answer(&["partner", "token", "School portal"]);
    let list = host.answer(&["partner", "list"]);
    assert!(list.contains("School portal  open     2"), "{list}");
    host.answer(&["partner", "revoke", "School portal"]);
    let list = host.answer(&["partner", "list"]);
    assert!(list.contains("School portal  closed   0"), "{list}");
}

#[test]
fn a_charter_is_published_once_and_never_changes() {
    let host = Host::new();
    let file = host.bring_charter("open-government");
    let checked = host.answer(&["charter", "check", &file]);
    assert!(checked.contains("open-government version 1"), "{checked}");
    let published = host.answer(&["charter", "publish", &file]);
    assert!(
        published.starts_with("open-government version 1 "),
        "{published}"
    );
    assert!(
        published.ends_with(" published as log entry 1\n"),
        "{published}"
    );
    let again = host.answer(&["charter", "publish", &file]);
    assert!(again.ends_with(" already published\n"), "{again}");
    let list = host.answer(&["charter", "list"]);
    assert!(list.contains("open-government  1        20"), "{list}");

    let text = host.path().join("charters/open-government/en.md");
    fs::write(&text, "# Open Government Declaration\n\nAnother text.\n").unwrap();
    let changed = host.refusal(&["charter", "publish", &file]);
    assert!(
        changed.contains("open-government version 1 was not published"),
        "{changed}"
    );
    assert!(changed.contains("raise its number"), "{changed}");
}

#[test]
fn nothing_is_published_when_one_definition_is_wrong() {
    let host = Host::new();
    let good = host.bring_charter("open-government");
    let wrong = host.bring_charter("wsis-plus-20");
    fs::remove_file(host.path().join("charters/wsis-plus-20/ru.md")).unwrap();
    let refused = host.refusal(&["charter", "publish", &good, &wrong]);
    assert!(
        refused.contains("/text/ru: The file \"wsis-plus-20/ru.md\" is missing"),
        "{refused}"
    );
    assert_eq!(host.answer(&["charter", "list"]), "");
    let absent = host.refusal(&["charter", "check", "charters/absent.toml"]);
    assert!(
        absent.contains("cannot read charters/absent.toml"),
        "{absent}"
    );
}

#[test]
fn the_keys_are_listed_from_the_database_alone() {
    let host = Host::new();
    assert_eq!(host.answer(&["keys", "list"]), "");
    host.answer(&[
        "charter",
        "list",
        "--public-url",
        "https://registry.example",
    ]);
    fs::remove_dir_all(host.path().join("data/keys")).unwrap();
    let list = host.answer(&["keys", "list"]);
    for known_as in [
        "clock    0     in use  registry.example/clock+",
        "log      0     in use  registry.example/log+",
        "record   0     in use  did:web:registry.example#z6Mk",
    ] {
        assert!(list.contains(known_as), "{list}");
    }
}

#[test]
fn a_server_says_where_it_listens_answers_and_ends_when_told() {
    let host = Host::new();
    let server = Server::start(&host, &[]);
    let metrics = server.get("/metrics");
    assert!(metrics.starts_with("HTTP/1.1 200"), "{metrics}");

    let second = host.refusal(&["operator", "add", "Anna", "--role", "clerk"]);
    for words in [
        "data/registry.db is in use by another process",
        "POST /v1/operators",
    ] {
        assert!(second.contains(words), "{second}");
    }
    let address = server.address.clone();
    assert_eq!(server.stop(), 0);
    // The address that was bound has become the registry's own.
    let list = host.answer(&["keys", "list"]);
    assert!(list.contains(&format!("{address}/log+")), "{list}");
    let elsewhere = host.refusal(&["operator", "list", "--listen", "127.0.0.1:1"]);
    assert!(
        elsewhere.contains("set the public URL it was begun with"),
        "{elsewhere}"
    );
    let url = format!("http://{address}");
    host.answer(&["operator", "list", "--public-url", &url]);
}

#[test]
fn a_flag_beats_a_variable_which_beats_the_file_in_the_working_directory() {
    let host = Host::new();
    host.write(
        "charter-registry.toml",
        "data = \"by-file\"\nlog = \"off\"\n",
    );
    let begin = |flags: &[&str], variable: Option<&str>| {
        let mut command = host.command(&[&["operator", "list"], flags].concat());
        command.envs(variable.map(|value| ("CHARTER_DATA", value)));
        assert!(command.output().unwrap().status.success());
    };
    begin(&["--data", "by-flag"], Some("by-variable"));
    begin(&[], Some("by-variable"));
    begin(&[], None);
    for folder in ["by-flag", "by-variable", "by-file"] {
        assert!(
            host.path().join(folder).join("registry.db").exists(),
            "{folder}"
        );
        fs::remove_dir_all(host.path().join(folder)).unwrap();
    }
    host.write("charter-registry.toml", "\nlistn = \"127.0.0.1:1\"\n");
    let ended = host.run(&["operator", "list"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended
            .err
            .starts_with("error: charter-registry.toml:2: there is no setting \"listn\""),
        "{}",
        ended.err
    );
}

#[test]
fn the_openapi_document_is_printed_or_written() {
    let host = Host::new();
    let printed = host.answer(&["openapi"]);
    assert!(serde_json::from_str::<serde_json::Value>(&printed).unwrap()["openapi"].is_string());
    assert_eq!(host.answer(&["openapi", "--output", "api.json"]), "");
    assert_eq!(
        fs::read_to_string(host.path().join("api.json")).unwrap(),
        printed
    );
}

/// A registry's record, the keys that check it, and the files that hold both.
struct Evidence {
    host: Host,
    record: Vec<u8>,
    key: String,
}

impl Evidence {
    fn new() -> Self {
        let base = Base::parse("https://registry.example").unwrap();
        let secret = SecretKey::from_seed([7; 32]);
        let record = exclusion().sign(instant(), &secret, &base).bytes;
        let successor = SecretKey::from_seed([8; 32]).public();
        let active = did_document(&base, &[(secret.public(), true)]);
        let retired = did_document(&base, &[(successor, true), (secret.public(), true)]);
        let key = secret.public().to_string();
        let list = serde_json::json!({"keys": [
            {"from": 0, "publicKeyMultibase": key, "purpose": "record", "to": 20, "status": "retired"},
            {"from": 0, "publicKeyMultibase": successor, "purpose": "log", "to": null,
                "vkey": "registry.example/log+00000000+AAAA", "status": "active"},
        ]});
        let host = Host::new();
        host.write("record.json", &record);
        host.write("did.json", to_jcs(&active).unwrap());
        host.write("later.json", to_jcs(&retired).unwrap());
        host.write("keys.json", list.to_string());
        Self { host, record, key }
    }
}

fn instant() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn exclusion() -> UnsignedRecord {
    UnsignedRecord {
        id: uuid::uuid!("0192f0c1-0000-7000-8000-000000000002"),
        issuer_name: "Charter registry".to_owned(),
        member: uuid::uuid!("0192f0c1-0000-7000-8000-000000000001"),
        charter: CharterVersion {
            slug: "open-it".to_owned(),
            version: 2,
            digest: Digest::of(b"charter"),
        },
        event: MemberEventKind::Excluded,
        at: instant(),
        resulting_status: Status::Excluded,
        member_number: 123,
        since: instant().date_naive(),
        founder: false,
        names: vec![LanguageTagged {
            language: "ru".to_owned(),
            value: "Школа № 1".to_owned(),
        }],
        aliases: Vec::new(),
        category: "educational_institution".to_owned(),
        country: Some("RU".to_owned()),
        region: None,
        website: None,
        domain: None,
        identifiers: Vec::new(),
        memorandum: None,
        decision: None,
        previous: None,
    }
}

#[test]
fn an_authentic_record_is_verified_offline_by_each_kind_of_trust() {
    let Evidence { host, record, key } = Evidence::new();
    let expected = format!(
        "authentic: Школа № 1 (excluded in the charter open-it version 2) at 2026-11-18T11:06:40Z, status \
         then excluded; recorded by did:web:registry.example, signed with {key}\n"
    );
    for trust in [
        &["--did", "did.json"][..],
        &["--key", &key],
        &["--keys", "keys.json", "--index", "19"],
    ] {
        let line = host.answer(&[&["verify", "record.json"], trust].concat());
        assert_eq!(line, expected, "{trust:?}");
    }
    let piped = fs::File::open(host.path().join("record.json")).unwrap();
    let mut command = host.command(&["verify", "-", "--did", "did.json", "--json"]);
    let ended = Ended::of(command.stdin(piped).output().unwrap());
    assert_eq!(ended.code, 0, "{}", ended.err);
    let verdict: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(verdict["verdict"], "authentic");
    assert_eq!(verdict["record"]["resultingStatus"], "excluded");
    assert_eq!(verdict["record"]["digest"], Digest::of(&record).to_string());
}

#[test]
fn a_tampered_record_is_refused() {
    let Evidence { host, record, .. } = Evidence::new();
    let text = String::from_utf8(record).unwrap();
    host.write("tampered.json", text.replace("\"excluded\"", "\"active\""));
    let ended = host.run(&["verify", "tampered.json", "--did", "did.json"]);
    assert_eq!(ended.code, 1, "{}", ended.err);
    assert!(ended.out.starts_with("refused: "), "{}", ended.out);
    let ended = host.run(&["verify", "tampered.json", "--did", "did.json", "--json"]);
    assert_eq!(ended.code, 1);
    let verdict: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(verdict["verdict"], "refused");
    assert!(verdict["reasons"][0]["code"].is_string());
}

#[test]
fn a_retired_keys_record_is_judged_by_its_position() {
    let Evidence { host, .. } = Evidence::new();
    for undecided in [&["--did", "later.json"][..], &["--keys", "keys.json"]] {
        let ended = host.run(&[&["verify", "record.json"], undecided].concat());
        assert_eq!(ended.code, 2, "{}{}", ended.out, ended.err);
        assert!(ended.out.starts_with("position-unknown: "), "{}", ended.out);
    }
    let late = host.run(&[
        "verify",
        "record.json",
        "--keys",
        "keys.json",
        "--index",
        "20",
    ]);
    assert_eq!(late.code, 1, "{}", late.out);
}

#[test]
fn what_cannot_be_read_is_no_verdict() {
    let Evidence { host, .. } = Evidence::new();
    host.write("empty.json", "{}");
    for arguments in [
        ["verify", "absent.json", "--did", "did.json"],
        ["verify", "record.json", "--did", "absent.json"],
        ["verify", "record.json", "--did", "empty.json"],
        ["verify", "record.json", "--keys", "empty.json"],
    ] {
        let ended = host.run(&arguments);
        assert_eq!(ended.code, 2, "{arguments:?}");
        assert_eq!(ended.out, "");
        assert!(ended.err.starts_with("error: "), "{}", ended.err);
    }
}
