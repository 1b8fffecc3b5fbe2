//! PostgreSQL for tests: a cluster of their own, thrown away when the last process that uses it ends.
//!
//! Where `TEST_DATABASE_URL` is set, that server is used instead, with a database for each test that goes when
//! the test ends. Where there is neither, the tests say so on standard error and count as passed, except under
//! `CI=true`, where they fail. Nothing here runs the server as root: it refuses, and root switches user first.
//!
//! The cluster belongs to a shell that waits for its standard input to close, which the operating system does
//! however the test process ends. Test processes that come meanwhile share the cluster: each holds a shared lock
//! on a file, and the shell stops the cluster once it gets that lock for itself.

use std::{
    env,
    fs::{self, File},
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::OnceLock,
    thread,
};

use charter_registry::clock::Clock;
use tokio_postgres::NoTls;

/// An empty database of one test; on a server of others it is dropped with this value.
pub struct TestDatabase {
    url: String,
    dropped_through: Option<(String, String)>,
}

impl TestDatabase {
    /// Makes a database, or returns `None` where there is no PostgreSQL: then the test has nothing to do.
    pub fn create() -> Option<Self> {
        static SERVER: OnceLock<Option<Server>> = OnceLock::new();
        let server = SERVER.get_or_init(|| or_skip(Server::find()));
        server.as_ref().map(Server::database)
    }

