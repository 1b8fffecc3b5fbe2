//! The registry under test: the real server on a port of its own, in a thread of its own.

use std::{path::Path, sync::Arc, thread};

use charter_proof::{
    canonical::Digest,
    entry::{Entry, Kind},
};
use charter_registry::{
    clock::Clock,
    config::{
        Config,
        settings::{
            DATA, DATABASE_URL, Flags, LETTERS, LISTEN, PUBLIC_URL, RATE_LIMITS, SECRETARIAT,
            SECRETARIAT_LANGUAGE, Setting, WORKERS,
        },
    },
    desk::{
        Actor, Desk, Request,
        people::add_operator::{self, AddOperator},
    },
    rules::{audit::GENESIS, role::Role, text::Name},
    startup::{self, Listening},
    storage::{applications, audit, decisions, log, memberships, people},
};
use chrono::TimeDelta;
use diesel::{Connection as _, SqliteConnection, connection::SimpleConnection as _};
use serde_json::json;
use tempfile::TempDir;
use tokio::{runtime, sync::oneshot};

use super::{
    client::Call,
    clock::TestClock,
    postgres::{self, TestDatabase},
};

/// The registry's public address, as a reverse proxy would serve it.
pub const PUBLIC: &str = "https://registry.example";

/// The tokens of those who work with the registry.
pub struct Staff {
    /// Manages people and charters.
    pub administrator: String,
    /// Two registrars: one proposes, the other approves.
    pub registrars: [String; 2],
    /// Handles applications.
    pub clerk: String,
    /// Reads.
    pub auditor: String,
    /// A partner site.
    pub partner: String,
    /// Another partner site.
    pub other_partner: String,
}

/// A registry of one test. It ends, and its data goes, with this value.
pub struct TestApp {
    /// Where the server listens.
    pub address: String,
    /// Who works with it; empty tokens before [`TestApp::with_staff`].
    pub staff: Staff,
    pub(super) agent: ureq::Agent,
    desk: Desk,
    clock: Arc<TestClock>,
    runtime: runtime::Handle,
    server: Option<(oneshot::Sender<()>, thread::JoinHandle<()>)>,
    folder: TempDir,
    database: Option<TestDatabase>,
}

impl TestApp {
    /// A registry with its staff, on this database or on a fresh SQLite file.
    pub fn with_staff(database: Option<TestDatabase>) -> Self {
        Self::without_staff(database).staffed()
    }

