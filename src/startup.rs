//! From a configuration to a desk, and to a server that listens.

pub mod mirroring;
pub mod recovering;

use std::{
    future::Future, io, net::SocketAddr, os::unix::fs::DirBuilderExt as _, path::Path, sync::Arc,
    time::Duration,
};

use actix_web::dev::Server;
use charter_proof::{
    entry::Previous,
    identity::Base,
    note::{Checkpoint, Note},
    policy::Policy,
};
use tokio::{
    runtime::Handle,
    signal::unix::{SignalKind, signal},
    time::{sleep, timeout},
};

use crate::{
    api::{self, CLOSING_TIME, Service, client::Proxies, limits::Limits, wire, work::Work},
    clock::Clock,
    config::{Config, LettersTo},
    desk::{Desk, memberships::credential::Credentials},
    directory::{self, Directory, Room, Source},
    log::{
        gate::{self, Opening},
        key_files::KeyFolder,
        mark,
    },
    mirror::follow::Follower,
    notify::{
        Mail, Secretariat, host_name,
        outbox::Post,
        transport::{Smtp, Transport},
    },
    rules::text::Email,
    storage::{self, Database, files::Files},
    telemetry::Metrics,
    timetable::Timetable,
    witness::asking::Asking,
};

mod error;
mod socket;
pub mod witness;

pub use error::{NoCheckpoint, StartupError};

/// Opens the registry: makes the data folder, brings the database up to date, begins or checks the log.
pub async fn open(config: &Config, clock: Clock) -> Result<Desk, StartupError> {
    let base = public_address(config, config.listen)?;
    open_as(base, config, clock).await
}

fn public_address(config: &Config, bound: SocketAddr) -> Result<Base, StartupError> {
    config
        .base(bound)
        .map_err(|source| StartupError::PublicUrl {
            listen: bound,
            source,
        })
}

/// Makes the data folder. Contacts and scans lie here: nobody else on the host may look.
fn make_data(config: &Config) -> Result<(), StartupError> {
    let mut made = std::fs::DirBuilder::new();
    let made = made.recursive(true).mode(0o700).create(&config.data);
    made.map_err(|source| StartupError::Data {
        path: config.data.clone(),
        source,
    })
}

async fn open_as(base: Base, config: &Config, clock: Clock) -> Result<Desk, StartupError> {
    make_data(config)?;
    let database = Database::connect(config.database_url.reveal()).await?;
    let files = Files::open(&config.files, &config.data)?;
    let keys = KeyFolder::at(config.key_folder());
    let name = config.registry_name.to_string();
    let post = Post::new(mail(config, &base)?);
    let policy = config.witness_policy.as_deref().map(witness_policy);
    let policy = policy.transpose()?.map(Arc::new);
    let previous = config.succeeds.as_deref().map(predecessor).transpose()?;
    if storage::log::head(&mut database.read().await?).await?.size == 0 {
        tracing::info!(public_url = %base, "a new registry begins its log: this is its address for good");
    }
    let opening = Opening {
        keys: &keys,
        base,
        name,
        mark: &config.data.join(mark::FILE),
        accept_head: config.accept_head,
        previous,
        policy: policy.clone(),
    };
    let signatory = gate::open(&database, opening, &clock).await?;
    let asking = policy.map(|policy| {
        let (origin, log) = (signatory.base.origin(), signatory.log.clone());
        Asking::new(policy, &origin, database.clone(), log, clock.clone())
    });
    let witnesses = asking.transpose()?.map(Arc::new);
    storage::traces::catch_up(&database).await?;
    Ok(Desk {
        database,
        files,
        signatory: Arc::new(signatory),
        clock,
        post,
        retention: config.retention,
        letter_folder: config.letter_folder().into(),
        credentials: Credentials::new(config.credential_term, config.data.clone()),
        directory: None,
        witnesses,
    })
}

/// The log that this one succeeds, by its last checkpoint that an operator trusts.
fn predecessor(path: &Path) -> Result<Previous, StartupError> {
    let read = || -> Result<Previous, NoCheckpoint> {
        let note: Note = std::fs::read_to_string(path)?.parse()?;
        let checkpoint: Checkpoint = note.text().parse()?;
        Ok(Previous {
            checkpoint: note.to_string(),
            origin: checkpoint.origin,
        })
    };
    read().map_err(|source| StartupError::Predecessor {
        path: path.to_owned(),
        source,
    })
}

