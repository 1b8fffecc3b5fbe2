//! What can be set, and by whom: a flag beats an environment variable, which beats the file, which beats the
//! default. All three say the same things; [`settings`] is the table of them.

mod letters;
pub mod limits;
pub mod settings;
mod sources;
#[cfg(test)]
mod tests;

use std::{
    fmt, io,
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use charter_proof::{
    canonical::Digest,
    identity::{Base, BaseError},
};
use tracing_subscriber::EnvFilter;

use crate::{
    rules::{
        credential::Term,
        network::Network,
        retention::{Keep, Retention},
        text::Name,
    },
    storage::files::Place,
};
pub use letters::{Letters, LettersTo};
use limits::RateLimits;
use settings::{
    ACCEPT_HEAD, CREDENTIAL_PERIOD, CREDENTIAL_VALIDITY, DATA, DATABASE_URL, DRAIN_DELAY, FILES,
    FORWARDED_HEADER, Flags, KEEP_APPLICANTS, KEEP_MEMBERS, LICENCE, LISTEN, LOG, LOG_FORMAT,
    MAX_CONNECTIONS, PUBLIC_URL, RATE_LIMITS, REGISTRY_NAME, REQUEST_TIMEOUT, SUCCEEDS, Setting,
    TRUSTED_PROXIES, WITNESS_POLICY, WORKERS,
};
use sources::Sources;
pub use sources::{Environment, Origin};

/// The most threads that may answer requests.
const MAX_WORKERS: usize = 1024;

/// How this process is to run.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the server listens; port 0 is one of the system's choice.
    pub listen: SocketAddr,
    /// The public address, where it was set; [`Config::base`] derives it otherwise.
    pub public_url: Option<Base>,
    /// The folder of keys, and of what else has no place of its own.
    pub data: PathBuf,
    /// Where uploaded files lie.
    pub files: Place,
    /// The database.
    pub database_url: DatabaseUrl,
    /// The registry's name, as signed records give it.
    pub registry_name: Name,
    /// The licence of the public data, an identifier of SPDX.
    pub licence: String,
    /// How many threads answer requests.
    pub workers: NonZeroUsize,
    /// How long a client waits for an answer.
    pub request_timeout: Duration,
    /// How many connections are open at once.
    pub max_connections: usize,
    /// How long a server that is asked to end still takes requests.
    pub drain_delay: Duration,
    /// Validity and period of membership credentials.
    pub credential_term: Term,
    /// The proxies that are believed about where a request comes from.
    pub trusted_proxies: Vec<Network>,
    /// The header in which they say so.
    pub forwarded_header: ForwardedHeader,
    /// How many requests are served.
    pub rate_limits: RateLimits,
    /// Where letters go.
    pub letters: Letters,
    /// The root of the log that is the newest, if an operator says so.
    pub accept_head: Option<Digest>,
    /// The file of the last trusted checkpoint of the log that this one succeeds, where it does.
    pub succeeds: Option<PathBuf>,
    /// The file that says whose cosignatures checkpoints wait for, where they do.
    pub witness_policy: Option<PathBuf>,
    /// How long persons are kept.
    pub retention: Retention,
    /// What is logged.
    pub log: LogFilter,
    /// How log lines are written.
    pub log_format: LogFormat,
}

/// Why the configuration cannot be used. Each message names the place to mend and what is expected there.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The configuration file cannot be read.
    #[error("{origin}: cannot read {path}")]
    File {
        /// Who named the file.
        origin: Origin,
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is not TOML.
    #[error("{path}:{line}: this is not TOML: {problem}")]
    Toml {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What the parser says.
        problem: String,
    },
    /// The file sets something that is no setting.
    #[error(
        "{path}:{line}: there is no setting {key:?}: expected one of {}",
        keys()
    )]
    UnknownKey {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The key.
        key: String,
    },
    /// A value is not what the setting takes.
    #[error("{origin} {problem}: expected {expected}")]
    Value {
        /// Who set it.
        origin: Origin,
        /// What is wrong with it.
        problem: String,
        /// What is expected.
        expected: &'static str,
    },
    /// Others shall reach the registry, but under which address is not said.
    #[error(
        "the server is to listen on {listen}, which is not loopback, so its public address must be said: set \
         --public-url, CHARTER_PUBLIC_URL or public_url, such as https://registry.example"
    )]
    PublicUrlNeeded {
        /// Where it is to listen.
        listen: SocketAddr,
    },
}

