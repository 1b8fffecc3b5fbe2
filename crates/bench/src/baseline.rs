//! Servers that answer with fixed bytes, to compare with.
//!
//! *The same server* is the registry's own, opened as always on a data folder, with all its routes behind the same
//! envelope (request identifier, table of access, rate limits, metrics, log line, headers); in front of some of them
//! stand routes of the same address whose handlers return a fixed body of the size that was asked for and nothing
//! else. *Plain actix-web* has these routes and nothing more: no envelope, no other header than `Content-Type`.

use std::{future::ready, net::SocketAddr, process::Command, sync::OnceLock};

use actix_web::{App, HttpResponse, HttpServer, web};
use charter_registry::{
    api::routes,
    clock::Clock,
    config::{Config, settings::Flags},
    startup, telemetry,
};

use crate::registry::{Folder, Server, free_address};

/// The bodies that take the place of what [`ROUTES`] answer.
static BODIES: OnceLock<[web::Bytes; ROUTES.len()]> = OnceLock::new();

/// The routes that have a static body, with its media type.
const ROUTES: [(&str, &str); 5] = [
    ("/records/{id}", "application/vc"),
    ("/v1/charters/{charter}/members", "application/json"),
    (
        "/v1/charters/{charter}/members/{id}/proof",
        "text/plain; charset=utf-8",
    ),
    ("/v1/charters/{charter}/proof", "text/plain; charset=utf-8"),
    (
        "/v1/charters/{charter}/members/{id}/credential",
        "application/vc",
    ),
];

/// How long the bodies are, in the order of the routes.
pub type Sizes = [usize; ROUTES.len()];

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
    pub fn start(self, folder: &Folder, sizes: Sizes) -> Server {
        let address = free_address();
        let mut command = folder.set(Command::new(std::env::current_exe().unwrap()));
        command
            .args([self.name(), &address.to_string()])
            .args(sizes.map(|size| size.to_string()))
            .env("CHARTER_LISTEN", address.to_string());
        Server::start(command, address).0
    }
}

/// Serves as one of the two, where the arguments say so; otherwise returns at once.
pub async fn serve_if_told(arguments: &[String]) -> bool {
    let [kind, address, sizes @ ..] = arguments else {
        return false;
    };
    let Ok(sizes) = <&[String; ROUTES.len()]>::try_from(sizes) else {
        return false;
    };
    let body = |length: &String| web::Bytes::from(vec![b'x'; length.parse().unwrap()]);
    BODIES.set(sizes.each_ref().map(body)).unwrap();
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
        for (place, (route, _)) in ROUTES.iter().enumerate() {
            config.route(route, web::get().to(move || ready(fixed(place))));
        }
        config.configure(routes::register);
    });
    let stop = startup::stop_signal().unwrap();
    let listening = listening.await.unwrap();
    listening.keeping_the_timetable(stop).await.unwrap();
}

async fn serve_plainly(address: SocketAddr) {
    let workers = std::thread::available_parallelism().unwrap().get();
    let server = HttpServer::new(|| {
        let app = App::new().route("/healthz", web::get().to(HttpResponse::Ok));
        let routes = ROUTES.iter().enumerate();
        routes.fold(app, |app, (place, (route, _))| {
            app.route(route, web::get().to(move || ready(fixed(place))))
        })
    });
    server
        .bind(address)
        .unwrap()
        .workers(workers)
        .run()
        .await
        .unwrap();
}

fn fixed(place: usize) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ROUTES[place].1)
        .body(BODIES.get().unwrap()[place].clone())
}