    /// The URL by which the registry reaches it.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((admin, name)) = &self.dropped_through {
            // Best effort: the test's own failure is the one to report.
            let _ = execute(admin, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// What was found, or nothing: then it is said past the capture of libtest that tests are skipped. CI skips none.
pub fn or_skip<T>(found: Result<T, String>) -> Option<T> {
    let why = match found {
        Ok(found) => return Some(found),
        Err(why) => why,
    };
    assert!(
        !env::var("CI").is_ok_and(|ci| ci == "true"),
        "under CI the PostgreSQL tests must run, but {why}"
    );
    let _ = writeln!(
        std::io::stderr(),
        "\n*** SKIPPED: every PostgreSQL test, because {why}.\n*** Install the server \
         (apt-get install postgresql) or set TEST_DATABASE_URL.\n"
    );
    None
}

/// A server on which databases can be made.
struct Server {
    /// A superuser's, or at least that of a user who may make databases.
    admin_url: String,
    ours: Option<Cluster>,
}

impl Server {
    fn find() -> Result<Self, String> {
        if let Ok(admin_url) = env::var("TEST_DATABASE_URL") {
            execute(&admin_url, "SELECT 1")
                .map_err(|error| format!("TEST_DATABASE_URL does not answer: {error}"))?;
            return Ok(Self {
                admin_url,
                ours: None,
            });
        }
        let cluster = Cluster::share()?;
        Ok(Self {
            admin_url: cluster.url.clone(),
            ours: Some(cluster),
        })
    }

    fn database(&self) -> TestDatabase {
        let name = format!("charter_test_{}", Clock::system().uuid().simple());
        execute(
            &self.admin_url,
            &format!("CREATE DATABASE {name} TEMPLATE template0"),
        )
        .unwrap();
        let mut url = url::Url::parse(&self.admin_url).unwrap();
        url.set_path(&name);
        // Our own cluster goes as a whole.
        let dropped_through = self.ours.is_none().then(|| (self.admin_url.clone(), name));
        TestDatabase {
            url: url.into(),
            dropped_through,
        }
    }
}

/// Our own cluster; alive as long as a process holds one of these.
struct Cluster {
    url: String,
    /// Locked for sharing: the cluster is in use.
    _in_use: File,
    /// Its standard input is open for as long as this process lives.
    _watcher: Option<Child>,
}

impl Cluster {
    /// The cluster that another test process started, or a new one.
    fn share() -> Result<Self, String> {
        let programs = programs()?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("postgres");
        let told = |error: std::io::Error| format!("{} cannot be used: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(told)?;
        let in_use_path = folder.join("in-use");
        let starting = File::create(folder.join("starting")).map_err(told)?;
        starting.lock().map_err(told)?;
        // Before the cluster is looked for: from here on nobody stops it.
        let in_use = File::create(&in_use_path).map_err(told)?;
        in_use.lock_shared().map_err(told)?;
        let url_file = folder.join("url");
        if let Ok(url) = fs::read_to_string(&url_file)
            && execute(&url, "SELECT 1").is_ok()
        {
            return Ok(Self {
                url,
                _in_use: in_use,
                _watcher: None,
            });
        }
        let (url, watcher) = start(&programs, &in_use_path, &[])?;
        fs::write(&url_file, &url).map_err(told)?;
        Ok(Self {
            url,
            _in_use: in_use,
            _watcher: Some(watcher),
        })
    }
}

/// Makes a cluster, starts it, says so, and takes it away when nobody needs it any more.
///
/// `$AS` switches from root to a user who may run the server. The locale is one in which text sorts unlike its
/// bytes, where the server can have one, so that no query gets by on the order of bytes by chance. With `$CERTIFICATE`
/// and `$PRIVATE_KEY`, in PEM, the server offers TLS.
const WATCHER: &str = r#"
set -eu
cd /
folder=$($AS mktemp -d /tmp/charter-registry-postgres.XXXXXX)
remove() { $AS rm -rf "$folder"; }
trap remove EXIT
printf '%s' "$PASSWORD" | $AS tee "$folder/password" >/dev/null
init() { $AS "$PROGRAMS/initdb" -D "$folder/data" -U tests -A scram-sha-256 --pwfile "$folder/password" -E UTF8 --no-sync "$@" >/dev/null; }
init --locale=C --locale-provider=icu --icu-locale=en-US 2>/dev/null || init --locale=C
tls=off
if [ -n "${CERTIFICATE:-}" ]; then
    tls=on
    printf '%s' "$CERTIFICATE" | $AS tee "$folder/data/server.crt" >/dev/null
    (umask 077; printf '%s' "$PRIVATE_KEY" | $AS tee "$folder/data/server.key" >/dev/null)
fi
$AS "$PROGRAMS/pg_ctl" start -w -D "$folder/data" -l "$folder/log" -o "-p $PORT -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off -c full_page_writes=off -c max_connections=300 -c ssl=$tls" >/dev/null || { $AS cat "$folder/log" >&2; exit 1; }
stop() { $AS "$PROGRAMS/pg_ctl" stop -m immediate -D "$folder/data" >/dev/null 2>&1 || :; remove; }
trap stop EXIT
trap '' INT TERM HUP
echo ready
exec >/dev/null 2>&1
cat >/dev/null
exec 9<"$IN_USE"
if command -v flock >/dev/null; then flock 9; fi
"#;

/// Starts a cluster; returns its URL and the shell that watches over it, to which `settings` are variables.
pub fn start(
    programs: &Path,
    in_use: &Path,
    settings: &[(&str, String)],
) -> Result<(String, Child), String> {
    let password = Clock::system().uuid().simple().to_string();
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    let port = listener
        .local_addr()
        .map_err(|error| error.to_string())?
        .port();
    drop(listener);
    let mut watcher = Command::new("sh")
        .args(["-c", WATCHER])
        .env("AS", unprivileged()?)
        .env("PROGRAMS", programs)
        .env("PASSWORD", &password)
        .env("PORT", port.to_string())
        .env("IN_USE", in_use)
        .envs(settings.iter().map(|(name, value)| (name, value)))
        // Ctrl-C ends the tests; the cluster then goes in order.
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("sh did not start: {error}"))?;
    let mut said = String::new();
    if let Some(output) = watcher.stdout.take() {
        let _ = BufReader::new(output).read_line(&mut said);
    }
    if said.trim() != "ready" {
        let mut why = String::new();
        if let Some(mut errors) = watcher.stderr.take() {
            let _ = errors.read_to_string(&mut why);
        }
        return Err(format!("a PostgreSQL cluster did not start: {why}"));
    }
    let url = format!("postgres://tests:{password}@127.0.0.1:{port}/postgres");
    Ok((url, watcher))
}

/// The folder of `initdb` and `pg_ctl`.
pub fn programs() -> Result<PathBuf, String> {
    let on_path = env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&on_path).collect();
    let mut of_debian: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
        .map(|versions| {
            versions
                .flatten()
                .map(|version| version.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    of_debian.sort();
    folders.extend(of_debian.into_iter().rev());
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
        .ok_or_else(|| {
            "initdb and pg_ctl are neither on the PATH nor in /usr/lib/postgresql".into()
        })
}

/// The words before a command that make it run as somebody else than root: none where that is so already.
fn unprivileged() -> Result<&'static str, String> {
    let answers = |program: &str, arguments: &[&str]| {
        Command::new(program)
            .args(arguments)
            .current_dir("/")
            .stderr(Stdio::null())
            .output()
            .ok()
            .filter(|output| output.status.success())
            .map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    if answers("id", &["-u"]).as_deref() != Some("0") {
        return Ok("");
    }
    let switches = [
        "runuser -u postgres --",
        "setpriv --reuid=postgres --regid=postgres --clear-groups --",
    ];
    switches
        .into_iter()
        .find(|switch| {
            let mut words: Vec<&str> = switch.split(' ').collect();
            words.extend(["id", "-un"]);
            words.split_first().is_some_and(|(program, arguments)| {
                answers(program, arguments).as_deref() == Some("postgres")
            })
        })
        .ok_or_else(|| {
            "root may not run the server, and there is no user \"postgres\" to switch to".into()
        })
}

/// Runs one statement on a connection of its own, also from within a runtime.
pub fn execute(url: &str, statement: &str) -> Result<(), String> {
    let work = async {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await?;
        let connection = tokio::spawn(connection);
        let done = client.batch_execute(statement).await;
        drop(client);
        let _ = connection.await;
        done
    };
    let run = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?
            .block_on(work)
            .map_err(|error: tokio_postgres::Error| match error.as_db_error() {
                Some(told) => told.to_string(),
                None => error.to_string(),
            })
    };
    thread::scope(|scope| scope.spawn(run).join())
        .unwrap_or_else(|_| Err("the thread of a statement panicked".into()))
}
