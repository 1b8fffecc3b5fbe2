//! The high-water mark: the largest checkpoint that was ever signed or observed here, outside the database.
//!
//! A database can be put back as it was a week ago; this file then still knows. It has two slots, of which the older
//! one is written, so that a power cut leaves at least one whole. Processes that share a data folder share it.

use std::{
    fs::{File, OpenOptions},
    io,
    os::unix::fs::{FileExt as _, OpenOptionsExt as _},
    path::Path,
    sync::{Mutex, PoisonError},
};

use charter_proof::note::{Checkpoint, Note};

/// What a slot begins with.
const MAGIC: [u8; 8] = *b"chrmark1";

/// How long a slot is.
const SLOT: u64 = 16_384;

/// The file of the mark, under the data folder.
pub const FILE: &str = "log.mark";

/// The high-water mark.
pub struct Mark(Mutex<File>);

/// What stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The signed note.
    pub note: String,
}

impl Mark {
    /// Opens the file, made when missing.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.mode(0o600).open(path)?;
        if let Some(folder) = path
            .parent()
            .filter(|_| file.metadata().is_ok_and(|it| it.len() == 0))
        {
            // The file's own name must outlive a power cut, too.
            File::open(folder)?.sync_all()?;
        }
        Ok(Self(Mutex::new(file)))
    }

    /// The largest checkpoint; none before the first.
    pub fn read(&self) -> io::Result<Option<Marked>> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(newest(&file)?.map(|(_, marked)| marked))
    }

    /// Raises the mark, and returns once that is on the disk; what is not larger changes nothing.
    pub fn advance(&self, checkpoint: &Checkpoint, note: &str) -> io::Result<()> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.lock()?;
        let written = raise(&file, checkpoint, note);
        file.unlock()?;
        written
    }

    /// Sets the mark to this checkpoint, whatever it was: an operator said so.
    pub fn reset(&self, checkpoint: &Checkpoint, note: &str) -> io::Result<()> {
        let file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        file.lock()?;
        let written = file
            .set_len(0)
            .and_then(|()| raise(&file, checkpoint, note));
        file.unlock()?;
        written
    }
}

fn raise(file: &File, checkpoint: &Checkpoint, note: &str) -> io::Result<()> {
    let newest = newest(file)?;
    if let Some((_, marked)) = &newest
        && marked.checkpoint.size >= checkpoint.size
    {
        return Ok(());
    }
    let slot = newest.map_or(0, |(slot, _)| 1 - slot);
    let mut bytes = MAGIC.to_vec();
    let length = u32::try_from(note.len()).map_err(io::Error::other)?;
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(note.as_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
    if u64::try_from(bytes.len()).is_ok_and(|length| length > SLOT) {
        return Err(io::Error::other("the checkpoint is too long for the mark"));
    }
    file.write_all_at(&bytes, slot * SLOT)?;
    file.sync_data()
}

/// The slot with the larger checkpoint.
fn newest(file: &File) -> io::Result<Option<(u64, Marked)>> {
    let slots = [(0, read_slot(file, 0)?), (1, read_slot(file, 1)?)];
    let whole = slots
        .into_iter()
        .filter_map(|(slot, marked)| Some((slot, marked?)));
    Ok(whole.max_by_key(|(_, marked)| marked.checkpoint.size))
}

/// What a slot says; none where it was never written, or not to its end.
fn read_slot(file: &File, slot: u64) -> io::Result<Option<Marked>> {
    let mut head = [0; 12];
    match file.read_exact_at(&mut head, slot * SLOT) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let (magic, length) = head.split_at(8);
    let length = u32::from_le_bytes(length.try_into().unwrap_or_default());
    if magic != MAGIC || u64::from(length) > SLOT - 16 {
        return Ok(None);
    }
    let mut rest = vec![0; usize::try_from(length).unwrap_or(0) + 4];
    match file.read_exact_at(&mut rest, slot * SLOT + 12) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        read => read?,
    }
    let Some((note, checksum)) = rest.split_last_chunk::<4>() else {
        return Ok(None);
    };
    let sum = crc32fast::hash(&[&head, note].concat());
    let note = std::str::from_utf8(note)
        .ok()
        .filter(|_| sum == u32::from_le_bytes(*checksum));
    Ok(note.and_then(marked))
}

/// A signed note as a mark.
pub fn marked(note: &str) -> Option<Marked> {
    let parsed: Note = note.parse().ok()?;
    Some(Marked {
        checkpoint: parsed.text().parse().ok()?,
        note: note.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::FileExt as _};

    use charter_proof::{
        canonical::Digest,
        keys::SecretKey,
        note::{Checkpoint, Note},
    };

    use super::{Mark, SLOT};

    fn checkpoint(size: u64) -> (Checkpoint, String) {
        let checkpoint = Checkpoint {
            origin: "registry.example/log".to_owned(),
            size,
            root: Digest::of(&size.to_be_bytes()),
        };
        let mut note = Note::new(checkpoint.to_string()).unwrap();
        note.sign("registry.example/log", &SecretKey::from_seed([1; 32]));
        (checkpoint, note.to_string())
    }

    #[test]
    fn the_mark_only_rises_and_a_slot_half_written_leaves_the_other() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.mark");
        let mark = Mark::open(&path).unwrap();
        assert_eq!(mark.read().unwrap(), None);
        for size in [2, 5, 4, 9, 9, 2] {
            let (checkpoint, note) = checkpoint(size);
            mark.advance(&checkpoint, &note).unwrap();
        }
        let newest = |mark: &Mark| mark.read().unwrap().unwrap().checkpoint.size;
        assert_eq!(newest(&mark), 9);
        // Another process sees it, and what it raises is seen here.
        let other = Mark::open(&path).unwrap();
        assert_eq!(newest(&other), 9);
        let (larger, note) = checkpoint(12);
        other.advance(&larger, &note).unwrap();
        assert_eq!(newest(&mark), 12);

        for damaged in [0, 1] {
            let whole = fs::read(&path).unwrap();
            let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.write_all_at(b"?", damaged * SLOT + 40).unwrap();
            assert!([9, 12].contains(&newest(&mark)), "{damaged}");
            fs::write(&path, whole).unwrap();
        }
        let (smaller, note) = checkpoint(3);
        mark.reset(&smaller, &note).unwrap();
        assert_eq!(newest(&mark), 3);
    }
}
