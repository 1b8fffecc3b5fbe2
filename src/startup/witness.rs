//! A witness of some logs and nothing else: a database, a key, and a server of two endpoints.

use std::{net::SocketAddr, path::Path, sync::Arc};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    web::{self, Data},
};
use tokio::runtime::Handle;

use super::{StartupError, make_data, socket, stop_signal};
use crate::{
    api::{
        CLOSING_TIME,
        witness::{Booth, add_checkpoint, get_cosigned},
    },
    clock::Clock,
    config::Config,
    log::key_files::KeyFolder,
    storage::Database,
    witness::{
        add::Witness,
        cosigner::{Cosigner, Statement},
        logs::Logs,
    },
};

/// A witness whose socket is open.
pub struct Listening {
    /// Where it listens, with the port that the system chose for port 0.
    pub address: SocketAddr,
    /// What it serves from.
    pub booth: Booth,
    server: Server,
}

/// Reads the list of the logs to be witnessed.
pub fn read_logs(path: &Path) -> Result<Logs, StartupError> {
    let unreadable = |source| StartupError::PolicyFile {
        path: path.to_owned(),
        source,
    };
    let text = std::fs::read_to_string(path).map_err(unreadable)?;
    Logs::parse(&text).map_err(|source| StartupError::Logs {
        path: path.to_owned(),
        source,
    })
}

/// Opens the socket, the database and the key, and prepares the server.
pub async fn start(
    config: &Config,
    name: &str,
    logs: Logs,
    clock: Clock,
) -> Result<Listening, StartupError> {
    make_data(config)?;
    let keys = KeyFolder::at(config.key_folder());
    let cosigner = Cosigner::open(&keys, name, Statement::Log, &clock)?;
    let database = Database::connect(config.database_url.reveal()).await?;
    let booth = Booth {
        witness: Arc::new(Witness::new(database, logs, cosigner, None)),
        clock,
        runtime: Handle::current(),
        recomputed: None,
    };
    open(config, config.listen, booth)
}

/// Opens a socket and prepares the server of a witness.
pub(super) fn open(
    config: &Config,
    address: SocketAddr,
    booth: Booth,
) -> Result<Listening, StartupError> {
    let listener = socket::listen(socket::bind(address)?)?;
    let address = listener.local_addr().map_err(StartupError::Server)?;
    let state = Data::new(booth.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(state.clone())
            .service(add_checkpoint)
            .service(get_cosigned)
            .route(
                "/healthz",
                web::get().to(|| async { HttpResponse::Ok().body("ok\n") }),
            )
    });
    let server = server
        .listen(listener)
        .map_err(StartupError::Server)?
        .workers(config.workers.get())
        .max_connections(config.max_connections.div_ceil(config.workers.get()))
        .disable_signals()
        .shutdown_timeout(CLOSING_TIME.as_secs())
        .run();
    Ok(Listening {
        address,
        booth,
        server,
    })
}

impl Listening {
    /// Serves until `stop` comes, then lets the requests under way finish.
    pub async fn until(self, stop: impl Future<Output = ()>) -> Result<(), StartupError> {
        let handle = self.server.handle();
        let server = self.server;
        tokio::pin!(server);
        let ended = tokio::select! {
            ended = &mut server => ended,
            () = stop => tokio::join!(handle.stop(true), server).1,
        };
        ended.map_err(StartupError::Server)
    }
}

/// Serves until the process is asked to end, by SIGINT or SIGTERM.
pub async fn run(
    config: &Config,
    name: &str,
    logs: Logs,
    clock: Clock,
) -> Result<(), StartupError> {
    let stop = stop_signal().map_err(StartupError::Server)?;
    let listening = start(config, name, logs, clock).await?;
    for key in listening.booth.witness.vkeys() {
        tracing::info!(address = %listening.address, %key, "the witness is open");
    }
    listening.until(stop).await
}
