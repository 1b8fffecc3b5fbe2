//! How the reading room follows the database: by the log's indices, from where it stands to the head.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, atomic::Ordering},
    time::Duration,
};

use charter_proof::{
    canonical::Digest,
    identity::Base,
    note::{Checkpoint, Note},
};

use super::{
    Directory, Error, Render, Shared,
    changes::{self, Changes},
    dumps::Dumps,
    frame::Frame,
    index::Index,
    kept::Kept,
    pack::{FIRST, Pack},
    snapshot,
};
use crate::storage::{Connection, Database, log, mirror};

/// How many log entries are taken in at a time.
const WINDOW: u64 = 1000;

/// How often what other instances committed is looked for.
const BEAT: Duration = Duration::from_millis(500);

/// After how many bytes of the packed file the index is written down again: as many as a start reads at once.
const UNSAVED: u64 = 16 << 20;

/// How many bytes of the packed file may be dead, beside as many as are alive, before it is made anew.
const DEAD: u64 = 64 << 20;

/// How many processes may share a data folder.
const ROOMS: u32 = 64;

/// What the reading room is made from.
#[derive(Clone)]
pub struct Source {
    /// The database that it follows.
    pub database: Database,
    /// The registry's public address, which answers contain.
    pub base: Base,
    /// Makes the answers about members.
    pub render: Render,
    /// Of what the answers' form depends on: files of another fingerprint are not used.
    pub fingerprint: [u8; 32],
    /// The licence of the data, an identifier of SPDX.
    pub licence: Arc<str>,
    /// Whether the database is a mirror's, whose tables may tell less than its log.
    pub is_mirror: bool,
}

/// The folder of one process's files, which no other process uses meanwhile.
pub struct Room {
    folder: PathBuf,
    _lock: File,
}

/// What only one task at a time may do: append, and write the index down.
pub(super) struct Writer {
    room: Room,
    pack: Pack,
    /// How long the packed file was when the index was last written down.
    saved: u64,
    /// Whether more is taken in than is published.
    is_ahead: bool,
}

impl Writer {
    /// Whether the index is to be written down. While a registry is copied, that is done only now and then: a start leaves
    /// the rest to be read from the database again.
    fn is_due(&self) -> bool {
        let least = if self.is_ahead {
            UNSAVED.max(self.saved / 2)
        } else {
            UNSAVED
        };
        self.pack.end.saturating_sub(self.saved) > least
    }
}

impl Room {
    /// Takes the first folder at `path`, or beside it under the next number, that no process uses.
    pub fn take(path: &Path) -> io::Result<Self> {
        for number in 1..=ROOMS {
            let mut folder = path.to_path_buf();
            if number > 1 {
                folder.as_mut_os_string().push(format!("-{number}"));
            }
            DirBuilder::new()
                .recursive(true)
                .mode(0o700)
                .create(&folder)?;
            let mut options = OpenOptions::new();
            options.write(true).create(true).truncate(false).mode(0o600);
            let lock = options.open(folder.join("lock"))?;
            if lock.try_lock().is_ok() {
                return Ok(Self {
                    folder,
                    _lock: lock,
                });
            }
        }
        Err(io::Error::other(
            "every directory folder is in use by another process",
        ))
    }

    fn pack(&self) -> PathBuf {
        self.folder.join("members.pack")
    }

    fn snapshot(&self) -> PathBuf {
        self.folder.join("members.index")
    }
}

impl Shared {
    /// Takes in what the database's log has up to this size.
    async fn follow(
        &self,
        writer: &mut Writer,
        conn: &mut Connection,
        size: u64,
    ) -> Result<(), Error> {
        let followed = follow(conn, &mut writer.pack, &self.index, &self.source, size).await;
        self.looked_over(followed)
    }

    /// Notes where the index may have taken in half of what the file has.
    fn looked_over(&self, followed: Result<(), Error>) -> Result<(), Error> {
        if let Err(Error::File(_)) = &followed {
            self.damaged.store(true, Ordering::Relaxed);
        }
        followed
    }
}

