//! Why a server does not begin.

use std::{io, net::SocketAddr, path::PathBuf};

use charter_proof::{
    identity::BaseError,
    note::{CheckpointError, NoteError},
    policy::PolicyError,
};

use crate::{
    directory,
    log::gate::GateError,
    storage,
    witness::{asking::AskingError, cosigner::CosignerError, logs::ParseLogsError},
};

/// Why a file is no signed checkpoint.
#[derive(Debug, thiserror::Error)]
pub enum NoCheckpoint {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] io::Error),
    /// It is no signed note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// What is signed is no checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// Why the registry does not open or serve.
#[derive(Debug, thiserror::Error)]
pub enum StartupError {
    /// The data folder cannot be made.
    #[error("could not make the data folder {path}")]
    Data {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The database or the file storage cannot be opened.
    #[error(transparent)]
    Storage(#[from] storage::Error),
    /// The log is not one to sign on.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The witness policy cannot be read.
    #[error("could not read {path}")]
    PolicyFile {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is none.
    #[error("{path} is no witness policy")]
    Policy {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: PolicyError,
    },
    /// The last checkpoint of the log that is succeeded cannot be used.
    #[error("{path} is not the last checkpoint of the log that is to be succeeded")]
    Predecessor {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: NoCheckpoint,
    },
    /// A list of logs to be witnessed is none.
    #[error("{path} is no list of logs")]
    Logs {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ParseLogsError,
    },
    /// There is no key to cosign with.
    #[error(transparent)]
    Cosigner(#[from] CosignerError),
    /// Its witnesses cannot be asked.
    #[error(transparent)]
    Witnesses(#[from] AskingError),
    /// The public address is neither set nor known.
    #[error(
        "the registry's public address is not known from {listen}: set the one it was begun with, by \
         --public-url, CHARTER_PUBLIC_URL or public_url"
    )]
    PublicUrl {
        /// Where the server is to listen.
        listen: SocketAddr,
        /// What the listening address lacks.
        #[source]
        source: BaseError,
    },
    /// What readers are answered from cannot be opened or made.
    #[error(transparent)]
    Directory(#[from] directory::Error),
    /// Nobody may listen there.
    #[error(
        "could not listen on {listen}: choose another address with --listen, CHARTER_LISTEN or listen"
    )]
    Listen {
        /// The address.
        listen: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Nobody is named as the sender of letters, and the public host is no part of an address.
    #[error(
        "letters need an address that they come from: set --letters-from, CHARTER_LETTERS_FROM or letters_from"
    )]
    LettersFrom,
    /// The server could not begin, or broke off.
    #[error("the HTTP server failed")]
    Server(#[source] io::Error),
}