impl ConfigError {
    fn value(origin: Origin, problem: impl Into<String>, setting: &Setting) -> Self {
        Self::Value {
            origin,
            problem: problem.into(),
            expected: setting.expects,
        }
    }
}

fn keys() -> String {
    let keys: Vec<&str> = settings::ALL.iter().filter_map(|one| one.key).collect();
    keys.join(", ")
}

impl Config {
    /// Reads the settings from the flags, the environment and the file that either of them names.
    ///
    /// Relative paths, also those in the file, start from the working directory.
    pub fn load(flags: &Flags, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let sources = Sources::open(flags, environment)?;
        let listen = sources.read(&LISTEN, address)?;
        let public_url = sources.read_given(&PUBLIC_URL, base)?;
        if public_url.is_none() && !listen.ip().is_loopback() {
            return Err(ConfigError::PublicUrlNeeded { listen });
        }
        let data = sources.read(&DATA, |path| Ok(PathBuf::from(path)))?;
        let files = sources.read_given(&FILES, Place::parse)?;
        let database_url = sources.read_given(&DATABASE_URL, DatabaseUrl::parse)?;
        let workers = sources.read_given(&WORKERS, workers)?;
        let validity = sources.read(&CREDENTIAL_VALIDITY, Term::parse_validity)?;
        Ok(Self {
            listen,
            public_url,
            database_url: database_url.unwrap_or_else(|| DatabaseUrl::in_folder(&data)),
            files: files.unwrap_or_else(|| Place::Folder(data.join("files"))),
            data,
            registry_name: sources.read(&REGISTRY_NAME, name)?,
            licence: sources.read(&LICENCE, licence)?,
            workers: workers.unwrap_or_else(one_per_processor),
            request_timeout: sources.read(&REQUEST_TIMEOUT, |text| seconds(text, 1, 600))?,
            max_connections: sources.read(&MAX_CONNECTIONS, connections)?,
            drain_delay: sources.read(&DRAIN_DELAY, |text| seconds(text, 0, 300))?,
            credential_term: sources
                .read(&CREDENTIAL_PERIOD, |text| Term::parse(text, validity))?,
            trusted_proxies: sources.read(&TRUSTED_PROXIES, networks)?,
            forwarded_header: sources.read(&FORWARDED_HEADER, ForwardedHeader::parse)?,
            rate_limits: sources.read(&RATE_LIMITS, RateLimits::parse)?,
            letters: Letters::read(&sources)?,
            accept_head: sources.read(&ACCEPT_HEAD, head)?,
            succeeds: sources.read(&SUCCEEDS, file)?,
            witness_policy: sources.read(&WITNESS_POLICY, file)?,
            retention: Retention {
                applicants: sources.read(&KEEP_APPLICANTS, Keep::parse)?,
                members: sources.read(&KEEP_MEMBERS, Keep::parse)?,
            },
            log: sources.read(&LOG, LogFilter::parse)?,
            log_format: sources.read(&LOG_FORMAT, LogFormat::parse)?,
        })
    }

    /// The registry's public address when it listens on `bound`.
    ///
    /// # Errors
    ///
    /// Where no public URL is set and none can be derived, as from port 0.
    pub fn base(&self, bound: SocketAddr) -> Result<Base, BaseError> {
        match &self.public_url {
            Some(base) => Ok(base.clone()),
            None => Base::parse(&format!("http://{bound}")),
        }
    }

