//! `keys`: the registry's keys, and how one takes over from another.

mod list;
mod turn;

use charter_proof::keys::{PublicKey, Purpose};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::{config::settings::Flags, rules::word::Word};

use super::answer::{Answer, Failed};

/// Show the registry's keys, replace one, or declare one compromised.
#[derive(Debug, clap::Args)]
pub(super) struct Keys {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// List every key there ever was: what it signs, and for which entries of the log.
    #[command(
        long_about = "List every key there ever was, and those that are announced: what each signs, from which entry \
                      of the log and to which, and the name by which verifiers know it (a vkey for checkpoints and \
                      cosignatures, a DID URL for records). Reads the database only; the private keys are not touched."
    )]
    List {
        #[command(flatten)]
        settings: Flags,
    },
    /// Replace a key: the first run announces the next one, a run a day later puts it in force.
    #[command(
        long_about = "Replace the key that signs records, the log's checkpoints, or their times.\n\n\
                      The first run makes the next key (record.next.pem in the key folder), and announces it in the \
                      log, the DID document, the key list and the policy. Copy the file to the key folder of every \
                      other instance. A run a day later puts it in force: both keys sign the entry that says so, \
                      the new file takes the old one's place, and the old private key is destroyed. Nothing that was \
                      signed before is signed again, and all of it stays as valid as it was. A log key that was \
                      replaced signs beside its successor for 30 days; its file goes after that.\n\n\
                      Running instances on PostgreSQL take the new key up by themselves; one that does not have it \
                      signs nothing and says so at /readyz."
    )]
    Rotate {
        /// What the key signs.
        #[arg(value_parser = purpose())]
        purpose: Purpose,
        /// Put the next key in force at once. Whoever keeps the older keys refuses what it signs until they fetch them anew.
        #[arg(long)]
        now: bool,
        /// Announce another key than the one that was announced, whose file is lost or may be known to others.
        #[arg(long)]
        anew: bool,
        #[command(flatten)]
        settings: Flags,
    },
    /// Declare a key compromised: what it signs from now on does not count, and another takes over at once.
    #[command(
        long_about = "Declare that others may have a key. What it signed for earlier entries of the log stays valid; \
                      what it signs from now on does not count, whatever date it bears. If it is in force, the announced \
                      key, or a new one, takes over at once.\n\n\
                      A compromised log key ends the log; the command says what to do then."
    )]
    Compromise {
        /// What the key signs.
        #[arg(value_parser = purpose())]
        purpose: Purpose,
        /// The key, z6Mk…, as `keys list` shows it.
        key: PublicKey,
        #[command(flatten)]
        settings: Flags,
    },
}

fn purpose() -> impl TypedValueParser<Value = Purpose> {
    PossibleValuesParser::new(Purpose::all().iter().map(|purpose| purpose.as_str()))
        .try_map(|word| Purpose::from_word(&word).ok_or("not a purpose"))
}

impl Keys {
    pub(super) async fn run(self) -> Result<Answer, Failed> {
        match self.action {
            Action::List { settings } => list::run(&settings).await,
            Action::Rotate {
                purpose,
                now,
                anew,
                settings,
            } => turn::rotate(&settings, purpose, now, anew).await,
            Action::Compromise {
                purpose,
                key,
                settings,
            } => turn::compromise(&settings, purpose, key).await,
        }
    }
}
