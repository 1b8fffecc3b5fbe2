//! The HTTP API: JSON in camelCase under `/v1`, one endpoint per file, in folders by resource.
//!
//! A handler parses into types of `rules`, calls one use case of `desk` and renders. Who may call what is the
//! table in [`access`]; what every request passes through is [`envelope`]; every error is a [`problem`]. One
//! registration in [`routes`] gives both the route and its place in the OpenAPI document.

pub mod access;
pub mod applications;
pub mod audit;
pub mod auth;
pub mod body;
pub mod charters;
pub mod client;
pub mod decisions;
pub mod encoding;
pub mod envelope;
pub mod faults;
pub mod feeds;
pub mod forms;
pub mod keys;
pub mod letters;
pub mod limits;
pub mod log;
mod measure;
pub mod members;
pub mod mirror;
pub mod openapi;
pub mod operators;
pub mod page;
pub mod partners;
pub mod problem;
pub mod problems_page;
pub mod query;
pub mod ranges;
pub mod records;
pub mod render;
pub mod routes;
pub mod service;
pub mod status;
pub mod tokens;
pub mod trqp;
pub mod verify;
pub mod wire;
pub mod witness;
pub mod work;

use std::{future::Future, net::TcpListener, path::Path, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    middleware::from_fn,
    web::{Data, PathConfig, PayloadConfig, ServiceConfig},
};
use utoipa::OpenApi as _;
use utoipa_actix_web::AppExt as _;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::{desk::Desk, directory::Directory, mirror::standing::Standing, telemetry::Metrics};
use client::Proxies;
use limits::Limits;
use problem::{
    ApiError,
    catalogue::{NOT_FOUND, TIMED_OUT},
};
use tokio::time::timeout;
use work::Work;

/// How long a connection is kept that nobody uses.
const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// How long a client may take for a request's head.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// How long a server that ends waits for requests, and again for work, that are under way.
pub const CLOSING_TIME: Duration = Duration::from_secs(30);

/// What the HTTP server serves from.
#[derive(Clone)]
pub struct Service {
    /// The use cases.
    pub desk: Desk,
    /// What anybody may read of members and records.
    pub directory: Directory,
    /// What `/metrics` shows.
    pub metrics: Metrics,
    /// The runtime of the database work: the server's workers have runtimes of their own, which end with them.
    pub runtime: tokio::runtime::Handle,
    /// How many requests it serves to whom.
    pub limits: Arc<Limits>,
    /// Whom it believes about where requests come from.
    pub proxies: Arc<Proxies>,
    /// The work that is under way.
    pub work: Arc<Work>,
    /// The data folder, whose disk is watched.
    pub data: Arc<Path>,
    /// How this mirror stands to the registry that it follows; none where this is a registry of its own.
    pub mirror: Option<Arc<Standing>>,
}

impl Service {
    /// Runs work on the database apart from the request.
    ///
    /// A client that goes away must not stop a write half-way, and a SQLite statement must not be dropped on an
    /// actix worker. A client that would wait for too long is told so; what it asked for is done all the same.
    pub(crate) async fn run<T, E>(
        &self,
        work: impl Future<Output = Result<T, E>> + Send + 'static,
    ) -> Result<T, ApiError>
    where
        T: Send + 'static,
        E: Into<ApiError> + Send + 'static,
    {
        let under_way = self.work.begin().await;
        let work = self.runtime.spawn(async move {
            let result = work.await;
            drop(under_way);
            result
        });
        match timeout(self.work.patience, work).await {
            Ok(Ok(result)) => result.map_err(Into::into),
            Ok(Err(panic)) => Err(ApiError::internal(panic)),
            Err(_) => {
                metrics::counter!("http_requests_timed_out_total").increment(1);
                let waited = self.work.patience.as_secs();
                let detail =
                    format!("there was no answer within {waited} s; a change may still be made");
                Err(ApiError::new(&TIMED_OUT, detail))
            }
        }
    }
}

/// Registers routes in a router.
pub type Routes = fn(&mut ServiceConfig);

/// Serves the API on a socket that is bound already.
pub fn serve(
    service: Service,
    listener: TcpListener,
    workers: usize,
    max_connections: usize,
    routes: Routes,
) -> std::io::Result<actix_web::dev::Server> {
    let service = Data::new(service);
    let server = HttpServer::new(move || {
        App::new()
            .configure(routes)
            .app_data(service.clone())
            .app_data(PathConfig::default().error_handler(|_, _| {
                ApiError::new(&NOT_FOUND, "there is nothing at this address").into()
            }))
            .app_data(PayloadConfig::new(crate::rules::scan::MAX_BYTES))
            .service(actix_web::web::redirect("/docs", "/docs/"))
            .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")))
            .service(openapi::serve())
            .wrap(from_fn(envelope::envelope))
    });
    Ok(server
        .listen(listener)?
        .workers(workers)
        .max_connections(max_connections.div_ceil(workers.max(1)))
        .keep_alive(KEEP_ALIVE)
        .client_request_timeout(HEAD_TIME)
        .disable_signals()
        .shutdown_timeout(CLOSING_TIME.as_secs())
        .run())
}

/// The OpenAPI document that the routes produce.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let (_, document) = App::new()
        .into_utoipa_app()
        .openapi(openapi::ApiDoc::openapi())
        .configure(|config| routes::register(config))
        .split_for_parts();
    openapi::complete(document)
}
