//! How the reading room follows the database: by the log's indices, from where it stands to the head.

use std::{
    fs::{DirBuilder, File, OpenOptions},
    io,
    num::NonZero,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    panic::resume_unwind,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock, atomic::Ordering},
    thread,
    time::Duration,
};

use charter_proof::{
    canonical::Digest,
    identity::Base,
    note::{Checkpoint, Note},
};

use super::{
    Directory, Error, Render, Shared,
    bytes::Reading,
    dumps::Dumps,
    frame::{self, Entry, Frame},
    index::Index,
    kept::Kept,
    pack::{FIRST, Pack},
    snapshot,
};
use crate::storage::{
    Connection, Database, charters::Published, log, memberships::Membership, records::Record,
};

/// How many log entries are taken in at a time.
const WINDOW: u64 = 1000;

/// How many members are shown by one processor before another one helps.
const SHARE: usize = 100;

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

impl Directory {
    /// Opens the reading room, or makes it anew, and brings it up to the log's head.
    pub async fn open(room: Room, source: Source) -> Result<Self, Error> {
        let found = match load(&room, &source) {
            Ok(found) => found,
            Err(error) => {
                tracing::warn!(cause = %error, "the directory cannot be read and is made anew");
                None
            }
        };
        let mut conn = source.database.read().await?;
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
            writer: tokio::sync::Mutex::new(Writer { room, pack, saved }),
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
        let followed = follow(&mut conn, &mut writer.pack, &self.0.index, &self.0.source).await;
        self.0.dumps.forget_before(self.index().applied);
        if let Err(Error::File(_)) = &followed {
            // The index may have taken in half of what the file has.
            self.0.damaged.store(true, Ordering::Relaxed);
        }
        followed
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
        let unsaved = {
            let writer = self.0.writer.lock().await;
            writer.pack.end.saturating_sub(writer.saved)
        };
        if unsaved > UNSAVED {
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

/// The files as they stand, up to the last whole change.
fn load(room: &Room, source: &Source) -> io::Result<Option<(Pack, Index, u64)>> {
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
    while let Some((frame, end)) = pack.frame(at)? {
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
    follow(conn, &mut pack, &index, source).await?;
    match std::fs::remove_file(room.snapshot()) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
        _ => std::fs::rename(&path, room.pack())?,
    }
    let index = index.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok((pack, index))
}

/// Takes in what the log has beyond the index.
async fn follow(
    conn: &mut Connection,
    pack: &mut Pack,
    index: &RwLock<Index>,
    source: &Source,
) -> Result<(), Error> {
    let size = readable(conn).await?;
    loop {
        let from = read(index, |index| index.applied);
        if from >= size {
            return Ok(());
        }
        let end = size.min(from + WINDOW);
        // What was committed since the head was read belongs to what a writer here must see at once.
        let before = if end == size { u64::MAX } else { end };
        let charters = Published::slugs_since(conn, from, before).await?;
        let members = Membership::changed_since(conn, from, before).await?;
        // After the members, so that no member's newest record is missed.
        let records = Record::appended_since(conn, from, before).await?;
        // Their members are shown anew, too: what they are called may have been part of it.
        let redacted = Record::redacted_since(conn, from, before).await?;
        let mut renamed = Vec::new();
        for record in &redacted {
            renamed.extend(Membership::find_anywhere(conn, record.member).await?);
        }
        let Some((_, last)) = log::entries(conn, end - 1, 1).await?.pop() else {
            return Ok(());
        };
        let mut frames = Vec::new();
        read(index, |index| {
            for slug in charters.iter().filter(|slug| index.charter(slug).is_none()) {
                frame::charter(slug, &mut frames);
            }
            let is_new = |record: &&Record| !index.records.contains(record.id.0.as_bytes());
            for record in records.iter().filter(is_new).chain(&redacted) {
                frame::record(record, &mut frames);
            }
            let is_newer = |member: &&Membership| {
                let known = index.member(*member.id.0.as_bytes());
                known.is_none_or(|known| u64::from(known.log_index) < member.log_index)
            };
            let shown = members.iter().filter(is_newer).chain(&renamed);
            let shown: Vec<&Membership> = shown.collect();
            show(&shown, source, &mut frames)
        })?;
        frame::applied(end, Digest::of(&last).as_bytes(), &mut frames);
        take_in(&frames, pack, index)?;
    }
}

/// Appends the frames of members; where they are many, all processors make some.
fn show(members: &[&Membership], source: &Source, frames: &mut Vec<u8>) -> Result<(), Error> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let share = members.len().div_ceil(processors).max(SHARE);
    let mut shares = members.chunks(share);
    let first = shares.next().unwrap_or_default();
    thread::scope(|scope| {
        let others = shares.map(|share| scope.spawn(move || shown(share, source)));
        let others: Vec<_> = others.collect();
        frames.append(&mut shown(first, source)?);
        for other in others {
            let made = other.join();
            frames.append(&mut made.unwrap_or_else(|panic| resume_unwind(panic))?);
        }
        Ok(())
    })
}

fn shown(members: &[&Membership], source: &Source) -> Result<Vec<u8>, Error> {
    let mut frames = Vec::new();
    for member in members {
        let json = (source.render)(member, &source.base);
        let (Some(json), Some(entry)) = (json, Entry::of(member)) else {
            return Err(Error::Render(member.id));
        };
        frame::member(&entry, &json, &mut frames);
    }
    Ok(frames)
}

/// How far the log is there for readers: up to its checkpoint. A registry commits that with each entry, a mirror once
/// everything up to it was checked.
async fn readable(conn: &mut Connection) -> Result<u64, Error> {
    let note = log::checkpoint(conn).await?;
    let note: Option<Note> = note.and_then(|note| note.parse().ok());
    let checkpoint: Option<Checkpoint> = note.and_then(|note| note.text().parse().ok());
    Ok(checkpoint.map_or(0, |checkpoint| checkpoint.size))
}

fn read<T>(index: &RwLock<Index>, ask: impl FnOnce(&Index) -> T) -> T {
    ask(&index.read().unwrap_or_else(PoisonError::into_inner))
}

/// Appends frames to the file and takes them into the index, all at once for its readers.
fn take_in(frames: &[u8], pack: &mut Pack, index: &RwLock<Index>) -> Result<(), Error> {
    let mut at = pack.append(frames)?;
    let mut rest = Reading(frames);
    let mut parsed = Vec::new();
    while !rest.0.is_empty() {
        let before = rest.0.len();
        let frame = frame::next(&mut rest)
            .ok_or(io::ErrorKind::InvalidData)
            .map_err(io::Error::from)?;
        parsed.push((frame, at));
        at += u64::try_from(before - rest.0.len()).unwrap_or(u64::MAX);
    }
    let mut index = index.write().unwrap_or_else(PoisonError::into_inner);
    Ok(index.apply_all(parsed)?)
}
