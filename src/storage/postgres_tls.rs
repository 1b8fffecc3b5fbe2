//! TLS to PostgreSQL, by rustls: always verified, or off.

use std::{fs, net::IpAddr, path::PathBuf, sync::Arc};

use diesel::{ConnectionError, ConnectionResult};
use diesel_async::AsyncPgConnection;
use rustls::{
    ClientConfig, RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tokio_postgres::{Client, NoTls, config::SslMode};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{Error, Result};

/// A PostgreSQL server and how to speak to it.
///
/// `sslmode=disable` turns TLS off; `require`, `verify-ca` and `verify-full` all mean TLS with the server's
/// certificate and name verified, against the system's roots or `sslrootcert=FILE`. Without `sslmode`, a server
/// on a loopback address or a Unix socket is spoken to in the clear and any other with TLS.
#[derive(Clone)]
pub(super) struct Target {
    config: tokio_postgres::Config,
    tls: Option<MakeRustlsConnect>,
}

impl Target {
    /// Reads a `postgres://` URL.
    pub(super) fn parse(url: &str) -> Result<Self> {
        // The message must not repeat the URL: it may hold a password.
        let invalid = |_| Error::Url("and the PostgreSQL URL cannot be read".into());
        let mut parsed = url::Url::parse(url)
            .map_err(|_| Error::Url("and the PostgreSQL URL cannot be read".into()))?;
        let mut mode = None;
        let mut roots = None;
        let mut rest = Vec::new();
        for (key, value) in parsed.query_pairs() {
            match &*key {
                "sslmode" => mode = Some(value.into_owned()),
                "sslrootcert" => roots = Some(PathBuf::from(value.into_owned())),
                _ => rest.push((key.into_owned(), value.into_owned())),
            }
        }
        parsed.set_query(None);
        if !rest.is_empty() {
            parsed.query_pairs_mut().extend_pairs(rest);
        }
        let mut config: tokio_postgres::Config = parsed.as_str().parse().map_err(invalid)?;
        let encrypted = match mode.as_deref() {
            None => !is_local(&config),
            Some("disable") => false,
            Some("require" | "verify-ca" | "verify-full") => true,
            Some(other) => {
                return Err(Error::Tls(format!(
                    "sslmode {other:?} is not offered: use disable or verify-full"
                )));
            }
        };
        config.ssl_mode(if encrypted {
            SslMode::Require
        } else {
            SslMode::Disable
        });
        let tls = encrypted
            .then(|| client_config(roots))
            .transpose()?
            .map(MakeRustlsConnect::new);
        Ok(Self { config, tls })
    }

    /// Makes a connection as the driver has it, for `COPY`.
    pub(super) async fn client(&self) -> Result<Client> {
        // A connection that fails fails what is asked of its client.
        if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await?;
            tokio::spawn(connection);
            Ok(client)
        } else {
            let (client, connection) = self.config.connect(NoTls).await?;
            tokio::spawn(connection);
            Ok(client)
        }
    }

    /// Makes a connection.
    pub(super) async fn connect(&self) -> ConnectionResult<AsyncPgConnection> {
        let failed =
            |error: tokio_postgres::Error| ConnectionError::BadConnection(with_source(&error));
        if let Some(tls) = &self.tls {
            let (client, connection) = self.config.connect(tls.clone()).await.map_err(failed)?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        } else {
            let (client, connection) = self.config.connect(NoTls).await.map_err(failed)?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        }
    }
}

fn with_source(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", with_source(source)),
        None => error.to_string(),
    }
}

fn is_local(config: &tokio_postgres::Config) -> bool {
    config.get_hosts().iter().all(|host| match host {
        tokio_postgres::config::Host::Tcp(name) => {
            name == "localhost"
                || name
                    .trim_matches(['[', ']'])
                    .parse::<IpAddr>()
                    .is_ok_and(|ip| ip.is_loopback())
        }
        tokio_postgres::config::Host::Unix(_) => true,
    })
}

fn client_config(roots: Option<PathBuf>) -> Result<ClientConfig> {
    let mut store = RootCertStore::empty();
    if let Some(path) = roots {
        let unreadable = |why: String| Error::Tls(format!("sslrootcert {}: {why}", path.display()));
        let pem = fs::read(&path).map_err(|error| unreadable(error.to_string()))?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| unreadable(error.to_string()))?;
            store
                .add(certificate)
                .map_err(|error| unreadable(error.to_string()))?;
        }
    } else {
        store.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    }
    if store.is_empty() {
        return Err(Error::Tls(
            "no trusted root certificate: install the system's, or give sslrootcert=FILE".into(),
        ));
    }
    ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Error::Tls(error.to_string()))
        .map(|builder| builder.with_root_certificates(store).with_no_client_auth())
}
