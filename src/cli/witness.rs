//! `witness`: this program as a witness of other logs.

use std::path::PathBuf;

use crate::{
    clock::Clock,
    config::settings::Flags,
    log::key_files::KeyFolder,
    startup::witness::{read_logs, run},
    witness::cosigner::{Cosigner, Statement},
};

use super::{
    answer::{Answer, Failed},
    host,
};

/// Be a witness of other logs, or show its key.
#[derive(Debug, clap::Args)]
pub(super) struct Witness {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Cosign the checkpoints of known logs, each only if it continues the one before (C2SP tlog-witness).
    #[command(
        long_about = "Serve POST /add-checkpoint (C2SP tlog-witness) until SIGINT (Ctrl-C) or SIGTERM: a log sends each \
                      new checkpoint with the proof that it continues the one that was cosigned last, and is answered \
                      with a cosignature. What was cosigned is kept in the database before the answer leaves: never \
                      two trees of one size, never a smaller one.\n\n\
                      The key is made in the key folder when there is none (witness.pem); `witness key` shows it as \
                      those who ask the witness, and those who trust it, need it.\n\n\
                      Example:\n\n  \
                      charter-registry witness serve --name witness.example/w1 --logs logs.txt --listen 127.0.0.1:8090 \
                      --data witness"
    )]
    Serve {
        /// The witness's name, which stands in its key: an address without a scheme, such as witness.example/w1.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// The logs that it cosigns: a file with a log's key (vkey) a line, or a C2SP tlog-policy file.
        #[arg(long, value_name = "FILE")]
        logs: PathBuf,
        #[command(flatten)]
        settings: Flags,
    },
    /// Show the key as verifiers know it (vkey), made when there is none.
    Key {
        /// The witness's name.
        #[arg(long, value_name = "NAME")]
        name: String,
        /// Show the key NAME/map instead, with which a mirror says besides that it recomputed the map.
        #[arg(long)]
        map: bool,
        #[command(flatten)]
        settings: Flags,
    },
}

impl Witness {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        match self.action {
            Action::Serve {
                name,
                logs,
                settings,
            } => {
                let config = host::configure(&settings)?;
                let logs = read_logs(&logs).map_err(Failed::unusable)?;
                run(&config, &name, logs, Clock::system()).await?;
                Ok(Answer::done(""))
            }
            Action::Key {
                name,
                map,
                settings,
            } => {
                let config = host::configure(&settings)?;
                let folder = KeyFolder::at(config.key_folder());
                let statement = if map { Statement::Map } else { Statement::Log };
                let cosigner = Cosigner::open(&folder, &name, statement, &Clock::system())?;
                let key = cosigner.vkey().map(|key| format!("{key}\n"));
                Ok(Answer::done(key.unwrap_or_default()))
            }
        }
    }
}
