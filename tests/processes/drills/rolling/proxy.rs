//! nginx before two instances, by the configuration that we ship.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use tempfile::TempDir;

/// Whether there is nginx; said aloud where there is none. CI has it.
pub fn is_there() -> bool {
    let asked = Command::new("nginx")
        .arg("-v")
        .stderr(Stdio::null())
        .status();
    let is_there = asked.is_ok_and(|status| status.success());
    if !is_there {
        assert!(std::env::var("CI").is_err(), "CI has no nginx");
        eprintln!("SKIPPED: the rolling restart: needs nginx (Debian: nginx-light)");
    }
    is_there
}

/// nginx, ended with this value.
pub struct Proxy {
    nginx: Child,
    /// Where it listens.
    pub address: String,
    _folder: TempDir,
}

impl Proxy {
    /// Starts nginx before instances at these addresses.
    pub fn before(instances: &[String; 2]) -> Self {
        let folder = TempDir::new().unwrap();
        let address = {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            free.local_addr().unwrap().to_string()
        };
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/nginx.conf");
        let mut site = fs::read_to_string(shipped).unwrap();
        let [first, second] = instances;
        for (told, wanted) in [
            ("server 127.0.0.1:8080", &format!("server {first}")),
            ("server 127.0.0.1:8081", &format!("server {second}")),
            ("listen 8443;", &format!("listen {address};")),
        ] {
            assert_eq!(site.matches(told).count(), 1, "{told}");
            site = site.replace(told, wanted);
        }
        let at = folder.path().display();
        let temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .map(|it| format!("{it}_temp_path {at}/{it};"))
            .concat();
        let frame = format!(
            "daemon off; pid {at}/nginx.pid; error_log {at}/nginx.log; worker_processes 1; events {{ worker_connections 1024; }}\n\
             http {{ access_log off; {temporary}\n{site}\n}}\n"
        );
        let configuration = folder.path().join("nginx.conf");
        fs::write(&configuration, frame).unwrap();
        let nginx = Command::new("nginx")
            .args(["-p", &at.to_string(), "-c", configuration.to_str().unwrap()])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let proxy = Self {
            nginx,
            address,
            _folder: folder,
        };
        while TcpStream::connect(&proxy.address).is_err() {
            sleep(Duration::from_millis(20));
        }
        proxy
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // As a service manager ends it: its workers go with it.
        let id = self.nginx.id().to_string();
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.nginx.wait();
    }
}
