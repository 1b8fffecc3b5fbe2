//! From a configuration and a registry's URL to a mirror of it that listens.

use std::{future::ready, net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use charter_proof::{identity::Base, note::Checkpoint};
use futures_util::future::BoxFuture;
use tokio::{runtime::Handle, sync::watch};

use super::{StartupError, assembled, make_data, open_directory, socket, stop_signal, witness};
use crate::{
    api::{self, witness::Booth},
    clock::Clock,
    config::Config,
    desk::{Desk, memberships::credential::Credentials},
    log::{
        key_files::KeyFolder,
        keyring::Keyring,
        mark::{self, Mark},
        memory::{Log, LogError, Names},
        signatory::Signatory,
        snapshot,
    },
    mirror::{
        follow::{Copies, Follower, Progress},
        pin::{Pin, PinError},
        source::{Source, SourceError},
        stage::Stage,
        standing::{CaughtUp, Standing},
    },
    notify::outbox::Post,
    storage::{Database, files::Files},
    witness::{
        add::Witness,
        cosigner::{Cosigner, Statement},
        logs::Logs,
    },
};

/// What is followed, and how.
pub struct Following {
    /// Where the registry is fetched from.
    pub url: String,
    /// Whom to trust: a policy's text. Without one, the keys that answer first.
    pub policy: Option<String>,
    /// How long after one round the next begins.
    pub every: Duration,
    /// As whom checkpoints of the registry are cosigned, and where that is asked for; not at all where it is none.
    pub cosign: Option<(String, SocketAddr)>,
    /// Told of how far it is.
    pub progress: Progress,
}

/// Why a mirror does not open.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// As a server.
    #[error(transparent)]
    Startup(#[from] StartupError),
    /// There is nothing to follow.
    #[error(transparent)]
    Pin(#[from] PinError),
    /// The registry cannot be reached at all.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What is kept is not a log.
    #[error(
        "what this mirror keeps is damaged: give it an empty database, and it fetches everything anew"
    )]
    Log(#[from] LogError),
    /// The high-water mark cannot be opened.
    #[error("the high-water mark {path}")]
    Mark {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

/// Mirrors a registry and serves it, until the process is asked to end.
pub async fn run(config: &Config, clock: Clock, following: Following) -> Result<(), MirrorError> {
    let stop = stop_signal().map_err(StartupError::Server)?;
    let socket = socket::bind(config.listen)?;
    make_data(config)?;
    let database = Database::connect(config.database_url.reveal())
        .await
        .map_err(StartupError::from)?;
    let source = Source::at(&following.url)?;
    let pin = Pin::settle(&database, &source, following.policy, clock.now()).await?;
    if pin.pinned.first_use {
        tracing::warn!(
            policy = pin.pinned.policy,
            "nobody vouched for the registry's keys: those that answered first are trusted from now on. Compare them \
             with another source, or give --policy FILE"
        );
    }
    // Each reads large files, and neither needs the other.
    let (desk, directory) = tokio::join!(
        opened(config, clock.clone(), database.clone(), pin.base.clone()),
        open_directory(config, &database, &pin.base, true)
    );
    let (mut desk, directory) = (desk?, directory?);
    desk.directory = Some(directory.clone());
    let stage = Stage::in_data(&config.data);
    let standing = Standing::new(
        pin.base.clone(),
        source.url().to_owned(),
        pin.pinned.first_use,
        pin.policy.clone(),
        stage.clone(),
    );
    let standing = Arc::new(standing);
    let booth = following.cosign.map(|(name, address)| {
        let logs = Logs::as_told(standing.log_keys());
        let booth = cosigning(config, &name, logs, &desk, standing.clone())?;
        witness::open(config, address, booth)
    });
    let cosigning = booth.transpose()?;
    let follower = Follower {
        source: Arc::new(source),
        database: desk.database.clone(),
        log: desk.signatory.log.clone(),
        directory: directory.clone(),
        clock,
        pin,
        standing,
        every: following.every,
        data: config.data.clone(),
        stage,
        progress: following.progress,
        copies: Copies::default(),
        lists: None,
        doubted: None,
    };
    let routes = api::routes::register;
    let listener = socket::listen(socket)?;
    let listening = assembled(config, listener, routes, desk, directory, Some(follower))
        .map_err(StartupError::Server)?;
    tracing::info!(
        address = %listening.address,
        public_url = %listening.desk.base(),
        source = following.url,
        "the mirror is open"
    );
    let Some(cosigning) = cosigning else {
        return Ok(listening.keeping_the_timetable(stop).await?);
    };
    tracing::info!(cosigns_at = %cosigning.address, "the mirror cosigns the registry's checkpoints");
    // Both end when the process is asked to, or the mirror does.
    let (end, mut ended) = watch::channel(());
    let stop = async move {
        stop.await;
        drop(end);
    };
    let stop_too = async move {
        // Nothing is ever sent: this is the end.
        let _ = ended.changed().await;
    };
    let (mirrored, cosigned) = tokio::join!(
        listening.keeping_the_timetable(stop),
        cosigning.until(stop_too)
    );
    mirrored?;
    Ok(cosigned?)
}

/// What cosigns checkpoints of the registry, and says besides of which its map was recomputed here.
fn cosigning(
    config: &Config,
    name: &str,
    logs: Logs,
    desk: &Desk,
    standing: Arc<Standing>,
) -> Result<Booth, StartupError> {
    let folder = KeyFolder::at(config.key_folder());
    let cosigner = |statement| Cosigner::open(&folder, name, statement, &desk.clock);
    let (log, map) = (cosigner(Statement::Log)?, cosigner(Statement::Map)?);
    let recomputed = move |checkpoint: Checkpoint| -> BoxFuture<'static, bool> {
        let caught_up = standing.caught_up();
        let is_this =
            |known: &CaughtUp| known.size == checkpoint.size && known.root == checkpoint.root;
        let is_recomputed = caught_up.borrow().as_ref().is_some_and(is_this);
        Box::pin(ready(is_recomputed))
    };
    Ok(Booth {
        witness: Arc::new(Witness::new(desk.database.clone(), logs, log, Some(map))),
        clock: desk.clock.clone(),
        runtime: Handle::current(),
        recomputed: Some(Arc::new(recomputed)),
    })
}

/// A desk that signs nothing: it has no key of the registry.
async fn opened(
    config: &Config,
    clock: Clock,
    database: Database,
    base: Base,
) -> Result<Desk, MirrorError> {
    let path = config.data.join(mark::FILE);
    let mark = Mark::open(&path).map_err(|source| MirrorError::Mark {
        path: path.clone(),
        source,
    })?;
    let names = Names {
        origin: base.origin(),
        clock: format!("{}/clock", base.host()),
    };
    let log = Log::new(mark, names, path.with_file_name(snapshot::FILE), None);
    let mut conn = database.read().await.map_err(StartupError::from)?;
    log.load(&mut conn).await?;
    drop(conn);
    let keyring = Keyring::of_nobody(KeyFolder::at(config.key_folder()), &clock);
    let name = config.registry_name.to_string();
    Ok(Desk {
        files: Files::open(&config.files, &config.data).map_err(StartupError::from)?,
        database,
        signatory: Arc::new(Signatory::new(base, name, keyring, log)),
        clock,
        post: Post::new(None),
        retention: config.retention,
        letter_folder: config.letter_folder().into(),
        credentials: Credentials::new(config.credential_term, config.data.clone()),
        directory: None,
        witnesses: None,
    })
}
