//! Servers that answer with fixed bytes, to compare with.
//!
//! *The same server* is the registry's own, opened as always on a data folder, with all its routes behind the same
//! envelope (request identifier, table of access, rate limits, metrics, log line, headers); in front of two of them
//! stand routes of the same address whose handlers return a fixed body of the size that was asked for and nothing
//! else. *Plain actix-web* has these two routes and nothing more: no envelope, no other header than `Content-Type`.

use std::{net::SocketAddr, process::Command, sync::OnceLock};

use actix_web::{App, HttpResponse, HttpServer, web};
use charter_registry::{
    api::routes,
    clock::Clock,
    config::{Config, settings::Flags},
    startup, telemetry,
};

use crate::registry::{Folder, Server, free_address};

/// How long the body is that takes the place of a record, and of a page.
static BODIES: OnceLock<[web::Bytes; 2]> = OnceLock::new();

const RECORD: &str = "/records/{id}";
const PAGE: &str = "/v1/charters/{charter}/members";

/// Which server answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The registry's own.
    Same,
    /// Actix-web and nothing else.
    Plain,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Same => "static-same",
            Self::Plain => "static-plain",
        }
    }

    /// Starts such a server as a process of its own. Its bodies are as long as this.
    pub fn start(self, folder: &Folder, record: usize, page: usize) -> Server {
        let address = free_address();
        let mut command = folder.set(Command::new(std::env::current_exe().unwrap()));
        command
            .args([self.name(), &address.to_string()])
            .args([record.to_string(), page.to_string()])
            .env("CHARTER_LISTEN", address.to_string());
        Server::start(command, address).0
    }
}

/// Serves as one of the two, where the arguments say so; otherwise returns at once.
pub async fn serve_if_told(arguments: &[String]) -> bool {
    let [kind, address, record, page] = arguments else {
        return false;
    };
    let body = |length: &str| web::Bytes::from(vec![b'x'; length.parse().unwrap()]);
    BODIES.set([body(record), body(page)]).unwrap();
    if kind == Kind::Same.name() {
        serve_the_same().await;
    } else {
        serve_plainly(address.parse().unwrap()).await;
    }
    true
}

async fn serve_the_same() {
    let environment = |name: &str| std::env::var_os(name);
    let config = Config::load(&Flags::default(), &environment).unwrap();
    telemetry::init(&config.log, config.log_format);
    let listening = startup::start_with(&config, Clock::system(), |config| {
        config
            .route(RECORD, web::get().to(record))
            .route(PAGE, web::get().to(page))
            .configure(routes::register);
    });
    let stop = startup::stop_signal().unwrap();
    let listening = listening.await.unwrap();
    listening.keeping_the_timetable(stop).await.unwrap();
}

async fn serve_plainly(address: SocketAddr) {
    let workers = std::thread::available_parallelism().unwrap().get();
    let server = HttpServer::new(|| {
        App::new()
            .route("/healthz", web::get().to(HttpResponse::Ok))
            .route(RECORD, web::get().to(record))
            .route(PAGE, web::get().to(page))
    });
    server
        .bind(address)
        .unwrap()
        .workers(workers)
        .run()
        .await
        .unwrap();
}

async fn record() -> HttpResponse {
    let [record, _] = BODIES.get().unwrap();
    HttpResponse::Ok()
        .content_type("application/vc")
        .body(record.clone())
}

async fn page() -> HttpResponse {
    let [_, page] = BODIES.get().unwrap();
    HttpResponse::Ok()
        .content_type("application/json")
        .body(page.clone())
}
