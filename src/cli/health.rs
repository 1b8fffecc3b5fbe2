//! `health`: whether the server on this host answers, for supervisors that can only run a command.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    time::Duration,
};

use crate::config::settings::Flags;

use super::{
    answer::{Answer, Failed},
    host,
};

/// How long the server may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Ask the server on this host whether it answers.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Ask the server that listens where the settings say (GET /healthz) whether it is alive. Exit status \
                  0 if it is, 1 if not: for the health check of a container, which has no HTTP client.\n\n\
                  Whether it can work, its database too, is --ready (GET /readyz): a question for a load balancer, \
                  not for a supervisor that restarts what does not answer."
)]
pub(super) struct Health {
    /// Ask whether it is ready for requests.
    #[arg(long)]
    ready: bool,
    #[command(flatten)]
    settings: Flags,
}

impl Health {
    pub(super) fn run(self) -> Result<Answer, Failed> {
        let config = host::configure(&self.settings)?;
        let mut address = config.listen;
        if address.ip().is_unspecified() {
            address.set_ip(match address.ip() {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            });
        }
        let path = if self.ready { "readyz" } else { "healthz" };
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .proxy(None)
            .timeout_global(Some(PATIENCE))
            .build()
            .into();
        let url = format!("http://{address}/{path}");
        match agent.get(&url).call()?.status().as_u16() {
            200 => Ok(Answer::done("ok\n")),
            status => Err(Failed::because(format!("{url} answers {status}"))),
        }
    }
}
