//! `mirror`: follows another registry, checks everything, and answers in its place.

use std::{fs, net::SocketAddr, path::PathBuf, time::Duration};

use crate::{
    clock::Clock,
    config::settings::Flags,
    startup::mirroring::{self, Following},
};

use super::{
    answer::{Answer, Failed},
    host,
    progress::Progress,
};

/// Follow another registry, check everything, and answer in its place.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Follow another registry, check everything, and answer in its place.\n\n\
                  Every entry of its log is held against its signed checkpoint, every record, key and rule is verified, \
                  and the membership map is recomputed; what holds is kept in a database of the mirror's own and served: \
                  members, records, proofs, dumps, the log itself. Nothing can be changed here, and nothing is signed: \
                  the checkpoint and everything else is the registry's own.\n\n\
                  Without --policy the keys that answer first are trusted, and from then on no others.\n\n\
                  Where the registry contradicts itself, the mirror accepts no more of it, goes on serving what held \
                  last, and lays down the evidence in its data folder.\n\n\
                  Examples:\n\n  \
                  charter-registry mirror https://registry.example --data mirror-data\n  \
                  charter-registry mirror https://registry.example --policy registry.tlog-policy --listen 0.0.0.0:8080"
)]
pub(super) struct Mirror {
    /// The registry's address.
    url: String,
    /// Whom to trust: a policy file, as `GET /v1/policy` gives it.
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// How many seconds after one look at the registry the next follows.
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=86_400))]
    every: u32,
    /// Cosign the registry's checkpoints under this name, such as witness.example/m1 (C2SP tlog-witness), and under NAME/map
    /// those whose map was recomputed here.
    #[arg(long, value_name = "NAME")]
    cosign: Option<String>,
    /// Where the registry asks for cosignatures, with --cosign.
    #[arg(
        long,
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8090",
        requires = "cosign"
    )]
    cosign_listen: SocketAddr,
    #[command(flatten)]
    settings: Flags,
}

impl Mirror {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        let config = host::configure(&self.settings)?;
        let is_url = self.url.starts_with("https://") || self.url.starts_with("http://");
        if !is_url {
            let told = format!("{:?} is not the address of a registry", self.url);
            let expected = "expected one such as https://registry.example";
            return Err(Failed::because(told).and(expected).of_input());
        }
        let policy = self.policy.as_ref().map(|path| {
            fs::read_to_string(path).map_err(|error| {
                let failed = Failed::because(format!("cannot read {}", path.display()));
                failed.and_causes(&error).of_input()
            })
        });
        let mut progress = Some(Progress::of("log entries"));
        let following = Following {
            url: self.url,
            policy: policy.transpose()?,
            every: Duration::from_secs(self.every.into()),
            cosign: self.cosign.map(|name| (name, self.cosign_listen)),
            progress: Box::new(move |done, total| {
                if let Some(bar) = &mut progress {
                    bar.show(done, total);
                }
                if done >= total {
                    // The bar goes away; what follows comes in small pieces.
                    progress = None;
                }
            }),
        };
        mirroring::run(&config, Clock::system(), following).await?;
        Ok(Answer::done(""))
    }
}