    /// A registry with its staff on a fresh SQLite file, with these settings beside those of every test.
    pub fn set(settings: &[(&'static Setting, &str)]) -> Self {
        Self::begin(None, settings).staffed()
    }

    /// A registry with its staff that lays its letters down in a folder, on this database or on a fresh SQLite file.
    pub fn with_letters(database: Option<TestDatabase>) -> Self {
        let settings: [(&'static Setting, &str); 3] = [
            (&LETTERS, "folder"),
            (&SECRETARIAT, "secretariat@registry.example"),
            (&SECRETARIAT_LANGUAGE, "ru"),
        ];
        Self::begin(database, &settings).staffed()
    }

    fn staffed(self) -> Self {
        let mut app = self;
        let administrator = app.first_administrator();
        let operator = |name: &str, role: &str| {
            let body = json!({"name": name, "role": role});
            let call = Call::post("/v1/operators")
                .token(&administrator)
                .json(&body);
            app.send(call).must_be(201).text("/token")
        };
        let partner = |name: &str| {
            let call = Call::post("/v1/partners").token(&administrator);
            let call = call.json(&json!({"name": name}));
            app.send(call).must_be(201).text("/token")
        };
        app.staff = Staff {
            registrars: [
                operator("registrar-1", "registrar"),
                operator("registrar-2", "registrar"),
            ],
            clerk: operator("clerk", "clerk"),
            auditor: operator("auditor", "auditor"),
            partner: partner("schools.example"),
            other_partner: partner("libraries.example"),
            administrator: administrator.clone(),
        };
        app
    }

    /// A registry in which nobody has an account yet, on this database or on a fresh SQLite file.
    pub fn without_staff(database: Option<TestDatabase>) -> Self {
        Self::begin(database, &[])
    }

    fn begin(database: Option<TestDatabase>, settings: &[(&'static Setting, &str)]) -> Self {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let config = config(folder.path(), database.as_ref(), settings);
        let clock = Arc::new(TestClock::new());
        let (told, tell) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let source = clock.clone();
        let thread = thread::spawn(move || {
            let runtime = runtime::Runtime::new().unwrap();
            runtime.block_on(async {
                let listening = startup::start(&config, Clock::of(source)).await.unwrap();
                let Listening { address, desk, .. } = &listening;
                let handle = runtime::Handle::current();
                told.send((*address, desk.clone(), handle)).unwrap();
                let stop = async { stopped.await.unwrap_or_default() };
                listening.until(stop).await.unwrap();
            });
        });
        let (address, desk, runtime) = tell.recv().unwrap();
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_idle_connections(0)
            .allow_non_standard_methods(true)
            .build()
            .into();
        Self {
            address: address.to_string(),
            staff: Staff::nobody(),
            agent,
            desk,
            clock,
            runtime,
            server: Some((stop, thread)),
            folder,
            database,
        }
    }

    /// Adds the first administrator as `operator add` on the host does; returns the token.
    pub fn first_administrator(&self) -> String {
        let command = AddOperator {
            name: Name::parse("administrator").unwrap(),
            role: Role::Administrator,
            token_days: 365,
        };
        let on_the_host = Request::by(Actor::Host);
        let added = add_operator::add_operator(&self.desk, on_the_host, command);
        self.runtime.block_on(added).unwrap().token
    }

    /// The folder of its data.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Whether its database is PostgreSQL.
    pub fn is_on_postgres(&self) -> bool {
        self.database.is_some()
    }

    /// Changes a table past the registry.
    pub fn tamper(&self, statement: &str) {
        if let Some(database) = &self.database {
            postgres::execute(database.url(), statement).unwrap();
        } else {
            let path = self.folder().join("registry.db");
            let mut conn = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
            conn.batch_execute(statement).unwrap();
        }
    }

    /// Moves the registry's clock on.
    pub fn time_passes(&self, time: TimeDelta) {
        self.clock.pass(time);
    }

    /// Has the registry's clock taken for a real one, which the database's must agree with.
    pub fn clock_is_real(&self) {
        self.clock.be_real();
    }

    /// The rows of the audit; each is checked to hang on the one before it, and the last to be the head's.
    pub fn audit(&self) -> Vec<audit::Entry> {
        let (rows, head) = self.runtime.block_on(async {
            let mut conn = self.desk.database.read().await.unwrap();
            let rows = audit::entries(&mut conn, 0, 100_000).await.unwrap();
            (rows, audit::head(&mut conn).await.unwrap())
        });
        let mut previous = GENESIS;
        for (row, seq) in rows.iter().zip(0..) {
            assert_eq!((row.body.seq, row.previous), (seq, previous));
            assert_eq!(row.hash, row.body.hash(previous).unwrap());
            previous = row.hash;
        }
        assert_eq!(head.hash, previous);
        assert_eq!(usize::try_from(head.size).unwrap(), rows.len());
        rows
    }

    /// The log's entries as the bytes that were appended; their indices are checked to follow each other from 0.
    pub fn log(&self) -> Vec<Vec<u8>> {
        let entries = self.runtime.block_on(async {
            let mut conn = self.desk.database.read().await.unwrap();
            log::entries(&mut conn, 0, 10_000).await.unwrap()
        });
        let indexed = entries.into_iter().zip(0..);
        indexed
            .map(|((index, body), place)| {
                assert_eq!(index, place, "the log has a gap");
                body
            })
            .collect()
    }

    /// The log's entries, each read strictly.
    pub fn log_entries(&self) -> Vec<Entry> {
        let log = self.log();
        log.iter().map(|body| Entry::parse(body).unwrap()).collect()
    }

    /// What happened, by the log: its entries without the `state` that closes each transaction.
    pub fn logged(&self) -> Vec<Entry> {
        let mut log = self.log_entries();
        log.retain(|entry| entry.event.kind() != Kind::State);
        log
    }

    /// Everything that a request could have written, for comparison.
    pub fn footprint(&self) -> String {
        const ALL: i64 = 10_000;
        self.runtime.block_on(async {
            let mut conn = self.desk.database.read().await.unwrap();
            let conn = &mut conn;
            let charters = charter_registry::storage::charters::Published::page(conn, None, ALL);
            let charters = charters.await.unwrap();
            let members = memberships::Membership::changed_since(conn, 0, u64::MAX);
            let members = members.await.unwrap();
            let digests: Vec<_> = charters.iter().map(|charter| charter.digest).collect();
            let filter = applications::Filter::default();
            let page = applications::Application::page(conn, &filter, None, ALL);
            let applications = page.await.unwrap();
            let filter = decisions::Filter::default();
            let page = decisions::Decision::page(conn, &filter, None, ALL);
            let decisions = page.await.unwrap();
            let operators = people::Operator::page(conn, None, ALL).await.unwrap();
            let partners = people::Partner::page(conn, None, ALL).await.unwrap();
            let size = log::head(conn).await.unwrap().size;
            let audited = audit::head(conn).await.unwrap().size;
            format!(
                "{size} {audited} {digests:?} {members:#?} {applications:#?} {decisions:#?} {operators:#?} {partners:#?}"
            )
        })
    }

    /// The identifier of the operator of this name.
    pub fn operator_named(&self, name: &str) -> String {
        let call = Call::get("/v1/operators").token(&self.staff.administrator);
        let operators = self.send(call).must_be(200).items();
        let named = operators.iter().find(|one| one["name"] == name);
        named.unwrap()["id"].as_str().unwrap().to_owned()
    }

    /// The digests of the uploaded files that lie here, whether anything names them or not.
    pub fn files(&self) -> Vec<Digest> {
        self.runtime.block_on(self.desk.files.list()).unwrap()
    }

    /// Does to the stored data what no endpoint does yet.
    pub fn in_storage<T>(&self, work: impl AsyncFnOnce(&Desk) -> T) -> T {
        self.runtime.block_on(work(&self.desk))
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.server.take() {
            // A server that failed has ended already, and its thread's panic is the one to report.
            let _ = stop.send(());
            let _ = thread.join();
        }
    }
}

impl Staff {
    fn nobody() -> Self {
        Self {
            administrator: String::new(),
            registrars: [String::new(), String::new()],
            clerk: String::new(),
            auditor: String::new(),
            partner: String::new(),
            other_partner: String::new(),
        }
    }
}

fn config(
    folder: &Path,
    database: Option<&TestDatabase>,
    settings: &[(&'static Setting, &str)],
) -> Config {
    let mut flags = Flags::default()
        .with(&LISTEN, "127.0.0.1:0")
        .with(&PUBLIC_URL, PUBLIC)
        .with(&WORKERS, "2")
        // The clock stands still, and so would the limits.
        .with(&RATE_LIMITS, "off")
        .with(&DATA, folder.display().to_string());
    if let Some(database) = database {
        flags = flags.with(&DATABASE_URL, database.url());
    }
    for (setting, value) in settings {
        flags = flags.with(setting, *value);
    }
    Config::load(&flags, &|_| None).unwrap()
}
