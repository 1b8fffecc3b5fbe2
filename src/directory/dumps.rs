//! Dumps: the members of a charter as they stand at a checkpoint, whole, kept as files until the log moves.
//!
//! A dump is made in one snapshot of the database, a page at a time, so that it never is in memory; one is made at a
//! time. Its files have no names: nothing of them outlives the process, and nothing of an older one its last reader.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufWriter, Read, Write as _},
    os::unix::fs::FileExt as _,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use charter_proof::{
    canonical::Digest,
    identity::Base,
    note::{Checkpoint, Note},
};
use chrono::{DateTime, Utc};

use super::{Directory, Error, Source};
use crate::storage::{Connection, Transaction, charters::Published, log, memberships::Membership};

/// How many members are read at a time.
const PAGE: i64 = 500;

/// In which form members are written down.
#[derive(Debug)]
pub struct Form {
    /// Its name, which ends the file's.
    pub extension: &'static str,
    /// Its media type.
    pub media_type: &'static str,
    /// What a dump begins with.
    pub head: fn(&Heading) -> Vec<u8>,
    /// What stands there of a member.
    pub member: fn(&Membership, &Heading) -> Option<Vec<u8>>,
    /// What a dump ends with.
    pub foot: &'static str,
}

/// What a dump is of.
#[derive(Debug)]
pub struct Heading {
    /// The charter, in its current version.
    pub charter: Published,
    /// The registry's public address.
    pub base: Base,
    /// The licence of the data, an identifier of SPDX.
    pub licence: Arc<str>,
    /// The checkpoint that it stands at.
    pub checkpoint: Checkpoint,
    /// The time of that checkpoint's last entry.
    pub at: Option<DateTime<Utc>>,
    /// The log index since which something happened to the members that it has; all where there is none.
    pub since: Option<u64>,
}

/// A dump.
#[derive(Debug)]
pub struct Dump {
    /// The checkpoint that it stands at.
    pub checkpoint: Checkpoint,
    /// A digest that differs where the dump does.
    pub digest: Digest,
    plain: Stored,
    encoded: tokio::sync::Mutex<HashMap<&'static str, Stored>>,
    folder: PathBuf,
}

/// The bytes of a dump in one encoding.
#[derive(Debug, Clone)]
pub struct Stored {
    file: Arc<File>,
    /// How many there are.
    pub length: u64,
}

/// What was asked: the charter, and the form's name.
type Question = (String, &'static str);

/// The dumps that were made since the log last moved.
pub(super) struct Dumps {
    folder: PathBuf,
    by_question: Mutex<HashMap<Question, Arc<Dump>>>,
    making: tokio::sync::Mutex<()>,
}

impl Dumps {
    /// No dumps yet, whose files will lie in this folder.
    pub(super) fn in_folder(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
            by_question: Mutex::default(),
            making: tokio::sync::Mutex::default(),
        }
    }

    /// Forgets what stands at a checkpoint before this size.
    pub(super) fn forget_before(&self, size: u64) {
        let mut dumps = self
            .by_question
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        dumps.retain(|_, dump| dump.checkpoint.size >= size);
    }

    fn get(&self, question: &Question, size: u64) -> Option<Arc<Dump>> {
        let dumps = self
            .by_question
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let found = dumps.get(question);
        found.filter(|dump| dump.checkpoint.size >= size).cloned()
    }
}

impl Directory {
    /// The members of a charter to whom something happened since a log index, made for whoever asks and not kept; none
    /// where there is no such charter.
    pub async fn dump_since(
        &self,
        charter: &str,
        form: &'static Form,
        since: u64,
    ) -> Result<Option<Arc<Dump>>, Error> {
        let dumps = &self.0.dumps;
        let _making = dumps.making.lock().await;
        let made = made(&self.0.source, &dumps.folder, charter, form, Some(since)).await?;
        Ok(made.map(Arc::new))
    }

    /// The members of a charter in this form, as they stand at a checkpoint of `size` entries or a newer one; none where
    /// there is no such charter.
    pub async fn dump(
        &self,
        charter: &str,
        form: &'static Form,
        size: u64,
    ) -> Result<Option<Arc<Dump>>, Error> {
        let dumps = &self.0.dumps;
        let question = (charter.to_owned(), form.extension);
        if let Some(dump) = dumps.get(&question, size) {
            return Ok(Some(dump));
        }
        let _making = dumps.making.lock().await;
        if let Some(dump) = dumps.get(&question, size) {
            return Ok(Some(dump));
        }
        let Some(dump) = made(&self.0.source, &dumps.folder, charter, form, None).await? else {
            return Ok(None);
        };
        let dump = Arc::new(dump);
        let mut kept = dumps
            .by_question
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        kept.insert(question, dump.clone());
        Ok(Some(dump))
    }
}

