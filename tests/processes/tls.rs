//! TLS to PostgreSQL: verified, or not at all.

use std::{fs, path::Path, process::Child};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tempfile::TempDir;
use tokio_postgres::NoTls;

use crate::{audit::run, client::CHARTER, host::Host, postgres};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    Authority::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A cluster of its own that speaks TLS with a certificate for `names`; stopped with this value.
struct Server {
    url: url::Url,
    folder: TempDir,
    _watcher: Child,
}

impl Server {
    /// Starts it; `None` where there is no PostgreSQL.
    fn start(authority: &Authority, names: &[&str]) -> Option<Self> {
        let programs = postgres::or_skip(postgres::programs())?;
        let key = KeyPair::generate().unwrap();
        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let params = CertificateParams::new(names).unwrap();
        let certificate = params.signed_by(&key, authority).unwrap();
        let folder = TempDir::new().unwrap();
        let in_use = folder.path().join("in-use");
        fs::write(&in_use, "").unwrap();
        let tls = [
            ("CERTIFICATE", certificate.pem()),
            ("PRIVATE_KEY", key.serialize_pem()),
        ];
        let (url, watcher) = postgres::or_skip(postgres::start(&programs, &in_use, &tls))?;
        Some(Self {
            url: url.parse().unwrap(),
            folder,
            _watcher: watcher,
        })
    }

    /// The URL of the server at this name, with these parameters.
    fn url(&self, host: &str, parameters: &[(&str, &str)]) -> String {
        let mut url = self.url.clone();
        url.set_host(Some(host)).unwrap();
        url.query_pairs_mut().extend_pairs(parameters);
        url.into()
    }

    /// Keeps an authority's certificate in a file, and returns its path.
    fn root_file(&self, name: &str, authority: &Authority) -> String {
        let path = self.folder.path().join(name);
        fs::write(&path, authority.as_ref().pem()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Which of the registry's sessions are encrypted, each once: of all that are open.
    fn encryption(&self) -> Vec<bool> {
        run(async {
            let (client, connection) = tokio_postgres::connect(self.url.as_str(), NoTls)
                .await
                .unwrap();
            tokio::spawn(connection);
            let sessions = "SELECT DISTINCT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) \
                            WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
            let rows = client.query(sessions, &[]).await.unwrap();
            rows.iter().map(|row| row.get(0)).collect()
        })
    }
}

#[test]
fn postgresql_is_spoken_to_over_verified_tls_or_in_the_clear_as_the_url_says() {
    let ours = authority("Ours");
    let names = ["localhost", "127.0.0.1"];
    let Some(server) = Server::start(&ours, &names) else {
        return;
    };
    let root = server.root_file("ours.pem", &ours);
    let verified = [("sslmode", "verify-full"), ("sslrootcert", root.as_str())];
    let mut host = Host::on(&server.url("localhost", &verified));
    host.publish(CHARTER);
    for name in names {
        host = host.reaching(&server.url(name, &verified));
        let instance = host.serve();
        assert_eq!(server.encryption(), [true], "{name}");
        drop(instance);
    }

    let plain = [("sslmode", "disable")];
    for parameters in [&plain[..], &[]] {
        host = host.reaching(&server.url("127.0.0.1", parameters));
        let instance = host.serve();
        assert_eq!(server.encryption(), [false], "{parameters:?}");
        drop(instance);
    }
}

#[test]
fn a_server_that_cannot_be_verified_is_not_spoken_to() {
    let ours = authority("Ours");
    let Some(server) = Server::start(&ours, &["elsewhere.example"]) else {
        return;
    };
    let root = server.root_file("ours.pem", &ours);
    let wrong_root = server.root_file("theirs.pem", &authority("Theirs"));
    let no_root = server.folder.path().join("absent.pem");
    let refused = |parameters: &[(&str, &str)]| {
        let host = Host::on(&server.url("localhost", parameters));
        host.refusal(&["operator", "list"])
    };
    for mode in ["require", "verify-ca", "verify-full"] {
        let wrong_name = refused(&[("sslmode", mode), ("sslrootcert", &root)]);
        assert!(wrong_name.contains("not valid for name"), "{wrong_name}");
        let unknown = refused(&[("sslmode", mode), ("sslrootcert", &wrong_root)]);
        assert!(unknown.contains("UnknownIssuer"), "{unknown}");
        // The machine's own roots do not know it either.
        let unknown = refused(&[("sslmode", mode)]);
        assert!(
            unknown.contains("UnknownIssuer") || unknown.contains("no trusted root"),
            "{unknown}"
        );
    }
    for mode in ["prefer", "allow", "verify_full", ""] {
        let refusal = refused(&[("sslmode", mode), ("sslrootcert", &root)]);
        let expected = format!("sslmode {mode:?} is not offered: use disable or verify-full");
        assert!(refusal.contains(&expected), "{refusal}");
    }
    let absent = path_text(&no_root);
    let unreadable = refused(&[("sslmode", "verify-full"), ("sslrootcert", &absent)]);
    assert!(
        unreadable.contains(&format!("sslrootcert {absent}")),
        "{unreadable}"
    );
    assert!(!unreadable.contains(server.url.password().unwrap()));
}

#[test]
fn a_server_without_tls_is_refused_where_tls_is_asked_for() {
    let Some(database) = postgres::TestDatabase::create() else {
        return;
    };
    let mut url: url::Url = database.url().parse().unwrap();
    url.query_pairs_mut().append_pair("sslmode", "verify-full");
    let refusal = Host::on(url.as_str()).refusal(&["operator", "list"]);
    assert!(refusal.contains("does not support TLS"), "{refusal}");
}

fn path_text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}
