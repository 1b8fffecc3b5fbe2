//! `log`: the public log, entry by entry, and what it proves.

mod override_quorum;
mod proof;
mod recover;
mod show;
mod tail;

use std::num::NonZeroU32;

use charter_proof::verify::Key;

use crate::{config::settings::Flags, rules::text::Name};

use super::answer::{Answer, Failed};

/// Look into the public log: an entry, the newest ones, or the proof of what a key stands for; or go on without witnesses.
#[derive(Debug, clap::Args)]
pub(super) struct Log {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Show one entry: its exact bytes, and where mirrors find it.
    Show {
        /// The entry's index, from 0.
        index: u64,
        #[command(flatten)]
        settings: Flags,
    },
    /// Show the newest entries, one a line.
    Tail {
        /// How many.
        #[arg(short = 'n', long, default_value = "10", value_name = "N")]
        lines: NonZeroU32,
        /// Go on and show each new entry as it is committed, until interrupted (beside a server on PostgreSQL).
        #[arg(long)]
        follow: bool,
        #[command(flatten)]
        settings: Flags,
    },
    /// Print the proof of what a key stands for, as GET /v1/charters/{charter}/proof gives it.
    #[command(
        long_about = "Print the proof of what a key stands for now: one text file (C2SP tlog-proof) for members, former \
                      members and strangers. `charter-registry verify` checks it anywhere, offline.\n\n\
                      Example:\n\n  \
                      charter-registry log proof domain:school.example --charter digital-ethics-of-childhood"
    )]
    Proof {
        /// member:UUID, domain:HOST, or a register and a number, such as RU-OGRN:1022800000000.
        key: Key,
        /// The charter, by its slug.
        #[arg(long, value_name = "SLUG")]
        charter: String,
        #[command(flatten)]
        settings: Flags,
    },
    /// Serve checkpoints without the witnesses' quorum until they cosign again; the log says so, with the reason.
    #[command(
        long_about = "Serve checkpoints, and proofs that stand on them, without the cosignatures that the witness policy \
                      asks for, until the witnesses cosign again. An entry of the public log says so and gives the \
                      reason, for ever: name no person in it. Whoever checks proofs by a policy with witnesses still \
                      refuses those that lack them.\n\n\
                      Example:\n\n  \
                      charter-registry log override-quorum --reason \"two of three witnesses ended for good\""
    )]
    OverrideQuorum {
        /// Why, in one line for everybody.
        #[arg(long, value_name = "TEXT", value_parser = Name::parse)]
        reason: Name,
        #[command(flatten)]
        settings: Flags,
    },
    /// Bring a database that was restored from an older backup up to what was published.
    #[command(
        long_about = "Bring a database that was restored from an older backup up to what was published, from a copy of \
                      the registry: a mirror, another instance, or a folder with the same files (log/checkpoint, \
                      log/tile/…, log/records/…, log/charters/…). Every entry is held against the checkpoint that the \
                      log's own key signed and against the high-water mark (log.mark) in the data folder; every record \
                      is verified; what was redacted since goes again. All or nothing, while no server runs.\n\n\
                      What only the lost database had stays lost: applications and their persons, decisions, letters, \
                      accounts and the audit of that time, and until when suspensions were to last. Credentials of \
                      whoever became a member since are revoked; members get new ones by themselves.\n\n\
                      Example:\n\n  \
                      charter-registry log recover --from https://mirror.example --data /var/lib/charter-registry"
    )]
    Recover {
        /// Where the copy is.
        #[arg(long, value_name = "URL|DIR")]
        from: String,
        #[command(flatten)]
        settings: Flags,
    },
}

impl Log {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        match self.action {
            Action::Show { index, settings } => show::run(&settings, index).await,
            Action::Tail {
                lines,
                follow,
                settings,
            } => tail::run(&settings, lines.get(), follow).await,
            Action::Recover { from, settings } => recover::run(&settings, &from).await,
            Action::Proof {
                key,
                charter,
                settings,
            } => proof::run(&settings, &key, &charter).await,
            Action::OverrideQuorum { reason, settings } => {
                override_quorum::run(&settings, &reason).await
            }
        }
    }
}