/// Makes a dump; none where there is no such charter, or no checkpoint.
async fn made(
    source: &Source,
    folder: &Path,
    charter: &str,
    form: &Form,
    since: Option<u64>,
) -> Result<Option<Dump>, Error> {
    let mut snapshot = source.database.snapshot().await?;
    let Some(heading) = heading(&mut snapshot, source, charter, since).await? else {
        return Ok(None);
    };
    let plain = written(&mut snapshot, folder, form, &heading).await?;
    snapshot.commit().await?;
    Ok(Some(Dump {
        digest: Digest::of_parts(&[
            &source.fingerprint,
            charter.as_bytes(),
            b"\n",
            form.extension.as_bytes(),
            b"\n",
            source.licence.as_bytes(),
            &since.map_or([u8::MAX; 8], u64::to_be_bytes),
            heading.checkpoint.root.as_bytes(),
        ]),
        checkpoint: heading.checkpoint,
        plain,
        encoded: tokio::sync::Mutex::default(),
        folder: folder.to_owned(),
    }))
}

async fn heading(
    conn: &mut Connection,
    source: &Source,
    charter: &str,
    since: Option<u64>,
) -> Result<Option<Heading>, Error> {
    let Some(charter) = Published::current(conn, charter).await? else {
        return Ok(None);
    };
    let note = log::checkpoint(conn).await?;
    let note: Option<Note> = note.and_then(|note| note.parse().ok());
    let Some(checkpoint) = note.and_then(|note| note.text().parse().ok()) else {
        return Ok(None);
    };
    Ok(Some(Heading {
        charter,
        base: source.base.clone(),
        licence: source.licence.clone(),
        checkpoint,
        at: log::head(conn).await?.last_at,
        since,
    }))
}

/// Writes a dump to a file without a name.
async fn written(
    snapshot: &mut Transaction,
    folder: &Path,
    form: &Form,
    heading: &Heading,
) -> Result<Stored, Error> {
    let mut out = BufWriter::with_capacity(1 << 16, tempfile::tempfile_in(folder)?);
    out.write_all(&(form.head)(heading))?;
    let (slug, mut after) = (heading.charter.version.slug(), 0);
    loop {
        let page =
            Membership::by_number(snapshot, slug.as_str(), after, heading.since, PAGE).await?;
        let Some(last) = page.last() else {
            break;
        };
        after = last.number;
        for member in &page {
            let shown = (form.member)(member, heading);
            out.write_all(&shown.ok_or(Error::Render(member.id))?)?;
        }
    }
    out.write_all(form.foot.as_bytes())?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    Ok(Stored::of(file)?)
}

impl Dump {
    /// Its bytes as they are.
    pub const fn plain(&self) -> &Stored {
        &self.plain
    }

    /// Its bytes in an encoding of this name, which is made when it is first asked for.
    pub async fn encoded(
        &self,
        name: &'static str,
        encode: impl FnOnce(&mut Reader, &mut File) -> io::Result<()> + Send + 'static,
    ) -> Result<Stored, Error> {
        let mut encoded = self.encoded.lock().await;
        if let Some(stored) = encoded.get(name) {
            return Ok(stored.clone());
        }
        let (mut from, folder) = (Reader(self.plain.clone(), 0), self.folder.clone());
        let stored = tokio::task::spawn_blocking(move || {
            let mut file = tempfile::tempfile_in(folder)?;
            encode(&mut from, &mut file)?;
            Stored::of(file)
        });
        let stored = stored.await.map_err(io::Error::other)??;
        encoded.insert(name, stored.clone());
        Ok(stored)
    }
}

impl Stored {
    fn of(file: File) -> io::Result<Self> {
        Ok(Self {
            length: file.metadata()?.len(),
            file: Arc::new(file),
        })
    }

    /// The bytes from one place up to another.
    pub fn read(&self, from: u64, to: u64) -> io::Result<Vec<u8>> {
        let length = usize::try_from(to.saturating_sub(from)).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, from)?;
        Ok(bytes)
    }
}

/// Reads stored bytes from their first to their last.
pub struct Reader(Stored, u64);

impl Read for Reader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.0.file.read_at(into, self.1)?;
        self.1 += u64::try_from(read).unwrap_or(u64::MAX);
        Ok(read)
    }
}