impl Directory {
    /// Opens the reading room, or makes it anew, and brings it up to the log's head.
    pub async fn open(room: Room, source: Source) -> Result<Self, Error> {
        let mut conn = source.database.read().await?;
        let is_published = readable(&mut conn, &source).await? > 0;
        let found = match load(&room, &source, is_published) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(cause = %error, "the directory cannot be read and is made anew");
                None
            }
        };
        let (pack, index, saved) = match found {
            Some((pack, index, saved)) if is_of(&mut conn, &index).await? => (pack, index, saved),
            found => {
                let reason = if found.is_some() {
                    "is of another database"
                } else {
                    "is not there"
                };
                tracing::info!("the directory {reason}: it is made from the database");
                let (pack, index) = rebuilt(&mut conn, &room, &source).await?;
                (pack, index, 0)
            }
        };
        drop(conn);
        let dumps = Dumps::in_folder(&room.folder);
        let directory = Self(Arc::new(Shared {
            index: RwLock::new(index),
            source,
            writer: tokio::sync::Mutex::new(Writer {
                room,
                pack,
                saved,
                is_ahead: false,
            }),
            kept: Kept::default(),
            dumps,
            damaged: false.into(),
        }));
        directory.catch_up(u64::MAX).await?;
        if saved == 0 {
            directory.save().await?;
        }
        Ok(directory)
    }

    /// Takes in what the log has, unless everything before `size` is taken in already.
    pub async fn catch_up(&self, size: u64) -> Result<(), Error> {
        if self.index().applied >= size {
            return Ok(());
        }
        let mut writer = self.0.writer.lock().await;
        if self.index().applied >= size {
            return Ok(());
        }
        let mut conn = self.0.source.database.read().await?;
        let size = readable(&mut conn, &self.0.source).await?;
        let followed = self.0.follow(&mut writer, &mut conn, size).await;
        self.0.dumps.forget_before(self.index().applied);
        writer.is_ahead = self.index().applied > size;
        followed
    }

    /// Takes in what was copied from another registry and is not published yet, so that readers find it made once they
    /// are let in. Whatever of the log is missing before it is read from the database.
    pub async fn copy(&self, changes: Changes) -> Result<(), Error> {
        let from = changes.from;
        if self.index().applied < from {
            let mut writer = self.0.writer.lock().await;
            let mut conn = self.0.source.database.read().await?;
            self.0.follow(&mut writer, &mut conn, from).await?;
        }
        let shared = self.0.clone();
        let copied = tokio::task::spawn_blocking(move || {
            let mut writer = shared.writer.blocking_lock();
            if changes::read(&shared.index, |index| index.applied) != from {
                return Ok(());
            }
            writer.is_ahead = true;
            let applied = changes.apply(&mut writer.pack, &shared.index, &shared.source);
            shared.looked_over(applied)
        });
        copied.await.map_err(io::Error::other)?
    }

    /// Keeps the room up, for ever: follows other instances, writes the index down, mends what is damaged.
    pub async fn keep_up(self) {
        let mut beat = tokio::time::interval(BEAT);
        loop {
            beat.tick().await;
            if let Err(error) = self.look_after().await {
                tracing::warn!(cause = %error, "the directory lags behind the database");
            }
        }
    }

    async fn look_after(&self) -> Result<(), Error> {
        let is_wasteful = {
            let index = self.index();
            index.dead > DEAD && index.dead > index.file.metadata()?.len() / 2
        };
        if is_wasteful || self.0.damaged.swap(false, Ordering::Relaxed) {
            self.rebuild().await?;
        }
        if matches!(self.0.source.database, Database::Postgres(_)) {
            let mut conn = self.0.source.database.read().await?;
            let size = log::head(&mut conn).await?.size;
            drop(conn);
            self.catch_up(size).await?;
        }
        let is_due = self.0.writer.lock().await.is_due();
        if is_due {
            self.save().await?;
        }
        Ok(())
    }

    async fn rebuild(&self) -> Result<(), Error> {
        tracing::warn!("the directory is made anew from the database");
        let mut writer = self.0.writer.lock().await;
        let mut conn = self.0.source.database.read().await?;
        let (pack, index) = rebuilt(&mut conn, &writer.room, &self.0.source).await?;
        (writer.pack, writer.saved) = (pack, 0);
        *self.0.index.write().unwrap_or_else(PoisonError::into_inner) = index;
        Ok(())
    }

    /// Writes the index down, so that the next start reads it.
    pub async fn save(&self) -> Result<(), Error> {
        let directory = self.clone();
        let saved = tokio::task::spawn_blocking(move || {
            // Nothing changes the index while the writer is held, so its readers never wait for this.
            let mut writer = directory.0.writer.blocking_lock();
            let (end, path) = (writer.pack.end, writer.room.snapshot());
            if writer.saved != end {
                let fingerprint = &directory.0.source.fingerprint;
                snapshot::save(&directory.index(), end, fingerprint, &path)?;
                writer.saved = end;
            }
            Ok::<_, io::Error>(())
        });
        Ok(saved.await.map_err(io::Error::other)??)
    }
}

