//! What lies at an address, fetched within bounds, for commands that judge it as they judge a file.

use std::{sync::Arc, time::Duration};

use ureq::{
    Agent, ResponseExt as _,
    tls::{RootCerts, TlsConfig},
};
use url::Url;

use super::answer::{Failed, printable};

/// How long an answer may take, redirects and body included.
const PATIENCE: Duration = Duration::from_secs(20);

/// How many redirects are followed.
const REDIRECTS: u32 = 3;

/// How much of a refusal is shown, in characters.
const SHOWN: usize = 300;

/// What was found, and where in the end.
pub(super) struct Fetched {
    /// Where the last redirect led.
    pub(super) at: Url,
    /// What lies there.
    pub(super) bytes: Vec<u8>,
}

/// Fetches what lies at an address, unless it is longer than `most` bytes.
///
/// Nothing is trusted about whoever answers: TLS keeps others from reading along, signatures say what is true.
pub(super) fn fetch(url: &Url, most: u64) -> Result<Fetched, Failed> {
    let failed = |what: String| Failed::because(format!("cannot fetch {url}")).and(what);
    let agent = agent();
    let answered = agent.get(url.as_str()).header("Accept", "*/*").call();
    let mut answer = answered.map_err(|error| failed(printable(&error.to_string())).of_input())?;
    let at = Url::parse(&answer.get_uri().to_string()).unwrap_or_else(|_| url.clone());
    let status = answer.status();
    let body = answer.body_mut().with_config().limit(most).read_to_vec();
    let bytes = body.map_err(|error| {
        let what = match error {
            ureq::Error::BodyExceedsLimit(_) => format!("it is longer than {most} bytes"),
            error => printable(&error.to_string()),
        };
        failed(what).of_input()
    })?;
    if status != 200 {
        let said = String::from_utf8_lossy(&bytes);
        let said: String = said.chars().take(SHOWN).collect();
        let told = failed(format!("it is answered with {status}"));
        return Err(told.and(printable(&said)).of_input());
    }
    Ok(Fetched { at, bytes })
}

fn agent() -> Agent {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(provider)
        .build();
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(REDIRECTS)
        .timeout_global(Some(PATIENCE))
        .tls_config(tls)
        .build()
        .into()
}