    /// The folder of the signing keys.
    pub fn key_folder(&self) -> PathBuf {
        self.data.join("keys")
    }

    /// The folder of what readers are answered from; it can be made anew from the database.
    pub fn directory_folder(&self) -> PathBuf {
        self.data.join("directory")
    }

    /// The folder of letters that are not sent but laid down.
    pub fn letter_folder(&self) -> PathBuf {
        self.data.join("letters")
    }
}

/// The URL of a database, which may hold a password: `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The SQLite database in a data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self(format!("sqlite:{}", data.join("registry.db").display()))
    }

    /// The URL in full.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn parse(text: &str) -> Result<Self, String> {
        let known = ["sqlite:", "postgres://", "postgresql://"];
        let rest = known.iter().find_map(|scheme| text.strip_prefix(scheme));
        if rest.is_some_and(|rest| !rest.is_empty()) {
            Ok(Self(text.to_owned()))
        } else {
            // The text itself may be a password on its own, so it is not repeated.
            Err("names no database".to_owned())
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = self.0.split(':').next().unwrap_or_default();
        write!(f, "DatabaseUrl({scheme}:…)")
    }
}

/// Which log lines are written, in the syntax of `tracing_subscriber`'s `EnvFilter`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogFilter(String);

impl LogFilter {
    /// Checks the directives.
    pub fn parse(text: &str) -> Result<Self, String> {
        match EnvFilter::try_new(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(format!("is {text:?}, no filter ({error})")),
        }
    }

    /// The filter itself. The HTTP server's own chatter is left out unless the directives ask for it.
    pub fn filter(&self) -> EnvFilter {
        EnvFilter::new(format!("actix_server=warn,{}", self.0))
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => Err(format!("is {other:?}")),
        }
    }
}

/// The header in which proxies say for whom they speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForwardedHeader {
    /// `X-Forwarded-For`, which most proxies write.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

impl ForwardedHeader {
    fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "x-forwarded-for" => Ok(Self::XForwardedFor),
            "forwarded" => Ok(Self::Forwarded),
            _ => Err(format!("is {text:?}")),
        }
    }
}

fn networks(text: &str) -> Result<Vec<Network>, String> {
    if text == "none" {
        return Ok(Vec::new());
    }
    text.split(',').map(str::trim).map(Network::parse).collect()
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse()
        .map_err(|_| format!("is {text:?}, not an address with a port"))
}

fn base(text: &str) -> Result<Base, String> {
    Base::parse(text).map_err(|error| format!("is {text:?}, but {error}"))
}

fn name(text: &str) -> Result<Name, String> {
    Name::parse(text).map_err(|error| format!("is {text:?}, but {error}"))
}

fn licence(text: &str) -> Result<String, String> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-.+".contains(c);
    if (1..=64).contains(&text.len()) && text.chars().all(is_plain) {
        Ok(text.to_owned())
    } else {
        Err(format!("is {text:?}"))
    }
}

fn workers(text: &str) -> Result<NonZeroUsize, String> {
    text.parse::<NonZeroUsize>()
        .ok()
        .filter(|number| number.get() <= MAX_WORKERS)
        .ok_or_else(|| format!("is {text:?}"))
}

fn seconds(text: &str, least: u64, most: u64) -> Result<Duration, String> {
    text.parse()
        .ok()
        .filter(|seconds| (least..=most).contains(seconds))
        .map(Duration::from_secs)
        .ok_or_else(|| format!("is {text:?}"))
}

fn head(text: &str) -> Result<Option<Digest>, String> {
    if text == "none" {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| format!("{error}"))
}

fn file(text: &str) -> Result<Option<PathBuf>, String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    Ok((text != "none").then(|| PathBuf::from(text)))
}

fn connections(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|number| (1..=100_000).contains(number))
        .ok_or_else(|| format!("is {text:?}"))
}

fn one_per_processor() -> NonZeroUsize {
    thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}