/// The files as they stand, up to the last whole change; or up to where the index was last written down, as long as nothing
/// is published and there is no hurry.
fn load(
    room: &Room,
    source: &Source,
    is_published: bool,
) -> io::Result<Option<(Pack, Index, u64)>> {
    let Some(mut pack) = Pack::open(&room.pack(), &source.fingerprint)? else {
        return Ok(None);
    };
    let saved = snapshot::load(&room.snapshot(), &source.fingerprint, &pack.file)?;
    let (mut index, saved) = match saved {
        Some((index, end)) if end <= pack.end => (index, end),
        // A snapshot that knows more than the packed file is of another one.
        Some(_) => return Ok(None),
        None => (Index::of_nothing(pack.file.clone()), 0),
    };
    let (mut whole, mut at, mut waiting) = (saved.max(FIRST), saved.max(FIRST), Vec::new());
    while is_published && let Some((frame, end)) = pack.frame(at)? {
        let closes = matches!(frame, Frame::Applied(..));
        waiting.push((frame, at));
        at = end;
        if closes {
            index.apply_all(waiting.drain(..))?;
            whole = at;
        }
    }
    pack.cut(whole)?;
    Ok(Some((pack, index, saved)))
}

/// Whether the index follows this database's log.
async fn is_of(conn: &mut Connection, index: &Index) -> Result<bool, Error> {
    let Some(last) = index.applied.checked_sub(1) else {
        return Ok(true);
    };
    let entry = log::entries(conn, last, 1).await?.pop();
    Ok(entry.is_some_and(|(at, body)| at == last && *Digest::of(&body).as_bytes() == index.last))
}

/// New files made from the whole database, put in the place of the old ones.
async fn rebuilt(
    conn: &mut Connection,
    room: &Room,
    source: &Source,
) -> Result<(Pack, Index), Error> {
    let path = room.pack().with_extension("new");
    let mut pack = Pack::create(&path, &source.fingerprint)?;
    let index = RwLock::new(Index::of_nothing(pack.file.clone()));
    let size = readable(conn, source).await?;
    follow(conn, &mut pack, &index, source, size).await?;
    match std::fs::remove_file(room.snapshot()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => std::fs::rename(&path, room.pack())?,
    }
    let index = index.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((pack, index))
}

/// Takes in what the log has beyond the index, up to this size.
async fn follow(
    conn: &mut Connection,
    pack: &mut Pack,
    index: &RwLock<Index>,
    source: &Source,
    size: u64,
) -> Result<(), Error> {
    loop {
        let from = changes::read(index, |index| index.applied);
        if from >= size {
            return Ok(());
        }
        let end = size.min(from + WINDOW);
        // What was committed since the head was read belongs to what a writer here must see at once.
        let before = if end == size { u64::MAX } else { end };
        let Some(changes) = Changes::read(conn, from..end, before).await? else {
            return Ok(());
        };
        changes.apply(pack, index, source)?;
    }
}

/// How far the log is there for readers: up to its checkpoint. A registry commits that with each entry, a mirror once
/// everything up to it was checked, and is read once its tables tell as much.
async fn readable(conn: &mut Connection, source: &Source) -> Result<u64, Error> {
    if source.is_mirror && mirror::told(conn).await?.is_some() {
        return Ok(0);
    }
    let note = log::checkpoint(conn).await?;
    let note: Option<Note> = note.and_then(|note| note.parse().ok());
    let checkpoint: Option<Checkpoint> = note.and_then(|note| note.text().parse().ok());
    Ok(checkpoint.map_or(0, |checkpoint| checkpoint.size))
}