/// The witnesses that are to be asked.
fn witness_policy(path: &Path) -> Result<Policy, StartupError> {
    let unreadable = |source| StartupError::PolicyFile {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Policy::parse(&text).map_err(|source| StartupError::Policy {
        path: path.to_owned(),
        source,
    })
}

/// How letters leave, as the configuration says; nowhere unless it says so or this is no more than a development
/// server.
fn mail(config: &Config, base: &Base) -> Result<Option<Mail>, StartupError> {
    let letters = &config.letters;
    let is_development = base.url().starts_with("http://");
    let transport = match &letters.to {
        Some(LettersTo::Nobody) => return Ok(None),
        None if !is_development => {
            tracing::warn!("no letters are written: set --letters, CHARTER_LETTERS or letters");
            return Ok(None);
        }
        Some(LettersTo::Folder) | None => Transport::Folder(config.letter_folder()),
        Some(LettersTo::Smtp {
            host,
            port,
            security,
        }) => Transport::Smtp(Smtp {
            host: host.clone(),
            port: *port,
            security: *security,
            credentials: letters.credentials.clone(),
            greeting: host_name(base).to_owned(),
            time_limit: letters.time_limit,
        }),
    };
    let host = match &transport {
        // Nobody answers these.
        Transport::Folder(_) => "registry.invalid",
        Transport::Smtp(_) => host_name(base),
    };
    let from = match &letters.from {
        Some(from) => from.clone(),
        None => Email::parse(&format!("registry@{host}")).map_err(|_| StartupError::LettersFrom)?,
    };
    let secretariat = letters.secretariat.clone().map(|address| Secretariat {
        address,
        language: letters.secretariat_language.clone(),
    });
    Ok(Some(Mail {
        transport,
        from,
        name: config.registry_name.clone(),
        base: base.clone(),
        secretariat,
    }))
}

/// A server that listens: connections wait until [`Listening::until`] serves them.
pub struct Listening {
    /// Where it listens, with the port that the system chose for port 0.
    pub address: SocketAddr,
    /// The registry it serves.
    pub desk: Desk,
    directory: Directory,
    metrics: Metrics,
    work: Arc<Work>,
    drain_delay: Duration,
    server: Server,
    follower: Option<Follower>,
}

/// Takes the address, opens the registry, prepares the server, and listens.
pub async fn start(config: &Config, clock: Clock) -> Result<Listening, StartupError> {
    start_with(config, clock, api::routes::register).await
}

/// The same with these routes: the registry's, and what a measurement puts before them.
pub async fn start_with(
    config: &Config,
    clock: Clock,
    routes: api::Routes,
) -> Result<Listening, StartupError> {
    let socket = socket::bind(config.listen)?;
    let address = socket.local_addr().map_err(StartupError::Server)?;
    let base = public_address(config, address)?;
    let mut desk = open_as(base, config, clock).await?;
    if let Some(witnesses) = &desk.witnesses {
        witnesses.greet().await;
    }
    let directory = open_directory(config, &desk.database, desk.base(), false).await?;
    desk.directory = Some(directory.clone());
    let listener = socket::listen(socket)?;
    assembled(config, listener, routes, desk, directory, None).map_err(StartupError::Server)
}

/// The server of a desk, on a socket that listens already.
fn assembled(
    config: &Config,
    listener: std::net::TcpListener,
    routes: api::Routes,
    desk: Desk,
    directory: Directory,
    follower: Option<Follower>,
) -> io::Result<Listening> {
    let address = listener.local_addr()?;
    let metrics = Metrics::install();
    let work = Arc::new(Work::new(config.request_timeout));
    let service = Service {
        desk: desk.clone(),
        directory: directory.clone(),
        metrics: metrics.clone(),
        runtime: Handle::current(),
        limits: Arc::new(Limits::new(&config.rate_limits, &desk.clock)),
        proxies: Arc::new(Proxies {
            trusted: config.trusted_proxies.clone(),
            header: config.forwarded_header,
        }),
        work: work.clone(),
        data: config.data.clone().into(),
        mirror: follower.as_ref().map(|follower| follower.standing.clone()),
    };
    let server = api::serve(
        service,
        listener,
        config.workers.get(),
        config.max_connections,
        routes,
    )?;
    Ok(Listening {
        work,
        drain_delay: config.drain_delay,
        address,
        desk,
        directory,
        metrics,
        server,
        follower,
    })
}

/// Opens what readers are answered from.
async fn open_directory(
    config: &Config,
    database: &Database,
    base: &Base,
    is_mirror: bool,
) -> Result<Directory, StartupError> {
    let folder = Room::take(&config.directory_folder()).map_err(directory::Error::from)?;
    let source = Source {
        database: database.clone(),
        base: base.clone(),
        render: wire::member::shown,
        fingerprint: wire::member::fingerprint(base),
        licence: config.licence.as_str().into(),
        is_mirror,
    };
    Ok(Directory::open(folder, source).await?)
}

/// Serves until the process is asked to end, by SIGINT or SIGTERM.
pub async fn run(config: &Config, clock: Clock) -> Result<(), StartupError> {
    let stop = stop_signal().map_err(StartupError::Server)?;
    let listening = start(config, clock).await?;
    tracing::info!(
        address = %listening.address,
        public_url = %listening.desk.base(),
        "the registry is open"
    );
    listening.keeping_the_timetable(stop).await
}

impl Listening {
    /// Serves until `stop` comes and does meanwhile what the timetable says; a job under way is finished first.
    pub async fn keeping_the_timetable(
        self,
        stop: impl Future<Output = ()>,
    ) -> Result<(), StartupError> {
        let timetable = match &self.follower {
            Some(_) => Timetable::begin_mirror(&self.desk),
            None => Timetable::begin(&self.desk),
        };
        let ended = self.until(stop).await;
        if timeout(CLOSING_TIME, timetable.end()).await.is_err() {
            tracing::warn!(
                "a job of the timetable did not end in time; what it had not committed is not done"
            );
        }
        ended
    }

    /// Serves until `stop` comes, then lets the requests under way finish, and the work that their clients no longer
    /// wait for.
    ///
    /// Readiness ends first, and for as long as the drain delay everything else goes on.
    pub async fn until(self, stop: impl Future<Output = ()>) -> Result<(), StartupError> {
        let Self {
            metrics,
            work,
            drain_delay,
            server,
            directory,
            desk,
            follower,
            ..
        } = self;
        let upkeep = tokio::spawn(metrics.keep_up());
        let following = tokio::spawn(directory.clone().keep_up());
        let signatory = desk.signatory.clone();
        let observing = match follower {
            Some(follower) => tokio::spawn(follower.follow()),
            None => tokio::spawn(signatory.keep_up(desk.database.clone(), desk.clock.clone())),
        };
        let asking = desk.witnesses.clone().map(Asking::keep_asking);
        let asking = asking.map(tokio::spawn);
        let handle = server.handle();
        tokio::pin!(server);
        let ended = tokio::select! {
            ended = &mut server => ended,
            () = stop => {
                work.close();
                tracing::info!("closing: requests under way are finished first");
                tokio::select! {
                    ended = &mut server => ended,
                    () = sleep(drain_delay) => tokio::join!(handle.stop(true), server).1,
                }
            }
        };
        if !work.ended(CLOSING_TIME).await {
            tracing::warn!(
                "work was still under way at the end; what it had not committed is not done"
            );
        }
        upkeep.abort();
        following.abort();
        observing.abort();
        if let Some(asking) = asking {
            asking.abort();
        }
        if let Err(error) = directory.save().await {
            tracing::warn!(cause = %error, "the next start has to make the directory's index anew");
        }
        if let Err(error) = desk.signatory.log.save().await {
            tracing::warn!(cause = %error, "the log's snapshot cannot be written: the next start takes longer");
        }
        ended.map_err(StartupError::Server)
    }
}

/// What comes when the process is asked to end, by SIGINT or SIGTERM. It is caught from this call on.
pub fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
